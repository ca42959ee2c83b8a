/* The data directory: made, locked, and the small secret files in keys/.
 *
 *   DATA/ 0700   fedgate.db, state.db, lock, admin.sock
 *   DATA/keys/ 0700   one file each, 0600: certificates' keys (ID.key), audit.key, audit.head,
 *                     dialback.secret, the panel's own certificate
 *
 * After fg_datadir_open the object is only read: every function may be called from any thread. */
#ifndef FG_DATADIR_H
#define FG_DATADIR_H

#include "gateway/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct fg_datadir;

enum { FG_WHY = 400, FG_KEY_FILE_MAX = 1 << 20 };

/* Makes the directory and keys/ where missing (0700), tightens them to 0700, and takes the
 * exclusive lock, which lasts until fg_datadir_close or the end of the process. 0; EBUSY when
 * another process holds the lock; EPERM when the directory is another user's; errno. On error `why`
 * holds a sentence with the path and the remedy. */
int fg_datadir_open(struct fg_datadir **out, const char *path, char why[FG_WHY]);
/* Gives the lock back. Stores opened in it must be closed before. */
void fg_datadir_close(struct fg_datadir *d);
/* Is there a process that holds the lock of `path`? Takes nothing. False when the directory is
 * missing. */
bool fg_datadir_busy(const char *path);

/* The path as given, and "PATH/name" in malloc'ed memory (NULL without memory). */
const char *fg_datadir_path(const struct fg_datadir *d);
char *fg_datadir_file(const struct fg_datadir *d, const char *name);

/* A new file in the directory, 0600 and without a name, so that a crash leaves nothing; close(2) is
 * the caller's. 0 or errno. */
int fg_datadir_temporary(const struct fg_datadir *d, int *fd);

/* Files in keys/. `name` is a plain file name: no slash, no leading dot, 100 characters (EINVAL).
 *
 * read: appends the whole file to `out`. 0, ENOENT, ENOBUFS past the maximum of `out`, errno.
 * write: new or replaced as a whole; it is on the disk, name included, when this returns 0: after a
 * crash there is the old content or the new. remove: 0 also when there was none. */
int fg_datadir_key_read(const struct fg_datadir *d, const char *name, struct fg_buf *out);
int fg_datadir_key_write(const struct fg_datadir *d, const char *name, const void *data,
                         size_t len);
int fg_datadir_key_remove(const struct fg_datadir *d, const char *name);
/* Calls `each` for every file; it may remove the one it is given. Stops when `each` returns not 0
 * and returns that. */
int fg_datadir_key_each(const struct fg_datadir *d, int (*each)(const char *name, void *arg),
                        void *arg);
/* Opens a file of keys/ for reading and writing in place, made 0600 when missing; close(2) is the
 * caller's. */
int fg_datadir_key_open(const struct fg_datadir *d, const char *name, int *fd);
/* A random secret of exactly `len` bytes, made at the first call and then the same for ever. 0;
 * EBADMSG when the file has another length; errno. */
int fg_datadir_secret(const struct fg_datadir *d, const char *name, void *out, size_t len);

#endif
