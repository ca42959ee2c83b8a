/* Shared by the files of this folder. */
#ifndef FG_BACKUP_PRIVATE_H
#define FG_BACKUP_PRIVATE_H

#include "server/backup/backup.h"

enum {
    FG_BACKUP_MAGIC = 16,
    FG_BACKUP_SUM = 32,
    FG_BACKUP_NAME_MAX = 200,
    FG_BACKUP_PIECE = 65536, /* read and written at once */
};
extern const char fg_backup_magic[FG_BACKUP_MAGIC + 1];
extern const char fg_backup_database[]; /* name of the first entry, and of the file */
extern const char fg_backup_keys[];     /* what names of key files begin with */

/* One entry: where its content stands. */
struct fg_backup_entry {
    char name[FG_BACKUP_NAME_MAX + 1];
    uint64_t at, size;
};
/* Walks the entries of a file whose checksum is right. `each` returns 0 to go on; anything else
 * stops and becomes the result. EBADMSG when the entries are not in order. */
int fg_backup_each(int fd, uint64_t file_size,
                   int (*each)(void *arg, const struct fg_backup_entry *e), void *arg);

/* Writes the sentence and gives `err` back. */
int fg_backup_because(char why[FG_WHY], int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* All of it, or errno; a file that ends before is EBADMSG. */
int fg_backup_write_all(int fd, const void *data, size_t len);
int fg_backup_read_at(int fd, uint64_t at, void *out, size_t len);

#endif
