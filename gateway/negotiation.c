/* See negotiation.h. The table is the documented 18-row matrix in its order; a test proves it
 * against the closed form (SASL needs TLS; dialback over TLS unless both are required; unencrypted
 * dialback unless TLS is required). "SASL required" beside dialback keeps its documented, weaker
 * meaning in rows 3 and 5, and says so in its warning. */
#include "gateway/negotiation.h"

#include <errno.h>
#include <string.h>

enum { S = 1, L = 2, T = 4 };

enum note_id {
    NOTHING,
    SASL_IMPOSSIBLE,
    NO_AUTHENTICATION,
    DIALBACK_UNUSED,
    SASL_NOT_ENFORCED,
    TLS_NOT_OPTIONAL,
    SASL_MAY_BE_SKIPPED,
    SASL_CANNOT_WORK,
    UNENCRYPTED_POSSIBLE,
    UNENCRYPTED_ALWAYS,
    WEAK_IDENTITY,
};

static const struct fg_note notes[] = {
    [NOTHING] = {NULL, NULL},
    [SASL_IMPOSSIBLE] = {"sasl_impossible_without_tls",
                         "SASL cannot be used without TLS, and dialback is off, so no way of "
                         "authenticating is left. Allow TLS, or enable dialback."},
    [NO_AUTHENTICATION] = {"no_authentication",
                           "Neither SASL nor dialback may be used, so the partner could not be "
                           "authenticated. Allow SASL with TLS, or enable dialback."},
    [DIALBACK_UNUSED] =
        {"dialback_unused",
         "Dialback is enabled but never used, because TLS and SASL are both required. "
         "Set SASL to optional to let dialback over TLS step in, or disable dialback."},
    [SASL_NOT_ENFORCED] =
        {"sasl_needs_tls",
         "SASL works only inside TLS, which is optional here: when TLS or SASL is not "
         "available, dialback is used although SASL is set to required. Set TLS to "
         "required to enforce it."},
    [TLS_NOT_OPTIONAL] =
        {"sasl_needs_tls",
         "SASL is the only way left and works only inside TLS, so TLS is not optional "
         "in effect: without it the connection fails. Set TLS to required, or enable "
         "dialback."},
    [SASL_MAY_BE_SKIPPED] =
        {"sasl_needs_tls",
         "SASL works only inside TLS, which is optional here: when the partner does "
         "not offer TLS, SASL is skipped. Set TLS to required to prevent that."},
    [SASL_CANNOT_WORK] =
        {"sasl_needs_tls",
         "SASL works only inside TLS, which is not supported here, so SASL is never "
         "used. Set SASL to not supported, or allow TLS."},
    [UNENCRYPTED_POSSIBLE] = {"unencrypted_possible",
                              "Messages may travel unencrypted: whoever controls the network can "
                              "suppress TLS and read them. Set TLS to required to rule that out."},
    [UNENCRYPTED_ALWAYS] = {"unencrypted_always",
                            "Messages always travel unencrypted and can be read and changed on the "
                            "way. Use this only for a partner that cannot do TLS."},
    [WEAK_IDENTITY] =
        {"weak_identity",
         "The connection is encrypted, but the partner's identity rests on DNS alone. "
         "Set SASL to optional to use certificates where the partner has a good one."},
};

static const struct row {
    unsigned char methods, problem, warnings[FG_TERMS_WARNINGS], remark;
} rows[FG_NEEDS][FG_NEEDS][2] = {
    /* [sasl][tls][dialback is off]: the order of the matrix */
    [FG_REQUIRED] =
        {
            [FG_REQUIRED] = {{.methods = S, .warnings = {DIALBACK_UNUSED}}, {.methods = S}},
            [FG_OPTIONAL] = {{.methods = S | L | T,
                              .warnings = {SASL_NOT_ENFORCED, UNENCRYPTED_POSSIBLE}},
                             {.methods = S, .warnings = {TLS_NOT_OPTIONAL}}},
            [FG_NOT_SUPPORTED] = {{.methods = T,
                                   .warnings = {SASL_CANNOT_WORK, UNENCRYPTED_ALWAYS}},
                                  {.problem = SASL_IMPOSSIBLE}},
        },
    [FG_OPTIONAL] =
        {
            [FG_REQUIRED] = {{.methods = S | L}, {.methods = S}},
            [FG_OPTIONAL] = {{.methods = S | L | T,
                              .warnings = {SASL_MAY_BE_SKIPPED, UNENCRYPTED_POSSIBLE}},
                             {.methods = S, .warnings = {TLS_NOT_OPTIONAL}}},
            [FG_NOT_SUPPORTED] = {{.methods = T,
                                   .warnings = {SASL_CANNOT_WORK, UNENCRYPTED_ALWAYS}},
                                  {.problem = SASL_IMPOSSIBLE}},
        },
    [FG_NOT_SUPPORTED] =
        {
            [FG_REQUIRED] = {{.methods = L, .remark = WEAK_IDENTITY},
                             {.problem = NO_AUTHENTICATION}},
            [FG_OPTIONAL] = {{.methods = L | T, .warnings = {UNENCRYPTED_POSSIBLE}},
                             {.problem = NO_AUTHENTICATION}},
            [FG_NOT_SUPPORTED] = {{.methods = T, .warnings = {UNENCRYPTED_ALWAYS}},
                                  {.problem = NO_AUTHENTICATION}},
        },
};

struct fg_terms fg_negotiation(enum fg_need tls, enum fg_need sasl, bool dialback)
{
    const struct row *r = &rows[sasl][tls][dialback ? 0 : 1];
    struct fg_terms t = {
        .tls = tls,
        .sasl = sasl,
        .dialback = dialback,
        .row = (int)sasl * 6 + (int)tls * 2 + (dialback ? 1 : 2),
        .problem = notes[r->problem],
        .remark = notes[r->remark],
    };
    if (r->methods & S) t.methods[t.n_methods++] = FG_SASL_TLS;
    if (r->methods & L) t.methods[t.n_methods++] = FG_DIALBACK_TLS;
    if (r->methods & T) t.methods[t.n_methods++] = FG_DIALBACK_TCP;
    t.valid = t.n_methods > 0;
    for (size_t i = 0; i < FG_TERMS_WARNINGS && r->warnings[i]; i++)
        t.warnings[t.n_warnings++] = notes[r->warnings[i]];
    return t;
}

bool fg_method_allowed(const struct fg_terms *t, enum fg_method m)
{
    for (size_t i = 0; i < t->n_methods; i++)
        if (t->methods[i] == m) return true;
    return false;
}

struct fg_offer fg_offer_clear(const struct fg_terms *t)
{
    return (struct fg_offer){
        .starttls = t->valid && t->tls != FG_NOT_SUPPORTED,
        .starttls_required = t->valid && t->tls == FG_REQUIRED,
        .dialback = fg_method_allowed(t, FG_DIALBACK_TCP),
        .close = !t->valid,
    };
}

struct fg_offer fg_offer_tls(const struct fg_terms *t, bool certificate_ok)
{
    struct fg_offer o = {
        .external = certificate_ok && fg_method_allowed(t, FG_SASL_TLS),
        .dialback = fg_method_allowed(t, FG_DIALBACK_TLS),
    };
    o.close = !o.external && !o.dialback;
    return o;
}

static enum fg_step give_up(enum fg_failure *why, enum fg_failure f)
{
    *why = f;
    return FG_STEP_GIVE_UP;
}

static enum fg_step dialback_step(const struct fg_peer_view *p, enum fg_failure *why)
{
    if (p->dialback_failed) return give_up(why, FG_FAIL_DIALBACK_REFUSED);
    if (!p->dialback_offered) return give_up(why, FG_FAIL_DIALBACK_NOT_OFFERED);
    return FG_STEP_DIALBACK;
}

/* Optional TLS is taken when it is offered. Where nothing works without TLS, <starttls/> is sent
 * even when it was not offered: somebody in between may have stripped it (RFC 7590 3.1). */
static enum fg_step step_clear(const struct fg_terms *t, const struct fg_peer_view *p,
                               enum fg_failure *why)
{
    bool unencrypted = fg_method_allowed(t, FG_DIALBACK_TCP);
    if (t->tls == FG_NOT_SUPPORTED) {
        if (p->starttls_required) return give_up(why, FG_FAIL_TLS_REQUIRED_BY_PEER);
        return dialback_step(p, why);
    }
    if (!p->starttls_tried && (p->starttls_offered || !unencrypted)) return FG_STEP_STARTTLS;
    if (!unencrypted) return give_up(why, FG_FAIL_TLS_NOT_OFFERED);
    if (p->starttls_required) return give_up(why, FG_FAIL_TLS_HANDSHAKE);
    return dialback_step(p, why);
}

/* Inside TLS: EXTERNAL is for a peer that has proved itself by its certificate, as we are about to.
 * Rows that know dialback over TLS fall back to it; the others end here. */
static enum fg_step step_tls(const struct fg_terms *t, const struct fg_peer_view *p,
                             enum fg_failure *why)
{
    bool sasl = fg_method_allowed(t, FG_SASL_TLS);
    if (sasl && p->certificate_ok && p->external_offered && !p->external_failed)
        return FG_STEP_EXTERNAL;
    if (fg_method_allowed(t, FG_DIALBACK_TLS)) return dialback_step(p, why);
    if (!sasl) return give_up(why, FG_FAIL_NO_METHOD);
    if (!p->certificate_ok) return give_up(why, FG_FAIL_CERT_UNTRUSTED);
    if (p->external_failed) return give_up(why, FG_FAIL_EXTERNAL_REFUSED);
    return give_up(why, FG_FAIL_EXTERNAL_NOT_OFFERED);
}

enum fg_step fg_next_step(const struct fg_terms *t, const struct fg_peer_view *p,
                          enum fg_failure *why)
{
    if (!t->valid) return give_up(why, FG_FAIL_NO_METHOD);
    return p->tls ? step_tls(t, p, why) : step_clear(t, p, why);
}

static const char *const need_names[FG_NEEDS] = {"required", "optional", "not_supported"};

const char *fg_need_name(enum fg_need n)
{
    return (unsigned)n < FG_NEEDS ? need_names[n] : "";
}

int fg_need_parse(const char *name, enum fg_need *out)
{
    for (size_t i = 0; i < FG_NEEDS; i++) {
        if (strcmp(name, need_names[i]) != 0) continue;
        *out = (enum fg_need)i;
        return 0;
    }
    return EINVAL;
}

const char *fg_method_name(enum fg_method m)
{
    switch (m) {
    case FG_METHOD_NONE:
        return "none";
    case FG_SASL_TLS:
        return "sasl_tls";
    case FG_DIALBACK_TLS:
        return "dialback_tls";
    case FG_DIALBACK_TCP:
        return "dialback_tcp";
    }
    return "";
}
