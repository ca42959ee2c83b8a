/* The store: all SQL of the program, behind narrow headers.
 *
 *   store.h         open, transactions, small settings
 *   objects.h       configuration by revision, commit
 *   drafts.h        staged changes per owner
 *   approvals.h     commits that wait for a second administrator or for their time
 *   accounts.h      administrators, sessions, API tokens, the setup link
 *   audit.h         who did what, chained
 *   certificates.h  certificates and their keys
 *   datadir.h       the directory all of it stands in
 *
 * A `struct fg_store` is one connection to DATA/fedgate.db and belongs to one thread at a time.
 * There is one writer, which the configuration thread owns; any number of readers, one for each
 * thread that reads. A reader sees what was last committed. Functions that change something need
 * the writer and give EROFS on a reader.
 *
 * Bodies of objects are JSON text to the store; it never looks inside.
 *
 * Functions return 0 or an errno value; besides those named at each function:
 *   ENOENT no such row, EEXIST it is there already, EINVAL an argument breaks a rule of the table,
 *   EBUSY another connection held the database for more than 5 s, ENOSPC disk full, EIO disk,
 *   EBADMSG the file is damaged, ENOMEM.
 * fg_store_error gives the sentence that belongs to the last failure.
 *
 * Strings handed to a callback live until it returns. Times are milliseconds since 1970 UTC; 0
 * means never. */
#ifndef FG_STORE_H
#define FG_STORE_H

#include "server/store/datadir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fg_store;

enum fg_store_mode { FG_STORE_READER, FG_STORE_WRITER };

/* Opens the database in `d`, which must outlive the store. The writer creates it and brings it to
 * the newest schema, each migration in a transaction of its own; makes instance id, audit key and
 * dialback secret where missing; removes key files that belong to no certificate. Open the writer
 * first: a reader creates nothing.
 * 0; ENOTSUP when the schema is newer than this program (nothing is written); EBADMSG when the file
 * is another program's or damaged; errno. On error `why` holds a sentence. */
int fg_store_open(struct fg_store **out, const struct fg_datadir *d, enum fg_store_mode mode,
                  char why[FG_WHY]);
/* No statement may be under way. NULL is fine. */
void fg_store_close(struct fg_store *s);

/* The last failure on this connection, a sentence; "" when there was none. Valid until the next
 * call. */
const char *fg_store_error(const struct fg_store *s);
const struct fg_datadir *fg_store_datadir(const struct fg_store *s);
/* Number of the newest migration this program knows. */
int fg_store_schema(void);

/* Groups what comes into one transaction: all of it happens or none, also when the power fails. May
 * be nested; only the outermost end writes. `err` is what went wrong between: not 0 rolls back (at
 * once for all levels: every enclosing end fails too) and is returned; otherwise the error of
 * writing, or 0 and it is on the disk.
 *
 *     int err = fg_store_begin(s);
 *     if (err) return err;
 *     err = fg_admin_add(s, ...);
 *     if (!err) err = fg_audit_add(s, ...);
 *     return fg_store_end(s, err);
 *
 * On a reader it gives one consistent view to several calls. */
int fg_store_begin(struct fg_store *s) __attribute__((warn_unused_result));
/* The same for what only reads, also on the writer: it waits for nobody and writes nothing. */
int fg_store_begin_reading(struct fg_store *s) __attribute__((warn_unused_result));
int fg_store_end(struct fg_store *s, int err) __attribute__((warn_unused_result));

/* Small settings of this installation that are no configuration. get: `value` is malloc'ed, ENOENT
 * without one. Known names: "instance_id" (32 hex digits, made at first start). */
int fg_meta_get(struct fg_store *s, const char *name, char **value);
int fg_meta_set(struct fg_store *s, const char *name, const char *value);

/* Copies the whole database, as it is now, into the file `path`, which must be missing or empty.
 * Only the writer, no transaction open. */
int fg_store_copy(struct fg_store *s, const char *path);
/* A number that changes when another connection has changed the database since this one last read.
 */
int fg_store_version(struct fg_store *s, int64_t *out);

/* The whole file and every foreign key. 0, or EBADMSG with the first fault in fg_store_error. */
int fg_store_check(struct fg_store *s);

#endif
