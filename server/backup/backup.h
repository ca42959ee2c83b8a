/* Everything an installation keeps, as one file: the database (configuration with all revisions,
 * drafts, accounts, audit) and every file of keys/. Such a file holds private keys and password
 * hashes: it is made 0600 and belongs where the keys would.
 *
 *   magic        16 bytes, "fedgate backup 1"
 *   schema       u32, number of the newest migration in the database
 *   entry …      u16 length of the name, name, u64 length, content; "fedgate.db" first, then
 *                "keys/NAME"
 *   end          u16 0
 *   checksum     SHA-256 over everything before it, 32 bytes, the last of the file
 *
 * Numbers are big-endian. The checksum finds damage, not forgery: whoever can write the file can
 * write another one. */
#ifndef FG_BACKUP_H
#define FG_BACKUP_H

#include "server/store/store.h"

#include <stdint.h>

#define FG_BACKUP_TYPE "application/vnd.fedgate.backup"

/* Makes a backup in an unnamed file inside the data directory and gives its descriptor, at offset
 * 0, which the caller closes, and its length. `s` is the writer, no transaction open: nothing can
 * change meanwhile, so database, audit head and keys belong together. The thread of the writer. 0,
 * ENOSPC, EIO, …; `why` then holds a sentence. */
int fg_backup_make(struct fg_store *s, int *fd, uint64_t *size, char why[FG_WHY]);

struct fg_backup_info {
    uint64_t size;
    uint32_t schema;
    unsigned keys; /* files of keys/ */
};
/* Reads the whole file: is it a backup, undamaged, and one that this program understands? Changes
 * nothing. 0; EBADMSG damaged or no backup; ENOTSUP of a newer program; errno; with a sentence. Any
 * thread. */
int fg_backup_check(int fd, struct fg_backup_info *out, char why[FG_WHY]);

/* Checks as above, then fills the data directory `path`, which must be missing or empty (EEXIST);
 * what an interrupted restore left behind counts as empty. The database gets its name last, so that
 * a crash leaves no half installation. On error the directory is as it was. Holds the lock of the
 * directory meanwhile. */
int fg_backup_restore(int fd, const char *path, char why[FG_WHY]);

#endif
