/* The chain of the audit: the HMAC of a row, and the head (count and newest HMAC) in
 * keys/audit.head.
 *
 * The head is written after the commit, so that a crash may leave it behind the rows, never ahead;
 * whoever opens the writer brings it up to them, if they continue it. When the head is ahead, rows
 * were cut off: new rows then continue the head, and the gap in the numbers stays for
 * fg_audit_verify to find.
 *
 * The file has two places that are written in turn, each with its own HMAC: a write that a crash
 * tears leaves the other one. */
#include "gateway/base/buf.h"
#include "server/store/audit.h"
#include "server/store/sql.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <unistd.h>

enum { PLACE = 512, HEAD_BYTES = 8 + 8 + FG_MAC, ROW_MAX = 1 << 30 };

static const char head_start[8] = {'f', 'g', 'a', 'u', 'd', 'i', 't', '1'};

static void put_u64(uint8_t out[8], uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8) out[i] = (uint8_t)v;
}

static uint64_t get_u64(const uint8_t in[8])
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) v = v << 8 | in[i];
    return v;
}

/* --- the HMAC of a row
 * ------------------------------------------------------------------------------ */

static int add_u64(struct fg_buf *b, uint64_t v)
{
    uint8_t raw[8];
    put_u64(raw, v);
    return fg_buf_add(b, raw, sizeof raw);
}

/* Length first, so that no two rows have the same bytes; NULL differs from "". */
static int add_text(struct fg_buf *b, const char *text)
{
    if (!text) return add_u64(b, UINT64_MAX);
    size_t len = strlen(text);
    int err = add_u64(b, len);
    return err ? err : fg_buf_add(b, text, len);
}

static int hmac(const uint8_t key[FG_MAC], const void *data, size_t len, uint8_t out[FG_MAC])
{
    unsigned n = FG_MAC;
    return HMAC(EVP_sha256(), key, FG_MAC, data, len, out, &n) && n == FG_MAC ? 0 : ENOMEM;
}

int fg_audit_mac(const uint8_t key[FG_MAC], const uint8_t previous[FG_MAC],
                 const struct fg_audit_entry *e, uint8_t out[FG_MAC])
{
    const char *const texts[] = {e->who, e->who_name, e->via,   e->address, e->action, e->kind,
                                 e->key, e->before,   e->after, e->outcome, e->detail};
    struct fg_buf b;
    fg_buf_init(&b, ROW_MAX);
    int err = fg_buf_add(&b, previous, FG_MAC);
    if (!err) err = add_u64(&b, e->seq);
    if (!err) err = add_u64(&b, (uint64_t)e->at_ms);
    if (!err) err = add_u64(&b, e->revision);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !err; i++) err = add_text(&b, texts[i]);
    if (!err) err = hmac(key, fg_buf_data(&b), fg_buf_len(&b), out);
    fg_buf_free(&b);
    return err;
}

/* --- the head
 * ----------------------------------------------------------------------------------------- */

static int write_head(struct fg_store *s)
{
    uint8_t raw[HEAD_BYTES + FG_MAC];
    memcpy(raw, head_start, sizeof head_start);
    put_u64(raw + 8, s->head.count);
    memcpy(raw + 16, s->head.mac, FG_MAC);
    int err = hmac(s->audit_key, raw, HEAD_BYTES, raw + HEAD_BYTES);
    if (err) return err;
    if (pwrite(s->head_fd, raw, sizeof raw, (off_t)s->head_slot * PLACE) != (ssize_t)sizeof raw)
        return EIO;
    if (fdatasync(s->head_fd)) return errno;
    s->head_slot ^= 1;
    return 0;
}

static bool head_ok(struct fg_store *s, const uint8_t *raw, struct fg_audit_head *out)
{
    uint8_t mac[FG_MAC];
    if (memcmp(raw, head_start, sizeof head_start) != 0) return false;
    if (hmac(s->audit_key, raw, HEAD_BYTES, mac)) return false;
    if (CRYPTO_memcmp(mac, raw + HEAD_BYTES, FG_MAC) != 0) return false;
    out->count = get_u64(raw + 8);
    memcpy(out->mac, raw + 16, FG_MAC);
    return true;
}

int fg_audit_read_head(struct fg_store *s, struct fg_audit_head *out)
{
    struct fg_buf b;
    fg_buf_init(&b, 2 * PLACE);
    *out = (struct fg_audit_head){0};
    int err = fg_datadir_key_read(s->dir, "audit.head", &b);
    for (int slot = 0; slot < 2 && !err; slot++) {
        struct fg_audit_head h;
        size_t at = (size_t)slot * PLACE;
        if (fg_buf_len(&b) < at + HEAD_BYTES + FG_MAC || !head_ok(s, fg_buf_data(&b) + at, &h))
            continue;
        if (h.count < out->count) continue;
        *out = h;
        if (s->head_fd >= 0) s->head_slot = slot ^ 1;
    }
    fg_buf_free(&b);
    return err == ENOENT ? 0 : err;
}

/* Commits that appended rows: what is in the database is done; a head that cannot be written now is
 * written with the next row or at the next start. */
void fg_audit_written(struct fg_store *s)
{
    if (s->next_head.count == s->head.count) return;
    s->head = s->next_head;
    int err = write_head(s);
    if (err) fg_store_fail(s, err, "cannot write keys/audit.head: %s", strerror(err));
}

static int last_row(struct fg_store *s, struct fg_audit_head *out)
{
    struct fg_sql q;
    *out = (struct fg_audit_head){0};
    fg_sql_open(&q, s, "SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1");
    if (fg_sql_row(&q)) {
        out->count = fg_sql_get_u64(&q, 0);
        fg_sql_get_blob(&q, 1, out->mac, FG_MAC);
    }
    return fg_sql_close(&q);
}

int fg_audit_open(struct fg_store *s)
{
    int err;
    if (s->writer) {
        err = fg_datadir_secret(s->dir, "audit.key", s->audit_key, FG_MAC);
        if (!err) err = fg_datadir_key_open(s->dir, "audit.head", &s->head_fd);
    } else {
        struct fg_buf b;
        fg_buf_init(&b, FG_MAC);
        err = fg_datadir_key_read(s->dir, "audit.key", &b);
        if (!err && fg_buf_len(&b) != FG_MAC) err = EBADMSG;
        if (!err) memcpy(s->audit_key, fg_buf_data(&b), FG_MAC);
        fg_buf_wipe(&b);
    }
    if (err)
        return fg_store_fail(s, err, "cannot read or make the audit's files in keys/: %s",
                             strerror(err));
    if (!s->writer) return 0;
    struct fg_audit_head last;
    err = fg_audit_read_head(s, &s->head);
    if (!err) err = last_row(s, &last);
    if (err || last.count < s->head.count) return err;
    bool behind = last.count > s->head.count;
    s->head = last;
    return behind ? write_head(s) : 0;
}
