/* Reading a backup: is it whole, and what is in it. */
#include "server/backup/private.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char fg_backup_magic[FG_BACKUP_MAGIC + 1] = "fedgate backup 1";
const char fg_backup_database[] = "fedgate.db";
const char fg_backup_keys[] = "keys/";

enum { HEAD = FG_BACKUP_MAGIC + 4, SMALLEST = HEAD + 2 + FG_BACKUP_SUM };

int fg_backup_because(char why[FG_WHY], int err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, FG_WHY, fmt, ap);
    va_end(ap);
    return err;
}

int fg_backup_write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int fg_backup_read_at(int fd, uint64_t at, void *out, size_t len)
{
    char *p = out;
    while (len) {
        ssize_t n = pread(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) return EBADMSG;
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

static uint64_t number(const uint8_t *raw, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++) v = v << 8 | raw[i];
    return v;
}

static int read_number(int fd, uint64_t at, size_t bytes, uint64_t *out)
{
    uint8_t raw[8];
    int err = fg_backup_read_at(fd, at, raw, bytes);
    if (!err) *out = number(raw, bytes);
    return err;
}

/* ---- the checksum ---- */

static int sum_of(int fd, uint64_t size, uint8_t out[EVP_MAX_MD_SIZE])
{
    uint8_t piece[FG_BACKUP_PIECE];
    unsigned len = 0;
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    int err = sum && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1 ? 0 : ENOMEM;
    for (uint64_t at = 0; at < size && !err;) {
        size_t n = size - at < sizeof piece ? (size_t)(size - at) : sizeof piece;
        err = fg_backup_read_at(fd, at, piece, n);
        if (!err && EVP_DigestUpdate(sum, piece, n) != 1) err = ENOMEM;
        at += n;
    }
    if (!err && EVP_DigestFinal_ex(sum, out, &len) != 1) err = ENOMEM;
    EVP_MD_CTX_free(sum);
    return err;
}

static int check_sum(int fd, uint64_t size)
{
    uint8_t is[EVP_MAX_MD_SIZE], should[FG_BACKUP_SUM];
    int err = sum_of(fd, size - FG_BACKUP_SUM, is);
    if (!err) err = fg_backup_read_at(fd, size - FG_BACKUP_SUM, should, sizeof should);
    return err ? err : CRYPTO_memcmp(is, should, sizeof should) ? EBADMSG : 0;
}

/* ---- the entries ---- */

/* One entry from `*at` on; a name of length 0 is the end. */
static int next_entry(int fd, uint64_t end, uint64_t *at, struct fg_backup_entry *e)
{
    uint64_t len;
    *e = (struct fg_backup_entry){0};
    int err = end - *at < 2 ? EBADMSG : read_number(fd, *at, 2, &len);
    if (err) return err;
    *at += 2;
    if (len == 0) return *at == end ? 0 : EBADMSG;
    if (len > FG_BACKUP_NAME_MAX || end - *at < len + 8) return EBADMSG;
    err = fg_backup_read_at(fd, *at, e->name, (size_t)len);
    if (!err) err = read_number(fd, *at + len, 8, &e->size);
    if (err || strlen(e->name) != len) return err ? err : EBADMSG;
    e->at = *at + len + 8;
    if (e->size > end - e->at) return EBADMSG;
    *at = e->at + e->size;
    return 0;
}

static bool name_fits(const struct fg_backup_entry *e, bool first)
{
    size_t n = strlen(fg_backup_keys);
    if (first) return strcmp(e->name, fg_backup_database) == 0;
    const char *plain = e->name + n;
    return strncmp(e->name, fg_backup_keys, n) == 0 && *plain && *plain != '.' &&
           !strchr(plain, '/') && e->size <= FG_KEY_FILE_MAX;
}

int fg_backup_each(int fd, uint64_t file_size,
                   int (*each)(void *arg, const struct fg_backup_entry *e), void *arg)
{
    uint64_t at = HEAD, end = file_size - FG_BACKUP_SUM;
    for (bool first = true;; first = false) {
        struct fg_backup_entry e;
        int err = next_entry(fd, end, &at, &e);
        if (err) return err;
        if (!*e.name) return first ? EBADMSG : 0;
        if (!name_fits(&e, first)) return EBADMSG;
        err = each(arg, &e);
        if (err) return err;
    }
}

static int count(void *arg, const struct fg_backup_entry *e)
{
    struct fg_backup_info *info = arg;
    if (strcmp(e->name, fg_backup_database) != 0) info->keys++;
    return 0;
}

int fg_backup_check(int fd, struct fg_backup_info *out, char why[FG_WHY])
{
    struct stat st;
    uint8_t head[HEAD];
    *out = (struct fg_backup_info){0};
    *why = '\0';
    if (fstat(fd, &st)) return fg_backup_because(why, errno, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode)) return fg_backup_because(why, EINVAL, "this is no ordinary file");
    out->size = (uint64_t)st.st_size;
    int err = out->size < SMALLEST ? EBADMSG : fg_backup_read_at(fd, 0, head, sizeof head);
    if (!err && memcmp(head, fg_backup_magic, FG_BACKUP_MAGIC) != 0) err = EBADMSG;
    if (err == EBADMSG) return fg_backup_because(why, err, "this is no backup of fedgate");
    if (!err) err = check_sum(fd, out->size);
    if (!err) err = fg_backup_each(fd, out->size, count, out);
    if (err == EBADMSG)
        return fg_backup_because(why, err, "the backup is damaged or cut off; nothing was written");
    if (err) return fg_backup_because(why, err, "cannot read the backup: %s", strerror(err));
    out->schema = (uint32_t)number(head + FG_BACKUP_MAGIC, 4);
    if (out->schema <= (uint32_t)fg_store_schema()) return 0;
    return fg_backup_because(why, ENOTSUP,
                             "the backup has schema %u, this program knows up to %d; restore it "
                             "with the newer program that made it",
                             (unsigned)out->schema, fg_store_schema());
}
