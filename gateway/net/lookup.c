/* See lookup.h. */
#include "gateway/net/lookup.h"

#include "gateway/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { RCODE_OK = 0, RCODE_NXDOMAIN = 3, CLASS_IN = 1 };

bool fg_question_ask(struct question *qn, struct query *q, const char *name, int type,
                     ub_callback_type cb)
{
    qn->query = q;
    qn->pending = true;
    int err = ub_resolve_async(q->resolver->ub, name, type, CLASS_IN, qn, cb, &qn->async_id);
    if (err) {
        qn->pending = false;
        qn->outcome = OUT_FAILED;
    }
    return err == 0;
}

void fg_question_cancel(struct question *qn)
{
    if (!qn->pending) return;
    ub_cancel(qn->query->resolver->ub, qn->async_id);
    qn->pending = false;
    qn->outcome = OUT_FAILED;
}

/* A bogus answer still carries data, so that is asked first. */
enum outcome fg_question_outcome(const struct fg_resolver *r, int err, const struct ub_result *a)
{
    if (err || !a) return OUT_FAILED;
    if (a->bogus) return OUT_BOGUS;
    if (a->rcode != RCODE_OK && a->rcode != RCODE_NXDOMAIN) return OUT_FAILED;
    if (r->dnssec == FG_DNSSEC_REQUIRE && !a->secure) return OUT_BOGUS;
    if (a->havedata) return OUT_RECORDS;
    return a->nxdomain || a->rcode == RCODE_NXDOMAIN ? OUT_NO_NAME : OUT_EMPTY;
}

/* Decodes the uncompressed name of an SRV record: "" is the root. 0 or EINVAL. */
static int read_name(const uint8_t *p, size_t len, char *out, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < len;) {
        size_t label = p[at++];
        if (label == 0) {
            out[used] = '\0';
            return 0;
        }
        if (label > 63 || at + label > len || used + label + 2 > size) return EINVAL;
        if (used) out[used++] = '.';
        memcpy(out + used, p + at, label);
        used += label;
        at += label;
    }
    return EINVAL;
}

static uint16_t number(const uint8_t *p)
{
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

bool fg_lookup_take_srv(struct query *q, const struct ub_result *a, bool direct_tls, bool secure)
{
    size_t records = 0;
    bool dot = false;
    for (int i = 0; a->data[i]; i++) {
        const uint8_t *p = (const uint8_t *)a->data[i];
        size_t len = (size_t)a->len[i];
        char raw[256], target[FG_DOMAIN_MAX];
        if (len < 7 || read_name(p + 6, len - 6, raw, sizeof raw)) continue;
        records++;
        if (raw[0] == '\0') {
            dot = true;
            continue;
        }
        if (q->n_targets == TARGETS_MAX || fg_domain_prepare(raw, strlen(raw), target)) continue;
        struct target *t = &q->targets[q->n_targets++];
        t->srv = (struct fg_srv){.priority = number(p),
                                 .weight = number(p + 2),
                                 .port = number(p + 4),
                                 .direct_tls = direct_tls};
        memcpy(t->srv.target, target, sizeof target);
        q->srv_secure &= secure;
    }
    return dot && records == 1;
}

int fg_lookup_take_addresses(struct target *t, const struct ub_result *a, int type, bool secure)
{
    int want = type == RR_A ? 4 : 16;
    for (int i = 0; a->data[i] && t->n_found < ADDRESSES_MAX; i++) {
        if (a->len[i] != want) continue;
        struct fg_endpoint *more = realloc(t->found, (t->n_found + 1) * sizeof *more);
        if (!more) return ENOMEM;
        t->found = more;
        struct fg_endpoint *ep = &t->found[t->n_found++];
        *ep = (struct fg_endpoint){.direct_tls = t->srv.direct_tls, .secure = secure};
        memcpy(ep->target, t->srv.target, sizeof ep->target);
        if (type == RR_A) {
            struct sockaddr_in *v4 = (void *)&ep->addr;
            v4->sin_family = AF_INET;
            v4->sin_port = htons(t->srv.port);
            memcpy(&v4->sin_addr, a->data[i], 4);
            ep->addr_len = sizeof *v4;
        } else {
            struct sockaddr_in6 *v6 = (void *)&ep->addr;
            v6->sin6_family = AF_INET6;
            v6->sin6_port = htons(t->srv.port);
            memcpy(&v6->sin6_addr, a->data[i], 16);
            ep->addr_len = sizeof *v6;
        }
    }
    return 0;
}
