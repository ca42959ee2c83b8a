/* See bridge.h. */
#include "gateway/bridge/bridge.h"

#include "gateway/address.h"
#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "gateway/bridge/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOGGED_BODY_MAX = 400 };

int fg_bridge_new(struct fg_bridge **out, const struct fg_bridge_params *p)
{
    if (!out || !p || !p->ends.send_stanza || !p->ends.send_request || !p->ends.respond)
        return EINVAL;
    struct fg_bridge *b = calloc(1, sizeof *b);
    if (!b) return ENOMEM;
    b->ends = p->ends;
    b->report = p->report;
    b->edge = p->edge ? strdup(p->edge) : NULL;
    fg_map_init(&b->targets);
    fg_list_init(&b->outgoing);
    fg_pairs_init(&b->pairs, FG_PAIRS_MAX);
    fg_buf_init(&b->scratch, STANZA_MAX);
    if (p->edge && !b->edge) {
        fg_bridge_free(b);
        return ENOMEM;
    }
    *out = b;
    return 0;
}

void fg_bridge_stop(struct fg_bridge *b)
{
    b->stopped = true;
}

void fg_bridge_free(struct fg_bridge *b)
{
    if (!b) return;
    fg_bridge_targets_free(b);
    fg_bridge_outgoing_free(b);
    fg_pairs_free(&b->pairs);
    fg_buf_free(&b->scratch);
    free(b->edge);
    free(b);
}

void fg_bridge_activate(struct fg_bridge *b, const struct fg_snapshot *s)
{
    b->snapshot = s;
}

void fg_bridge_stanza(void *bridge, const struct fg_stanza *s)
{
    struct fg_bridge *b = bridge;
    if (b->stopped || !b->snapshot) return;
    switch (s->kind) {
    case FG_MESSAGE:
        fg_bridge_message(b, s);
        return;
    case FG_PRESENCE:
        fg_bridge_presence(b, s);
        return;
    case FG_IQ:
        fg_bridge_iq(b, s);
        return;
    }
}

int fg_bridge_ask(struct fg_bridge *b, bool inbound, const struct fg_jid *inner,
                  const struct fg_jid *outer, struct fg_verdict *out)
{
    char user[KEY_MAX], contact[ADDRESS_MAX];
    if (!b->snapshot) return EINVAL;
    int err = fg_user_key(inner, user, sizeof user);
    if (!err) err = fg_jid_text_bare(outer, contact, sizeof contact);
    if (err) return err;
    int64_t now = fg_clock_mono_ms();
    struct fg_pair_facts facts = fg_pairs_look(&b->pairs, user, contact, now);
    struct fg_policy_query q = {.ask = FG_ASK_MESSAGE,
                                .inbound = inbound,
                                .inner = user,
                                .inner_domain = inner->domain,
                                .outer = contact,
                                .outer_domain = outer->domain,
                                .edge = b->edge,
                                .now_ms = fg_clock_wall_ms(),
                                .contact_known = facts.written,
                                .established = facts.open};
    fg_policy_ask(b->snapshot, &q, out, NULL);
    if (out->allow) fg_pairs_note(&b->pairs, user, contact, !inbound, now);
    return 0;
}

void fg_bridge_report(struct fg_bridge *b, enum fg_level level, const char *code,
                      const char *partner, const char *rule, enum fg_failure why, const char *fmt,
                      ...)
{
    if (!b->report || level < b->report->level) return;
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct fg_event e = {.level = level,
                         .component = "bridge",
                         .code = code,
                         .partner = partner,
                         .rule = rule,
                         .failure = why,
                         .revision = b->snapshot ? fg_snapshot_revision(b->snapshot) : 0};
    fg_report_event(b->report, e, "%s", text);
}

void fg_bridge_log_body(struct fg_bridge *b, bool inbound, const char *partner, const char *text,
                        size_t len)
{
    const struct fg_settings *s = fg_snapshot_settings(b->snapshot);
    if (!s->log_message_bodies || fg_clock_wall_ms() >= s->log_message_bodies_until_ms) return;
    if (s->log_message_partner) {
        const struct fg_partner *p = fg_snapshot_partner(b->snapshot, partner);
        if (!p || strcmp(p->domain, s->log_message_partner) != 0) return;
    }
    char quoted[LOGGED_BODY_MAX];
    fg_quote(quoted, sizeof quoted, text, len);
    fg_bridge_report(b, FG_INFO, "message_body", partner, NULL, FG_FAIL_NONE, "%s: %s",
                     inbound ? "in" : "out", quoted);
}

void fg_bridge_counters(const struct fg_bridge *b, struct fg_bridge_counters *out)
{
    *out = b->counters;
}
