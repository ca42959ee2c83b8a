/* Restoring: into an empty data directory only, the database's name last. */
#include "server/backup/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The database while it is being written; where it stands, a restore was interrupted. */
static const char unfinished[] = "fedgate.db.restoring";

struct restore {
    int fd; /* of the backup */
    struct fg_datadir *dir;
    char *database, *temp; /* paths */
};

/* ---- is there room? ---- */

static bool entry_counts(const char *path, const char *name);

/* Calls for every name but "." and ".."; a directory that is missing has none. */
static bool is_empty(const char *path, bool top)
{
    DIR *dir = opendir(path);
    if (!dir) return errno == ENOENT;
    bool empty = true;
    for (struct dirent *e = readdir(dir); e && empty; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        empty = top && !entry_counts(path, e->d_name);
    }
    closedir(dir);
    return empty;
}

/* The lock, an empty keys/ and what file systems put there do not make a directory full. */
static bool entry_counts(const char *path, const char *name)
{
    char keys[4096];
    if (strcmp(name, "lock") == 0 || strcmp(name, "lost+found") == 0) return false;
    if (strcmp(name, "keys") != 0) return true;
    int n = snprintf(keys, sizeof keys, "%s/keys", path);
    return n < 0 || (size_t)n >= sizeof keys || !is_empty(keys, false);
}

static int drop_key(const char *name, void *arg)
{
    struct restore *r = arg;
    return fg_datadir_key_remove(r->dir, name);
}

/* Takes back what was written, by this call or by one that was interrupted. The mark goes last. */
static int clear(struct restore *r)
{
    int err = fg_datadir_key_each(r->dir, drop_key, r);
    if (!err && unlink(r->temp) && errno != ENOENT) err = errno;
    return err;
}

/* ---- writing ---- */

static int copy_out(int from, const struct fg_backup_entry *e, int to)
{
    uint8_t piece[FG_BACKUP_PIECE];
    int err = 0;
    for (uint64_t done = 0; done < e->size && !err;) {
        size_t n = e->size - done < sizeof piece ? (size_t)(e->size - done) : sizeof piece;
        err = fg_backup_read_at(from, e->at + done, piece, n);
        if (!err) err = fg_backup_write_all(to, piece, n);
        done += n;
    }
    return err ? err : fsync(to) ? errno : 0;
}

static int write_database(struct restore *r, const struct fg_backup_entry *e)
{
    int fd = open(r->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return errno;
    int err = copy_out(r->fd, e, fd);
    if (close(fd) && !err) err = errno;
    return err;
}

static int write_key(struct restore *r, const struct fg_backup_entry *e)
{
    char *key = malloc((size_t)e->size + 1);
    if (!key) return ENOMEM;
    int err = fg_backup_read_at(r->fd, e->at, key, (size_t)e->size);
    if (!err)
        err = fg_datadir_key_write(r->dir, e->name + strlen(fg_backup_keys), key, (size_t)e->size);
    explicit_bzero(key, (size_t)e->size);
    free(key);
    return err;
}

static int write_entry(void *arg, const struct fg_backup_entry *e)
{
    struct restore *r = arg;
    return strcmp(e->name, fg_backup_database) == 0 ? write_database(r, e) : write_key(r, e);
}

static int sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    int err = fsync(fd) ? errno : 0;
    close(fd);
    return err;
}

static int fill(struct restore *r, uint64_t size)
{
    int err = fg_backup_each(r->fd, size, write_entry, r);
    if (!err && rename(r->temp, r->database)) err = errno;
    if (err) {
        (void)clear(r); /* the first failure is the one to tell */
        return err;
    }
    return sync_directory(fg_datadir_path(r->dir));
}

static bool was_interrupted(const char *path)
{
    char file[4096];
    if ((size_t)snprintf(file, sizeof file, "%s/%s", path, unfinished) >= sizeof file) return false;
    if (access(file, F_OK)) return false;
    return (size_t)snprintf(file, sizeof file, "%s/%s", path, fg_backup_database) < sizeof file &&
           access(file, F_OK) != 0;
}

int fg_backup_restore(int fd, const char *path, char why[FG_WHY])
{
    struct fg_backup_info info;
    struct restore r = {.fd = fd};
    int err = fg_backup_check(fd, &info, why);
    if (err) return err;
    if (!was_interrupted(path) && !is_empty(path, true))
        return fg_backup_because(
            why, EEXIST, "the data directory %s is not empty; give --data-dir a new one", path);
    err = fg_datadir_open(&r.dir, path, why);
    if (err) return err;
    r.temp = fg_datadir_file(r.dir, unfinished);
    r.database = fg_datadir_file(r.dir, fg_backup_database);
    if (!r.temp || !r.database) err = ENOMEM;
    /* Again, now that nobody else can begin there. */
    if (!err && was_interrupted(path)) err = clear(&r);
    if (!err && !is_empty(path, true)) err = EEXIST;
    if (!err) err = fill(&r, info.size);
    if (err) fg_backup_because(why, err, "cannot restore into %s: %s", path, strerror(err));
    free(r.temp);
    free(r.database);
    fg_datadir_close(r.dir);
    return err;
}
