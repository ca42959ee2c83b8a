/* See certificates.h. */
#include "server/store/certificates.h"

#include "server/store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ID_LEN = FG_CERTIFICATE_ID - 1, KEY_NAME = ID_LEN + 5 };

#define COLUMNS                                                                                    \
    "id, friendly_name, pem, subject, issuer, names, not_before, not_after, has_key, exportable, " \
    "cert_file, key_file, created_at"

static bool id_ok(const char *id)
{
    return strspn(id, "0123456789abcdef") == ID_LEN && id[ID_LEN] == '\0';
}

static void key_name(char out[KEY_NAME], const char *id)
{
    snprintf(out, KEY_NAME, "%s.key", id);
}

static int insert(struct fg_store *s, const struct fg_certificate *c, bool has_key)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO certificate (" COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
                "ON CONFLICT (id) DO UPDATE SET friendly_name = excluded.friendly_name, pem = "
                "excluded.pem, "
                "subject = excluded.subject, issuer = excluded.issuer, names = excluded.names, "
                "not_before = excluded.not_before, not_after = excluded.not_after, "
                "has_key = max(has_key, excluded.has_key), exportable = excluded.exportable, "
                "cert_file = excluded.cert_file, key_file = excluded.key_file");
    fg_sql_text(&q, c->id);
    fg_sql_text_or_empty(&q, c->friendly_name);
    fg_sql_text(&q, c->pem);
    fg_sql_text_or_empty(&q, c->subject);
    fg_sql_text_or_empty(&q, c->issuer);
    fg_sql_text(&q, c->names ? c->names : "[]");
    fg_sql_int(&q, c->not_before_ms);
    fg_sql_int(&q, c->not_after_ms);
    fg_sql_int(&q, has_key);
    fg_sql_int(&q, c->exportable);
    fg_sql_text(&q, c->cert_file);
    fg_sql_text(&q, c->key_file);
    fg_sql_int(&q, c->created_ms);
    return fg_sql_run(&q);
}

int fg_certificate_put(struct fg_store *s, const struct fg_certificate *c, const void *key,
                       size_t key_len)
{
    if (!c->id || !id_ok(c->id))
        return fg_store_fail(s, EINVAL, "the id of a certificate is 64 hex digits");
    int err = fg_store_writable(s);
    if (err) return err;
    if (key) {
        char name[KEY_NAME];
        key_name(name, c->id);
        err = fg_datadir_key_write(s->dir, name, key, key_len);
        if (err) return fg_store_fail(s, err, "cannot write keys/%s: %s", name, strerror(err));
    }
    return insert(s, c, key != NULL);
}

static int each(struct fg_sql *q, fg_certificate_fn *fn, void *arg)
{
    int err = 0;
    while (!err && fg_sql_row(q)) {
        struct fg_certificate c = {.id = fg_sql_get_text(q, 0),
                                   .friendly_name = fg_sql_get_text(q, 1),
                                   .pem = fg_sql_get_text(q, 2),
                                   .subject = fg_sql_get_text(q, 3),
                                   .issuer = fg_sql_get_text(q, 4),
                                   .names = fg_sql_get_text(q, 5),
                                   .not_before_ms = fg_sql_get_int(q, 6),
                                   .not_after_ms = fg_sql_get_int(q, 7),
                                   .has_key = fg_sql_get_int(q, 8) != 0,
                                   .exportable = fg_sql_get_int(q, 9) != 0,
                                   .cert_file = fg_sql_get_text(q, 10),
                                   .key_file = fg_sql_get_text(q, 11),
                                   .created_ms = fg_sql_get_int(q, 12)};
        err = fn(&c, arg);
    }
    return err;
}

int fg_certificate_get(struct fg_store *s, const char *id, fg_certificate_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM certificate WHERE id = ?");
    fg_sql_text(&q, id);
    int err = each(&q, fn, arg);
    bool none = q.rows == 0;
    err = fg_sql_close_each(&q, err);
    return err ? err : none ? ENOENT : 0;
}

int fg_certificate_each(struct fg_store *s, fg_certificate_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM certificate ORDER BY friendly_name, id");
    return fg_sql_close_each(&q, each(&q, fn, arg));
}

int fg_certificate_delete(struct fg_store *s, const char *id)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM certificate WHERE id = ?");
    fg_sql_text(&q, id);
    err = fg_sql_run_one(&q);
    if (err || s->depth)
        return err; /* in a larger transaction the row may come back: the next start sweeps */
    char name[KEY_NAME];
    key_name(name, id);
    err = fg_datadir_key_remove(s->dir, name);
    return err ? fg_store_fail(s, err, "cannot remove keys/%s: %s", name, strerror(err)) : 0;
}

int fg_certificate_key(const struct fg_datadir *d, const char *id, struct fg_buf *out)
{
    char name[KEY_NAME];
    if (!id_ok(id)) return EINVAL;
    key_name(name, id);
    return fg_datadir_key_read(d, name, out);
}

/* --- key files without a row
 * -------------------------------------------------------------------------- */

static int sweep_one(const char *name, void *arg)
{
    struct fg_store *s = arg;
    char id[FG_CERTIFICATE_ID];
    if (strlen(name) != ID_LEN + 4 || strcmp(name + ID_LEN, ".key") != 0) return 0;
    snprintf(id, sizeof id, "%.*s", (int)ID_LEN, name);
    if (!id_ok(id)) return 0;
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT 1 FROM certificate WHERE id = ? AND has_key = 1");
    fg_sql_text(&q, id);
    fg_sql_row(&q);
    int err = fg_sql_close_one(&q);
    return err == ENOENT ? fg_datadir_key_remove(s->dir, name) : err;
}

int fg_certificates_sweep(struct fg_store *s)
{
    return fg_datadir_key_each(s->dir, sweep_one, s);
}
