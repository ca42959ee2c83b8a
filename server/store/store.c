/* See store.h: opening, migrating, transactions, small settings. */
#include "server/store/store.h"

#include "gateway/base/rand.h"
#include "server/store/migrations.h"
#include "server/store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x66656467, /* "fedg": file(1) and we know the database by it */
    BUSY_MS = 5000,
    INSTANCE_ID = 16,
    DIALBACK_SECRET = 32,
};

static const char database[] = "fedgate.db";

/* --- opening
 * -------------------------------------------------------------------------------------- */

static int pragma_int(struct fg_store *s, const char *text, int64_t *out)
{
    struct fg_sql q;
    fg_sql_open(&q, s, text);
    *out = fg_sql_row(&q) ? fg_sql_get_int(&q, 0) : 0;
    return fg_sql_close(&q);
}

/* SQLite would make the file with the mask's mode; ours is 0600 from the first moment on. */
static int make_file(struct fg_store *s, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fg_store_fail(s, errno, "cannot open %s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

static int connect_db(struct fg_store *s, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int err = s->writer ? make_file(s, path) : 0;
    if (err) return err;
    if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
        return fg_store_fail(s, access(path, F_OK) ? ENOENT : EIO, "cannot open %s: %s", path,
                             s->db ? sqlite3_errmsg(s->db) : "out of memory");
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    return 0;
}

static int too_new(struct fg_store *s, const char *path, int64_t version)
{
    return fg_store_fail(s, ENOTSUP,
                         "%s has schema %lld, this program knows up to %d; run the newer program "
                         "that wrote it; nothing was changed",
                         path, (long long)version, fg_migrations_count);
}

/* "file:PATH?immutable=1", the path as URIs want it; malloc'ed or NULL. */
static char *immutable_uri(const char *path)
{
    static const char head[] = "file:", tail[] = "?immutable=1";
    char *uri = malloc(3 * strlen(path) + sizeof head + sizeof tail), *to = uri;
    if (!uri) return NULL;
    to = mempcpy(to, head, sizeof head - 1);
    for (const char *p = path; *p; p++) {
        if (strchr("?#%", *p))
            to += snprintf(to, 4, "%%%02X", (unsigned char)*p);
        else
            *to++ = *p;
    }
    memcpy(to, tail, sizeof tail);
    return uri;
}

/* Looks at a file of a newer program without leaving so much as an empty log beside it. What the
 * log itself holds is looked at by inspect(). SQLite does it, because closing a descriptor of our
 * own would give up the locks of this process. */
static int peek(struct fg_store *s, const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    int64_t version = 0;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    char *uri = immutable_uri(path);
    if (!uri) return ENOMEM;
    if (sqlite3_open_v2(uri, &db, flags, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW)
        version = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close_v2(db);
    free(uri);
    return version > fg_migrations_count ? too_new(s, path, version) : 0;
}

/* Is this our database, and one we understand? Until that is known nothing may be written, not even
 * the log on closing. `version` is the schema's. */
static int inspect(struct fg_store *s, const char *path, int64_t *version)
{
    int64_t id = 0, tables = 0;
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int err = pragma_int(s, "PRAGMA application_id", &id);
    if (!err) err = pragma_int(s, "PRAGMA user_version", version);
    if (!err) err = pragma_int(s, "SELECT count(*) FROM sqlite_schema", &tables);
    if (err == EBADMSG) return fg_store_fail(s, err, "%s is damaged or no database", path);
    if (err) return err;
    if (id != APPLICATION_ID && (id || tables))
        return fg_store_fail(s, EBADMSG, "%s is the database of another program", path);
    if (*version > fg_migrations_count) return too_new(s, path, *version);
    if (!s->writer && *version < fg_migrations_count)
        return fg_store_fail(s, ENOTSUP, "%s has schema %lld and must first be brought to %d", path,
                             (long long)*version, fg_migrations_count);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return 0;
}

/* The new version number is written in the transaction of the change itself. */
static int migrate_one(struct fg_store *s, int index)
{
    char bump[96];
    snprintf(bump, sizeof bump, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             (int)APPLICATION_ID, index + 1);
    int err = fg_sql_exec(s, "BEGIN IMMEDIATE");
    if (err) return err;
    err = fg_sql_exec(s, fg_migrations[index].sql);
    if (!err) err = fg_sql_exec(s, bump);
    if (!err) err = fg_sql_exec(s, "COMMIT");
    if (!err) return 0;
    char text[FG_WHY];
    snprintf(text, sizeof text, "%s", s->error);
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return fg_store_fail(s, err, "migration %.60s failed and was undone: %.280s",
                         fg_migrations[index].name, text);
}

static int migrate(struct fg_store *s, int64_t version)
{
    int err = 0;
    for (int i = (int)version; i < fg_migrations_count && !err; i++) err = migrate_one(s, i);
    return err;
}

/* One that is there may be of any length: it can be given. */
static int make_dialback_secret(const struct fg_datadir *d)
{
    static const char name[] = "dialback.secret";
    uint8_t secret[DIALBACK_SECRET];
    struct fg_buf b;
    fg_buf_init(&b, FG_KEY_FILE_MAX);
    int err = fg_datadir_key_read(d, name, &b);
    if (!err && fg_buf_len(&b) == 0) err = EBADMSG;
    fg_buf_wipe(&b);
    if (err == ENOENT) err = fg_datadir_secret(d, name, secret, sizeof secret);
    explicit_bzero(secret, sizeof secret);
    return err;
}

static int first_things(struct fg_store *s)
{
    char *present = NULL;
    int err = fg_meta_get(s, "instance_id", &present);
    free(present);
    if (err == ENOENT) {
        uint8_t raw[INSTANCE_ID];
        char text[2 * INSTANCE_ID + 1];
        fg_random(raw, sizeof raw);
        fg_hex(text, raw, sizeof raw);
        err = fg_meta_set(s, "instance_id", text);
    }
    if (err) return err;
    err = make_dialback_secret(s->dir);
    if (err) fg_store_fail(s, err, "cannot read or make keys/dialback.secret: %s", strerror(err));
    return err;
}

static int set_up_writer(struct fg_store *s, int64_t version)
{
    /* A commit of a hundred thousand objects stays in memory until it is written, in KiB; small
     * ones take what they need. */
    int err = fg_sql_exec(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                             "PRAGMA cache_size = -65536");
    if (!err) err = migrate(s, version);
    if (!err) err = fg_audit_open(s);
    if (!err) err = first_things(s);
    if (!err) err = fg_certificates_sweep(s);
    return err;
}

int fg_store_open(struct fg_store **out, const struct fg_datadir *d, enum fg_store_mode mode,
                  char why[FG_WHY])
{
    snprintf(why, FG_WHY, "out of memory");
    char *path = fg_datadir_file(d, database);
    struct fg_store *s = calloc(1, sizeof *s);
    int64_t version = 0;
    int err = path && s ? 0 : ENOMEM;
    if (err) goto out;
    *s = (struct fg_store){.dir = d, .writer = mode == FG_STORE_WRITER, .head_fd = -1};
    err = peek(s, path);
    if (!err) err = connect_db(s, path);
    if (!err) err = inspect(s, path, &version);
    if (!err && s->writer) err = set_up_writer(s, version);
    if (!err && !s->writer) err = fg_sql_exec(s, "PRAGMA query_only = ON");
    if (!err && !s->writer) err = fg_audit_open(s);
    if (err) snprintf(why, FG_WHY, "%s", s->error[0] ? s->error : strerror(err));
out:
    free(path);
    if (err) {
        fg_store_close(s);
        return err;
    }
    why[0] = '\0';
    *out = s;
    return 0;
}

void fg_store_close(struct fg_store *s)
{
    if (!s) return;
    fg_sql_forget(s);
    sqlite3_close_v2(s->db);
    if (s->head_fd >= 0) close(s->head_fd);
    explicit_bzero(s->audit_key, sizeof s->audit_key);
    free(s);
}

const char *fg_store_error(const struct fg_store *s)
{
    return s->error;
}

const struct fg_datadir *fg_store_datadir(const struct fg_store *s)
{
    return s->dir;
}

int fg_store_schema(void)
{
    return fg_migrations_count;
}

/* --- transactions
 * --------------------------------------------------------------------------------- */

static int begin(struct fg_store *s, const char *how)
{
    if (s->depth == 0) {
        int err = fg_sql_exec(s, how);
        if (err) return err;
        s->doomed = 0;
        s->next_head = s->head;
    }
    s->depth++;
    return 0;
}

int fg_store_begin(struct fg_store *s)
{
    return begin(s, s->writer ? "BEGIN IMMEDIATE" : "BEGIN");
}

int fg_store_begin_reading(struct fg_store *s)
{
    return begin(s, "BEGIN");
}

int fg_store_end(struct fg_store *s, int err)
{
    if (err && !s->doomed) s->doomed = err;
    if (--s->depth > 0) return s->doomed;
    err = s->doomed;
    if (!err) err = fg_sql_exec(s, "COMMIT");
    if (!err) {
        fg_audit_written(s);
        return 0;
    }
    /* Some failures have rolled back already; then there is nothing to do. */
    if (!sqlite3_get_autocommit(s->db)) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->next_head = s->head;
    return err;
}

/* --- small settings, checking
 * --------------------------------------------------------------------- */

int fg_meta_get(struct fg_store *s, const char *name, char **value)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT value FROM meta WHERE name = ?");
    fg_sql_text(&q, name);
    *value = NULL;
    if (fg_sql_row(&q)) *value = strdup(fg_sql_get_text(&q, 0));
    bool memory = q.rows == 0 || *value;
    int err = fg_sql_close_one(&q);
    return err ? err : memory ? 0 : ENOMEM;
}

int fg_meta_set(struct fg_store *s, const char *name, const char *value)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO meta (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    fg_sql_text(&q, name);
    fg_sql_text(&q, value);
    return fg_sql_run(&q);
}

int fg_store_copy(struct fg_store *s, const char *path)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "VACUUM INTO ?");
    fg_sql_text(&q, path);
    return fg_sql_run(&q);
}

int fg_store_version(struct fg_store *s, int64_t *out)
{
    return pragma_int(s, "PRAGMA data_version", out);
}

int fg_store_check(struct fg_store *s)
{
    char fault[FG_WHY] = "";
    struct fg_sql q;
    fg_sql_open(&q, s, "PRAGMA integrity_check(1)");
    if (fg_sql_row(&q)) fg_sql_copy(&q, 0, fault, sizeof fault);
    int err = fg_sql_close(&q);
    if (err) return err;
    if (strcmp(fault, "ok") != 0)
        return fg_store_fail(s, EBADMSG, "the database is damaged: %.300s", fault);
    fg_sql_open(&q, s, "SELECT \"table\", rowid FROM pragma_foreign_key_check LIMIT 1");
    fault[0] = '\0';
    if (fg_sql_row(&q)) fg_sql_copy(&q, 0, fault, sizeof fault);
    err = fg_sql_close(&q);
    if (err) return err;
    if (fault[0])
        return fg_store_fail(s, EBADMSG, "a row of table %.100s refers to nothing", fault);
    return 0;
}
