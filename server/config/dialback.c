/* See dialback.h, and fg_config_dialback in config.h. */
#include "server/config/dialback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/rand.h"
#include "server/config/private.h"

static const char secret_file[] = "dialback.secret", previous_file[] = "dialback.previous",
                  until_name[] = "dialback_previous_until";

enum { RANDOM_BYTES = 32, FG_DIALBACK_RETRY_MS = 2000 };

static bool printable(const struct fg_buf *b)
{
    const unsigned char *p = (const void *)fg_buf_data(b);
    for (size_t i = 0; i < fg_buf_len(b); i++)
        if (p[i] < 0x20 || p[i] > 0x7e) return false;
    return true;
}

/* "" without the file. */
static int read_file(struct fg_store *st, const char *name, char out[2 * FG_DIALBACK_MAX + 1])
{
    struct fg_buf b;
    fg_buf_init(&b, FG_DIALBACK_MAX);
    *out = '\0';
    int err = fg_datadir_key_read(fg_store_datadir(st), name, &b);
    if (!err && printable(&b)) {
        memcpy(out, fg_buf_data(&b), fg_buf_len(&b));
        out[fg_buf_len(&b)] = '\0';
    } else if (!err) {
        fg_hex(out, fg_buf_data(&b), fg_buf_len(&b));
    }
    fg_buf_wipe(&b);
    return err == ENOENT ? 0 : err;
}

static int read_until(struct fg_store *st, int64_t *until_ms)
{
    char *text;
    *until_ms = 0;
    int err = fg_meta_get(st, until_name, &text);
    if (err) return err == ENOENT ? 0 : err;
    *until_ms = strtoll(text, NULL, 10);
    free(text);
    return 0;
}

int fg_dialback_read(struct fg_store *st, struct fg_dialback *out)
{
    *out = (struct fg_dialback){0};
    int err = read_file(st, secret_file, out->secret);
    if (!err && !*out->secret) err = ENOENT;
    if (!err) err = read_until(st, &out->until_ms);
    if (!err && out->until_ms > fg_clock_wall_ms())
        err = read_file(st, previous_file, out->previous);
    if (!*out->previous) out->until_ms = 0;
    return err;
}

void fg_dialback_wipe(struct fg_dialback *d)
{
    explicit_bzero(d, sizeof *d);
}

/* Tells the engine, and the timer when to tell it again: at the end of the overlap, or soon, when
 * the engine could not take it. */
static int publish(struct fg_config *c)
{
    struct fg_dialback d;
    int err = fg_dialback_read(c->p.store, &d);
    if (!err && c->engine)
        err = fg_engine_set_dialback_secret(c->engine, d.secret, *d.previous ? d.previous : NULL);
    pthread_mutex_lock(&c->lock);
    if (!err) c->dialback_until_ms = d.until_ms;
    c->dialback_retry_ms = err ? fg_clock_mono_ms() + FG_DIALBACK_RETRY_MS : 0;
    pthread_mutex_unlock(&c->lock);
    fg_dialback_wipe(&d);
    return err;
}

void fg_dialback_begin(struct fg_config *c)
{
    int64_t until;
    if (read_until(c->p.store, &until)) return;
    pthread_mutex_lock(&c->lock);
    c->dialback_until_ms = until;
    pthread_mutex_unlock(&c->lock);
}

static bool over(const struct fg_config *c)
{
    return c->dialback_until_ms && fg_clock_wall_ms() >= c->dialback_until_ms;
}

static bool to_be_told(const struct fg_config *c)
{
    return c->dialback_retry_ms && fg_clock_mono_ms() >= c->dialback_retry_ms;
}

bool fg_dialback_due(const struct fg_config *c)
{
    return over(c) || to_be_told(c);
}

void fg_dialback_tick(struct fg_config *c)
{
    if (to_be_told(c) && publish(c) == 0)
        fg_logf(c->p.log, FG_INFO, "config", "dialback", "the engine has the new secret");
    if (!over(c)) return;
    int err = fg_datadir_key_remove(fg_store_datadir(c->p.store), previous_file);
    if (!err) err = fg_meta_set(c->p.store, until_name, "0");
    if (!err) err = publish(c);
    if (err)
        fg_logf(c->p.log, FG_ERROR, "config", "dialback", "the former secret cannot be dropped: %s",
                strerror(err));
    else
        fg_logf(c->p.log, FG_INFO, "config", "dialback", "the former secret counts no more");
    pthread_mutex_lock(&c->lock);
    if (err) c->dialback_until_ms = fg_clock_wall_ms() + FG_RETRY_MS;
    pthread_mutex_unlock(&c->lock);
}

/* Does a former secret count already? A second one in its place would end it before the time that
 * was promised. */
static int overlaps(struct fg_store *st, int64_t *until_ms)
{
    struct fg_dialback d;
    int err = fg_dialback_read(st, &d);
    *until_ms = d.until_ms;
    fg_dialback_wipe(&d);
    return err == ENOENT ? 0 : err;
}

/* The file of the secret in use becomes the former one. In this order: with a crash at any point
 * what was in use still counts. */
static int keep_previous(struct fg_store *st, uint32_t overlap_s, int64_t *until_ms)
{
    const struct fg_datadir *d = fg_store_datadir(st);
    char text[24];
    struct fg_buf b;
    *until_ms = overlap_s ? fg_clock_wall_ms() + (int64_t)overlap_s * 1000 : 0;
    snprintf(text, sizeof text, "%lld", (long long)*until_ms);
    fg_buf_init(&b, FG_DIALBACK_MAX);
    int err = fg_datadir_key_read(d, secret_file, &b);
    if (!err && overlap_s)
        err = fg_datadir_key_write(d, previous_file, fg_buf_data(&b), fg_buf_len(&b));
    else if (!err)
        err = fg_datadir_key_remove(d, previous_file);
    fg_buf_wipe(&b);
    return err ? err : fg_meta_set(st, until_name, text);
}

static int write_secret(struct fg_store *st, const char *secret)
{
    unsigned char random[RANDOM_BYTES];
    const struct fg_datadir *d = fg_store_datadir(st);
    if (secret) return fg_datadir_key_write(d, secret_file, secret, strlen(secret));
    fg_random(random, sizeof random);
    int err = fg_datadir_key_write(d, secret_file, random, sizeof random);
    explicit_bzero(random, sizeof random);
    return err;
}

int fg_config_dialback(struct fg_config *c, const struct fg_actor *who, const char *secret,
                       uint32_t overlap_s, int64_t *until_ms)
{
    int err = overlaps(c->p.store, until_ms);
    if (!err && *until_ms && overlap_s) {
        const struct fg_audit_note refused = {.action = "dialback_secret",
                                              .outcome = "refused",
                                              .detail = "the former secret still counts"};
        fg_config_audit(c, who, &refused);
        return EBUSY;
    }
    if (!err) err = keep_previous(c->p.store, overlap_s, until_ms);
    if (!err) err = write_secret(c->p.store, secret);
    bool stored = !err;
    if (!err) err = publish(c);
    const char *how = secret ? "given" : "made";
    if (stored && err) how = "stored, but the engine has not taken it yet";
    const struct fg_audit_note n = {
        .action = "dialback_secret", .outcome = err ? "failed" : "ok", .detail = how};
    fg_config_audit(c, who, &n);
    return stored && err ? EINPROGRESS : err;
}
