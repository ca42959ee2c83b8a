/* See sql.h. */
#include "server/store/sql.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int to_errno(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) return EEXIST;
        return code == SQLITE_CONSTRAINT_FOREIGNKEY ? ENOENT : EINVAL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return EBUSY;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_READONLY:
        return EROFS;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return EBADMSG;
    case SQLITE_TOOBIG:
        return EFBIG;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return EIO;
    default:
        return EINVAL;
    }
}

/* A file that may not be written, for whatever reason, is told apart from a disk that is broken.
 * What the system said to the database is lost by the time it gives up, so it is asked again. */
static int disk_errno(struct fg_store *s)
{
    const char *path = sqlite3_db_filename(s->db, "main");
    if (!path || !access(path, W_OK)) return EIO;
    return errno == EROFS || errno == EPERM || errno == EACCES ? EROFS : EIO;
}

/* Gives the errno value of an extended result code, and notes the sentence when it is a failure. */
static int result(struct fg_store *s, int code)
{
    int err = to_errno(code);
    if (!err) return 0;
    if (err == EIO) err = disk_errno(s);
    bool last = sqlite3_extended_errcode(s->db) == code; /* the message may be of a later call */
    return fg_store_fail(s, err, "the database reports: %s",
                         last ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
}

int fg_store_fail(struct fg_store *s, int err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(s->error, sizeof s->error, fmt, ap);
    va_end(ap);
    return err;
}

int fg_store_writable(struct fg_store *s)
{
    return s->writer ? 0 : fg_store_fail(s, EROFS, "this connection to the store only reads");
}

/* A place among the kept statements; NULL when all are taken or this one is in use. */
static struct fg_sql_kept *keep(struct fg_store *s, const char *text)
{
    for (size_t i = 0; i < s->n_kept; i++) {
        if (s->kept[i].text == text) return s->kept[i].busy ? NULL : &s->kept[i];
    }
    if (s->n_kept == FG_SQL_KEPT) return NULL;
    struct fg_sql_kept *k = &s->kept[s->n_kept];
    if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &k->st, NULL) != SQLITE_OK)
        return NULL;
    k->text = text;
    s->n_kept++;
    return k;
}

void fg_sql_open(struct fg_sql *q, struct fg_store *s, const char *text)
{
    *q = (struct fg_sql){.s = s, .next = 1};
    q->kept = keep(s, text);
    if (q->kept) {
        q->kept->busy = true;
        q->st = q->kept->st;
        return;
    }
    q->code = sqlite3_prepare_v2(s->db, text, -1, &q->st, NULL);
}

/* The first error counts. */
static void note(struct fg_sql *q, int code)
{
    if (q->code == SQLITE_OK) q->code = code;
}

void fg_sql_int(struct fg_sql *q, int64_t v)
{
    if (q->st) note(q, sqlite3_bind_int64(q->st, q->next++, v));
}

void fg_sql_int_or_null(struct fg_sql *q, int64_t v)
{
    if (!q->st) return;
    note(q, v ? sqlite3_bind_int64(q->st, q->next, v) : sqlite3_bind_null(q->st, q->next));
    q->next++;
}

void fg_sql_text(struct fg_sql *q, const char *v)
{
    if (q->st) note(q, sqlite3_bind_text(q->st, q->next++, v, -1, SQLITE_STATIC));
}

void fg_sql_text_or_empty(struct fg_sql *q, const char *v)
{
    fg_sql_text(q, v ? v : "");
}

void fg_sql_blob(struct fg_sql *q, const void *v, size_t len)
{
    if (q->st) note(q, sqlite3_bind_blob64(q->st, q->next++, v, len, SQLITE_STATIC));
}

bool fg_sql_row(struct fg_sql *q)
{
    q->row = 0;
    if (q->code != SQLITE_OK) return false;
    int code = sqlite3_step(q->st);
    if (code == SQLITE_ROW) {
        q->rows++;
        q->row = 1;
        return true;
    }
    note(q, code == SQLITE_DONE ? SQLITE_OK : code);
    return false;
}

int64_t fg_sql_get_int(struct fg_sql *q, int column)
{
    return sqlite3_column_int64(q->st, column);
}

uint64_t fg_sql_get_u64(struct fg_sql *q, int column)
{
    return (uint64_t)sqlite3_column_int64(q->st, column);
}

const char *fg_sql_get_text(struct fg_sql *q, int column)
{
    return (const char *)sqlite3_column_text(q->st, column);
}

void fg_sql_copy(struct fg_sql *q, int column, char *out, size_t size)
{
    const char *text = fg_sql_get_text(q, column);
    snprintf(out, size, "%s", text ? text : "");
}

void fg_sql_get_blob(struct fg_sql *q, int column, void *out, size_t len)
{
    const void *data = sqlite3_column_blob(q->st, column);
    if (data && sqlite3_column_bytes(q->st, column) == (int)len) {
        memcpy(out, data, len);
        return;
    }
    memset(out, 0, len);
    note(q, SQLITE_CORRUPT);
}

int fg_sql_close(struct fg_sql *q)
{
    int err = result(q->s, q->code);
    if (q->kept) {
        sqlite3_reset(q->st);
        sqlite3_clear_bindings(q->st);
        q->kept->busy = false;
    } else {
        sqlite3_finalize(q->st);
    }
    q->st = NULL;
    return err;
}

int fg_sql_close_one(struct fg_sql *q)
{
    bool none = q->rows == 0;
    int err = fg_sql_close(q);
    return err ? err : none ? ENOENT : 0;
}

int fg_sql_close_each(struct fg_sql *q, int err)
{
    int own = fg_sql_close(q);
    return err ? err : own;
}

int fg_sql_run(struct fg_sql *q)
{
    while (fg_sql_row(q)) {
    }
    return fg_sql_close(q);
}

int fg_sql_run_one(struct fg_sql *q)
{
    struct fg_store *s = q->s;
    int err = fg_sql_run(q);
    if (err) return err;
    return sqlite3_changes(s->db) ? 0 : ENOENT;
}

int fg_sql_exec(struct fg_store *s, const char *text)
{
    return result(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

void fg_sql_forget(struct fg_store *s)
{
    for (size_t i = 0; i < s->n_kept; i++) sqlite3_finalize(s->kept[i].st);
    s->n_kept = 0;
}
