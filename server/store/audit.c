/* See audit.h. */
#include "server/store/audit.h"

#include "gateway/base/clock.h"
#include "server/store/sql.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "seq, at, who, who_name, via, address, action, kind, key, before, after, outcome, detail, "    \
    "revision"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static struct fg_audit_entry complete(const struct fg_store *s, const struct fg_audit_entry *e)
{
    return (struct fg_audit_entry){
        .seq = s->next_head.count + 1,
        .at_ms = e->at_ms ? e->at_ms : fg_clock_wall_ms(),
        .who = or_empty(e->who),
        .who_name = or_empty(e->who_name),
        .via = or_empty(e->via),
        .address = or_empty(e->address),
        .action = e->action,
        .kind = or_empty(e->kind),
        .key = or_empty(e->key),
        .before = e->before,
        .after = e->after,
        .outcome = e->outcome,
        .detail = or_empty(e->detail),
        .revision = e->revision,
    };
}

static int insert(struct fg_store *s, const struct fg_audit_entry *e, const uint8_t mac[FG_MAC])
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO audit (" COLUMNS ", mac) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    fg_sql_int(&q, (int64_t)e->seq);
    fg_sql_int(&q, e->at_ms);
    fg_sql_text(&q, e->who);
    fg_sql_text(&q, e->who_name);
    fg_sql_text(&q, e->via);
    fg_sql_text(&q, e->address);
    fg_sql_text(&q, e->action);
    fg_sql_text(&q, e->kind);
    fg_sql_text(&q, e->key);
    fg_sql_text(&q, e->before);
    fg_sql_text(&q, e->after);
    fg_sql_text(&q, e->outcome);
    fg_sql_text(&q, e->detail);
    fg_sql_int(&q, (int64_t)e->revision);
    fg_sql_blob(&q, mac, FG_MAC);
    return fg_sql_run(&q);
}

int fg_audit_add(struct fg_store *s, const struct fg_audit_entry *e)
{
    if (!e->action || !e->action[0] || !e->outcome || !e->outcome[0])
        return fg_store_fail(s, EINVAL, "an audit row needs action and outcome");
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    struct fg_audit_entry row = complete(s, e);
    uint8_t mac[FG_MAC];
    err = fg_audit_mac(s->audit_key, s->next_head.mac, &row, mac);
    if (!err) err = insert(s, &row, mac);
    if (!err) {
        s->next_head.count = row.seq;
        memcpy(s->next_head.mac, mac, FG_MAC);
    }
    return fg_store_end(s, err);
}

/* --- reading
 * ---------------------------------------------------------------------------------------- */

static void read_row(struct fg_sql *q, struct fg_audit_entry *e)
{
    *e = (struct fg_audit_entry){
        .seq = fg_sql_get_u64(q, 0),
        .at_ms = fg_sql_get_int(q, 1),
        .who = fg_sql_get_text(q, 2),
        .who_name = fg_sql_get_text(q, 3),
        .via = fg_sql_get_text(q, 4),
        .address = fg_sql_get_text(q, 5),
        .action = fg_sql_get_text(q, 6),
        .kind = fg_sql_get_text(q, 7),
        .key = fg_sql_get_text(q, 8),
        .before = fg_sql_get_text(q, 9),
        .after = fg_sql_get_text(q, 10),
        .outcome = fg_sql_get_text(q, 11),
        .detail = fg_sql_get_text(q, 12),
        .revision = fg_sql_get_u64(q, 13),
    };
}

/* Each condition holds when its parameter is NULL. */
#define FILTER                                                                                     \
    "WHERE (?1 IS NULL OR seq < ?1) AND (?2 IS NULL OR at >= ?2) AND (?3 IS NULL OR at < ?3) "     \
    "AND (?4 IS NULL OR revision = ?4) AND (?5 IS NULL OR who = ?5) AND (?6 IS NULL OR action = "  \
    "?6) "                                                                                         \
    "AND (?7 IS NULL OR kind = ?7) AND (?8 IS NULL OR key = ?8) AND (?9 IS NULL OR outcome = ?9) " \
    "AND (?10 IS NULL OR instr(lower(who_name), lower(?10)) OR instr(lower(key), lower(?10)) "     \
    "OR instr(lower(detail), lower(?10)))"

static void bind_filter(struct fg_sql *q, const struct fg_audit_filter *f)
{
    fg_sql_int_or_null(q, (int64_t)f->before_seq);
    fg_sql_int_or_null(q, f->since_ms);
    fg_sql_int_or_null(q, f->until_ms);
    fg_sql_int_or_null(q, (int64_t)f->revision);
    fg_sql_text(q, f->who);
    fg_sql_text(q, f->action);
    fg_sql_text(q, f->kind);
    fg_sql_text(q, f->key);
    fg_sql_text(q, f->outcome);
    fg_sql_text(q, f->text);
}

int fg_audit_each(struct fg_store *s, const struct fg_audit_filter *f, size_t limit,
                  fg_audit_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM audit " FILTER " ORDER BY seq DESC LIMIT ?11");
    bind_filter(&q, f);
    fg_sql_int(&q, (int64_t)limit);
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_audit_entry e;
        read_row(&q, &e);
        err = fn(&e, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_audit_count(struct fg_store *s, const struct fg_audit_filter *f, uint64_t *count)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT count(*) FROM audit " FILTER);
    bind_filter(&q, f);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_audit_follow(struct fg_store *s, uint64_t seq, size_t limit, fg_audit_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM audit WHERE seq > ? ORDER BY seq LIMIT ?");
    fg_sql_int(&q, (int64_t)seq);
    fg_sql_int(&q, (int64_t)limit);
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_audit_entry e;
        read_row(&q, &e);
        err = fn(&e, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_audit_newest(struct fg_store *s, uint64_t *seq)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT coalesce(max(seq), 0) FROM audit");
    *seq = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_audit_of_revision(struct fg_store *s, uint64_t revision, uint64_t *seq)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT seq FROM audit WHERE revision = ? ORDER BY seq LIMIT 1");
    fg_sql_int(&q, (int64_t)revision);
    *seq = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close_one(&q);
}

/* --- checking
 * --------------------------------------------------------------------------------------- */

static void found(struct fg_audit_report *r, uint64_t seq, const char *reason)
{
    r->bad_seq = seq;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
}

static int check_row(struct fg_store *s, struct fg_sql *q, uint8_t mac[FG_MAC],
                     struct fg_audit_report *r)
{
    struct fg_audit_entry e;
    uint8_t stored[FG_MAC], due[FG_MAC];
    read_row(q, &e);
    if (e.seq != r->rows + 1) {
        found(r, r->rows + 1, "the row is missing");
        return 0;
    }
    fg_sql_get_blob(q, 14, stored, FG_MAC);
    int err = fg_audit_mac(s->audit_key, mac, &e, due);
    if (err) return err;
    if (CRYPTO_memcmp(stored, due, FG_MAC) != 0) {
        found(r, e.seq, "the row was changed, or does not follow the one before it");
        return 0;
    }
    memcpy(mac, due, FG_MAC);
    r->rows++;
    return 0;
}

static int check_rows(struct fg_store *s, const struct fg_audit_head *head,
                      struct fg_audit_report *r)
{
    uint8_t mac[FG_MAC] = {0};
    struct fg_sql q;
    int err = 0;
    fg_sql_open(&q, s, "SELECT " COLUMNS ", mac FROM audit ORDER BY seq");
    while (!err && !r->bad_seq && fg_sql_row(&q)) err = check_row(s, &q, mac, r);
    err = fg_sql_close_each(&q, err);
    if (!err && !r->bad_seq && r->rows < head->count)
        found(r, r->rows + 1, "the row and all behind it were cut off");
    return err;
}

/* The head is read before the rows, so that rows written meanwhile can only make them more than it
 * says. */
int fg_audit_verify(struct fg_store *s, struct fg_audit_report *out)
{
    struct fg_audit_head head;
    *out = (struct fg_audit_report){0};
    int err = fg_audit_read_head(s, &head);
    return err ? err : check_rows(s, &head, out);
}
