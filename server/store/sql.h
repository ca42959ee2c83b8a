/* Shared inside server/store: the connection, and a thin layer over SQLite in which a statement is
 * bound and read in order, an error is kept until the end, and the end gives it as an errno value.
 *
 *     struct fg_sql q;
 *     fg_sql_open(&q, s, "SELECT name FROM admin WHERE id = ?");
 *     fg_sql_int(&q, id);
 *     if (fg_sql_row(&q)) fg_sql_copy(&q, 0, out, sizeof out);
 *     return fg_sql_close(&q);
 *
 * Statements are literals: they are kept prepared, by their address. */
#ifndef FG_STORE_SQL_H
#define FG_STORE_SQL_H

#include "server/store/store.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { FG_SQL_KEPT = 96, FG_MAC = 32 };

struct fg_sql_kept {
    const char *text;
    sqlite3_stmt *st;
    bool busy;
};

/* Where the chain of the audit stands. */
struct fg_audit_head {
    uint64_t count;
    uint8_t mac[FG_MAC];
};

struct fg_store {
    sqlite3 *db;
    const struct fg_datadir *dir;
    bool writer;
    unsigned depth; /* of fg_store_begin */
    int doomed;     /* what an inner end was given: the outermost rolls back */
    struct fg_sql_kept kept[FG_SQL_KEPT];
    size_t n_kept;
    uint8_t audit_key[FG_MAC];
    struct fg_audit_head head, next_head; /* on the disk; in the open transaction */
    int head_fd;                          /* keys/audit.head, -1 on a reader */
    int head_slot;                        /* which of its two places to write next */
    char error[FG_WHY];
};

struct fg_sql {
    struct fg_store *s;
    sqlite3_stmt *st;
    struct fg_sql_kept *kept; /* NULL: prepared for this once */
    int next;                 /* parameter to bind */
    int code;                 /* SQLite's */
    int row;                  /* is there a row? */
    unsigned long rows;
};

void fg_sql_open(struct fg_sql *q, struct fg_store *s, const char *text);
void fg_sql_int(struct fg_sql *q, int64_t v);
void fg_sql_int_or_null(struct fg_sql *q, int64_t v); /* NULL for 0 */
/* Bound text and blobs stay the caller's and must live until the close. */
void fg_sql_text(struct fg_sql *q, const char *v); /* NULL is NULL */
void fg_sql_text_or_empty(struct fg_sql *q, const char *v);
void fg_sql_blob(struct fg_sql *q, const void *v, size_t len);
/* Steps to the next row. False at the end and after an error. */
bool fg_sql_row(struct fg_sql *q);
int64_t fg_sql_get_int(struct fg_sql *q, int column);
uint64_t fg_sql_get_u64(struct fg_sql *q, int column);
const char *fg_sql_get_text(struct fg_sql *q, int column);              /* NULL is NULL */
void fg_sql_copy(struct fg_sql *q, int column, char *out, size_t size); /* NULL is "" */
/* A blob of exactly `len` bytes; anything else is damage, reported by the close. */
void fg_sql_get_blob(struct fg_sql *q, int column, void *out, size_t len);
/* Ends it: 0 or errno. */
int fg_sql_close(struct fg_sql *q);
/* The same, and ENOENT when there was no row. */
int fg_sql_close_one(struct fg_sql *q);
/* The same, for a callback that stopped the reading with `err`. */
int fg_sql_close_each(struct fg_sql *q, int err);
/* Runs a statement without rows to its end and closes. */
int fg_sql_run(struct fg_sql *q);
/* The same, and ENOENT when it changed nothing. */
int fg_sql_run_one(struct fg_sql *q);

/* Statements without parameters, several in one text. */
int fg_sql_exec(struct fg_store *s, const char *text);
void fg_sql_forget(struct fg_store *s); /* finalises what is kept */
/* EROFS on a reader. */
int fg_store_writable(struct fg_store *s);
/* Notes the sentence for fg_store_error and gives `err` back. */
int fg_store_fail(struct fg_store *s, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* audit_chain.c: the key and the head of the chain. open reads both (the writer makes the key when
 * there is none), and brings a head that a crash left behind up to the rows; written is called
 * after a commit that appended. */
int fg_audit_open(struct fg_store *s);
void fg_audit_written(struct fg_store *s);
struct fg_audit_entry;
/* The newest head in the file; zeros when there is none. */
int fg_audit_read_head(struct fg_store *s, struct fg_audit_head *out);
/* HMAC of a row on top of `previous`. */
int fg_audit_mac(const uint8_t key[FG_MAC], const uint8_t previous[FG_MAC],
                 const struct fg_audit_entry *e, uint8_t out[FG_MAC]);
/* certificates.c: removes key files without a row. */
int fg_certificates_sweep(struct fg_store *s);

#endif
