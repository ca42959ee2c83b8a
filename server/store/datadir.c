/* See datadir.h. Files are reached through the descriptors of the two directories, so that a
 * directory renamed under us is still ours. */
#include "server/store/datadir.h"

#include "gateway/base/rand.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_NAME_MAX = 100 };

struct fg_datadir {
    char *path;
    int dir, keys, lock;
};

static int because(char why[FG_WHY], int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int because(char why[FG_WHY], int err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, FG_WHY, fmt, ap);
    va_end(ap);
    return err;
}

static bool name_ok(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= KEY_NAME_MAX && name[0] != '.' && !strchr(name, '/');
}

/* Opens a directory that is ours and that nobody else may enter, made when missing. */
static int open_private(int at, const char *path, int *out, char why[FG_WHY])
{
    if (mkdirat(at, path, 0700) && errno != EEXIST)
        return because(why, errno, "cannot make the directory %s: %s", path, strerror(errno));
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return because(why, errno, "cannot open the directory %s: %s", path, strerror(errno));
    struct stat st;
    int err = fstat(fd, &st) ? errno : 0;
    if (!err && st.st_uid != geteuid())
        err = because(why, EPERM,
                      "the directory %s belongs to uid %u; run as that user, or as root "
                      "give it to uid %u",
                      path, (unsigned)st.st_uid, (unsigned)geteuid());
    else if (!err && (st.st_mode & 0777) != 0700 && fchmod(fd, 0700))
        err = because(why, errno, "cannot set the mode of %s to 0700: %s", path, strerror(errno));
    if (err) {
        close(fd);
        return err;
    }
    *out = fd;
    return 0;
}

static int take_lock(struct fg_datadir *d, char why[FG_WHY])
{
    d->lock = openat(d->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (d->lock < 0)
        return because(why, errno, "cannot open %s/lock: %s", d->path, strerror(errno));
    if (flock(d->lock, LOCK_EX | LOCK_NB) == 0) return 0;
    int err = errno == EWOULDBLOCK ? EBUSY : errno;
    if (err == EBUSY)
        return because(why, err,
                       "another fedgate uses the data directory %s; stop it, or give "
                       "--data-dir another directory",
                       d->path);
    return because(why, err, "cannot lock %s/lock: %s", d->path, strerror(err));
}

int fg_datadir_open(struct fg_datadir **out, const char *path, char why[FG_WHY])
{
    why[0] = '\0';
    struct fg_datadir *d = calloc(1, sizeof *d);
    if (!d) return because(why, ENOMEM, "out of memory");
    *d = (struct fg_datadir){.path = strdup(path), .dir = -1, .keys = -1, .lock = -1};
    int err = d->path ? 0 : because(why, ENOMEM, "out of memory");
    if (!err) err = open_private(AT_FDCWD, path, &d->dir, why);
    if (!err) err = take_lock(d, why);
    if (!err) err = open_private(d->dir, "keys", &d->keys, why);
    if (!err && fsync(d->dir))
        err = because(why, errno, "cannot sync %s: %s", path, strerror(errno));
    if (err) {
        fg_datadir_close(d);
        return err;
    }
    *out = d;
    return 0;
}

void fg_datadir_close(struct fg_datadir *d)
{
    if (!d) return;
    if (d->keys >= 0) close(d->keys);
    if (d->lock >= 0) close(d->lock);
    if (d->dir >= 0) close(d->dir);
    free(d->path);
    free(d);
}

bool fg_datadir_busy(const char *path)
{
    char file[4096];
    if ((size_t)snprintf(file, sizeof file, "%s/lock", path) >= sizeof file) return false;
    int fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    bool busy = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    close(fd);
    return busy;
}

const char *fg_datadir_path(const struct fg_datadir *d)
{
    return d->path;
}

char *fg_datadir_file(const struct fg_datadir *d, const char *name)
{
    char *file = NULL;
    return asprintf(&file, "%s/%s", d->path, name) < 0 ? NULL : file;
}

int fg_datadir_temporary(const struct fg_datadir *d, int *fd)
{
    char *path = fg_datadir_file(d, "temporary-XXXXXX");
    if (!path) return ENOMEM;
    *fd = mkostemp(path, O_CLOEXEC);
    int err = *fd < 0 ? errno : unlink(path) ? errno : 0;
    free(path);
    if (!err) return 0;
    if (*fd >= 0) close(*fd);
    *fd = -1;
    return err;
}

static int read_all(int fd, struct fg_buf *out)
{
    for (;;) {
        char part[4096];
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR) continue;
        int err = n < 0 ? errno : n > 0 ? fg_buf_add(out, part, (size_t)n) : 0;
        explicit_bzero(part, sizeof part);
        if (err || n == 0) return err;
    }
}

static int write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        p += n;
        len -= (size_t)n;
    }
    return fsync(fd) ? errno : 0;
}

int fg_datadir_key_read(const struct fg_datadir *d, const char *name, struct fg_buf *out)
{
    if (!name_ok(name)) return EINVAL;
    int fd = openat(d->keys, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return errno;
    int err = read_all(fd, out);
    close(fd);
    return err;
}

int fg_datadir_key_write(const struct fg_datadir *d, const char *name, const void *data, size_t len)
{
    if (!name_ok(name)) return EINVAL;
    char temp[64];
    snprintf(temp, sizeof temp, ".new-%016llx", (unsigned long long)fg_random_u64());
    int fd = openat(d->keys, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno;
    int err = write_all(fd, data, len);
    if (close(fd) && !err) err = errno;
    if (!err && renameat(d->keys, temp, d->keys, name)) err = errno;
    if (err) {
        unlinkat(d->keys, temp, 0);
        return err;
    }
    return fsync(d->keys) ? errno : 0;
}

int fg_datadir_key_remove(const struct fg_datadir *d, const char *name)
{
    if (!name_ok(name)) return EINVAL;
    if (unlinkat(d->keys, name, 0)) return errno == ENOENT ? 0 : errno;
    return fsync(d->keys) ? errno : 0;
}

int fg_datadir_key_each(const struct fg_datadir *d, int (*each)(const char *name, void *arg),
                        void *arg)
{
    int fd = openat(d->keys, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int err = errno;
        close(fd);
        return err;
    }
    int err = 0;
    for (struct dirent *e = readdir(dir); e && !err; e = readdir(dir)) {
        if (name_ok(e->d_name)) err = each(e->d_name, arg);
    }
    closedir(dir);
    return err;
}

int fg_datadir_key_open(const struct fg_datadir *d, const char *name, int *fd)
{
    if (!name_ok(name)) return EINVAL;
    *fd = openat(d->keys, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) return errno;
    return fsync(d->keys) ? errno : 0;
}

int fg_datadir_secret(const struct fg_datadir *d, const char *name, void *out, size_t len)
{
    struct fg_buf b;
    fg_buf_init(&b, len);
    int err = fg_datadir_key_read(d, name, &b);
    if (err == ENOENT) {
        fg_random(out, len);
        err = fg_datadir_key_write(d, name, out, len);
    } else if (err == ENOBUFS || (!err && fg_buf_len(&b) != len)) {
        err = EBADMSG;
    } else if (!err) {
        memcpy(out, fg_buf_data(&b), len);
    }
    fg_buf_wipe(&b);
    return err;
}
