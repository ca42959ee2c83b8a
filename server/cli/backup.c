/* `fedgate backup` and `fedgate restore`: everything that is kept, as one file, and back. */
#include "server/backup/backup.h"

#include "server/cli/client.h"
#include "server/cli/commands.h"
#include "server/cli/local.h"
#include "server/store/accounts.h"
#include "server/store/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- backup ---- */

static int copy(int from, uint64_t size, int to)
{
    uint8_t piece[65536];
    for (uint64_t done = 0; done < size;) {
        ssize_t n = read(from, piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        for (ssize_t at = 0; at < n;) {
            ssize_t w = write(to, piece + at, (size_t)(n - at));
            if (w < 0 && errno == EINTR) continue;
            if (w < 0) return errno;
            at += w;
        }
        done += (uint64_t)n;
    }
    return 0;
}

static int offline(struct fg_local *l, int fd)
{
    char why[FG_WHY];
    int from;
    uint64_t size;
    int err = fg_local_audit(l, "backup", "", "");
    if (err) return fg_local_failed(l, err, "the backup could not be noted in the audit");
    if (fg_backup_make(l->store, &from, &size, why)) return fg_failed("%s", why);
    err = copy(from, size, fd);
    close(from);
    return err ? fg_failed("the backup could not be written: %s", strerror(err)) : FG_EXIT_OK;
}

static int online(const struct fg_local *l, int fd)
{
    struct fg_client_answer a;
    int err = fg_client_download(l->socket, "POST", "/api/v1/backup", fd, &a);
    if (err) return fg_failed("no backup from the server at %s: %s", l->socket, strerror(err));
    int rc = a.status == 200 ? FG_EXIT_OK : fg_client_refused(&a);
    fg_client_answer_free(&a);
    return rc;
}

/* What stands in the file is read again before it gets its name. */
static int finish(int fd, const char *temp, const char *file)
{
    struct fg_backup_info info;
    char why[FG_WHY];
    if (fsync(fd)) return fg_failed("cannot write %s: %s", temp, strerror(errno));
    if (fg_backup_check(fd, &info, why)) return fg_failed("what was written is not whole: %s", why);
    if (rename(temp, file)) return fg_failed("cannot make %s: %s", file, strerror(errno));
    printf("%s: %llu bytes, with %u keys; keep it as safe as them\n", file,
           (unsigned long long)info.size, info.keys);
    return FG_EXIT_OK;
}

static int backup_to(struct fg_local *l, const char *file)
{
    char *temp = NULL;
    if (asprintf(&temp, "%s.XXXXXX", file) < 0) return fg_failed("out of memory");
    int fd = mkostemp(temp, O_CLOEXEC); /* 0600 */
    int rc = FG_EXIT_FAILED;
    if (fd < 0) {
        fg_failed("cannot make %s: %s", temp, strerror(errno));
    } else {
        rc = l->online ? online(l, fd) : offline(l, fd);
        if (!rc) rc = finish(fd, temp, file);
        close(fd);
        if (rc) unlink(temp);
    }
    free(temp);
    return rc;
}

int fg_cmd_backup(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    fg_common_init(&c);
    const char *file;
    const struct fg_flag flags[] = {FG_FLAG_DATA_DIR(&c), FG_FLAG_SOCKET(&c)};
    const struct fg_usage u = {"backup", "FILE",
                               "Writes configuration, accounts, audit and keys to one file, also "
                               "beside a running server. A file of that name is replaced.",
                               flags, sizeof flags / sizeof *flags};
    int rc = fg_options_parse(&u, argc, argv, &file, 1, 1);
    if (rc != FG_EXIT_NONE) return rc;
    if (access(c.data_dir, F_OK)) return fg_failed("there is no data directory %s", c.data_dir);
    rc = fg_local_open(&l, &c);
    if (!rc) rc = backup_to(&l, file);
    fg_local_close(&l);
    return rc;
}

/* ---- restore ---- */

/* Brings the database to this program's schema, ends the sessions of then, and notes the restore.
 */
static int settle(const struct fg_common *c)
{
    struct fg_local l;
    uint64_t revision = 0;
    int rc = fg_local_open(&l, c);
    if (rc) return rc;
    int err = fg_store_begin(l.store);
    if (!err) {
        err = fg_session_expire(l.store, INT64_MAX, INT64_MAX, 0);
        if (!err) err = fg_local_audit(&l, "restore", "", "");
        err = fg_store_end(l.store, err);
    }
    if (!err) err = fg_revision_current(l.store, &revision);
    rc = err ? fg_local_failed(&l, err, "the restored database cannot be used") : FG_EXIT_OK;
    if (!rc) printf("restored into %s: revision %llu\n", c->data_dir, (unsigned long long)revision);
    fg_local_close(&l);
    return rc;
}

int fg_cmd_restore(int argc, char **argv)
{
    struct fg_common c;
    fg_common_init(&c);
    const char *file;
    char why[FG_WHY];
    const struct fg_flag flags[] = {FG_FLAG_DATA_DIR(&c)};
    const struct fg_usage u = {"restore", "FILE",
                               "Fills an empty data directory from a backup. Everybody is signed "
                               "out; a damaged file is refused and nothing is written.",
                               flags, sizeof flags / sizeof *flags};
    int rc = fg_options_parse(&u, argc, argv, &file, 1, 1);
    if (rc != FG_EXIT_NONE) return rc;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fg_failed("cannot open %s: %s", file, strerror(errno));
    int err = fg_backup_restore(fd, c.data_dir, why);
    close(fd);
    return err ? fg_failed("%s", why) : settle(&c);
}
