/* Making a backup: a copy of the database by SQLite itself, then the keys. */
#include "server/backup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct out {
    int fd;
    uint64_t size;
    EVP_MD_CTX *sum;
    const struct fg_datadir *dir;
};

static int put(struct out *o, const void *data, size_t len)
{
    if (len && EVP_DigestUpdate(o->sum, data, len) != 1) return ENOMEM;
    o->size += len;
    return fg_backup_write_all(o->fd, data, len);
}

static int put_number(struct out *o, uint64_t v, size_t bytes)
{
    uint8_t raw[8];
    for (size_t i = bytes; i-- > 0; v >>= 8) raw[i] = (uint8_t)v;
    return put(o, raw, bytes);
}

static int begin_entry(struct out *o, const char *prefix, const char *name, uint64_t size)
{
    size_t n = strlen(prefix), m = strlen(name);
    if (n + m > FG_BACKUP_NAME_MAX) return ENAMETOOLONG;
    int err = put_number(o, n + m, 2);
    if (!err) err = put(o, prefix, n);
    if (!err) err = put(o, name, m);
    return err ? err : put_number(o, size, 8);
}

static int put_file(struct out *o, int fd)
{
    uint8_t piece[FG_BACKUP_PIECE];
    struct stat st;
    if (fstat(fd, &st)) return errno;
    uint64_t size = (uint64_t)st.st_size;
    int err = begin_entry(o, "", fg_backup_database, size);
    for (uint64_t at = 0; at < size && !err;) {
        size_t n = size - at < sizeof piece ? (size_t)(size - at) : sizeof piece;
        err = fg_backup_read_at(fd, at, piece, n);
        if (!err) err = put(o, piece, n);
        at += n;
    }
    return err;
}

static int put_key(const char *name, void *arg)
{
    struct out *o = arg;
    struct fg_buf b;
    fg_buf_init(&b, FG_KEY_FILE_MAX);
    int err = fg_datadir_key_read(o->dir, name, &b);
    if (!err) err = begin_entry(o, fg_backup_keys, name, fg_buf_len(&b));
    if (!err) err = put(o, fg_buf_data(&b), fg_buf_len(&b));
    fg_buf_wipe(&b);
    return err;
}

static int put_sum(struct out *o)
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_DigestFinal_ex(o->sum, sum, &len) != 1 || len != FG_BACKUP_SUM) return ENOMEM;
    o->size += len;
    return fg_backup_write_all(o->fd, sum, len);
}

static int pack(struct out *o, int database)
{
    int err = put(o, fg_backup_magic, FG_BACKUP_MAGIC);
    if (!err) err = put_number(o, (uint64_t)fg_store_schema(), 4);
    if (!err) err = put_file(o, database);
    if (!err) err = fg_datadir_key_each(o->dir, put_key, o);
    if (!err) err = put_number(o, 0, 2);
    return err ? err : put_sum(o);
}

/* A copy of the database, without a name any more. */
static int copy_database(const struct fg_datadir *d, struct fg_store *store, int *out)
{
    char *path = fg_datadir_file(d, "backup-XXXXXX");
    if (!path) return ENOMEM;
    int fd = mkostemp(path, O_CLOEXEC), err = fd < 0 ? errno : 0;
    if (!err) err = fg_store_copy(store, path);
    if (fd >= 0 && unlink(path) && !err) err = errno;
    free(path);
    if (err && fd >= 0) close(fd);
    *out = err ? -1 : fd;
    return err;
}

int fg_backup_make(struct fg_store *s, int *fd, uint64_t *size, char why[FG_WHY])
{
    struct out o = {.fd = -1, .dir = fg_store_datadir(s), .sum = EVP_MD_CTX_new()};
    int database = -1;
    *why = '\0';
    int err = o.sum && EVP_DigestInit_ex(o.sum, EVP_sha256(), NULL) == 1 ? 0 : ENOMEM;
    if (!err) err = copy_database(o.dir, s, &database);
    if (!err) err = fg_datadir_temporary(o.dir, &o.fd);
    if (!err) err = pack(&o, database);
    if (!err && lseek(o.fd, 0, SEEK_SET) < 0) err = errno;
    EVP_MD_CTX_free(o.sum);
    if (database >= 0) close(database);
    if (err) {
        if (o.fd >= 0) close(o.fd);
        return fg_backup_because(why, err, "the backup could not be made: %s", strerror(err));
    }
    *fd = o.fd;
    *size = o.size;
    return 0;
}
