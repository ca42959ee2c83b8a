/* Does a certificate fit the usage it is assigned to? Read from the store when an assignment or one
 * of our domains changes. What peers would refuse at once is a problem; a name that is missing is a
 * warning, because partners may recognise us by dialback all the same. */
#include "server/config/private.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "gateway/net/tls.h"

struct reading {
    bool has_key;
    X509 *leaf;
};

static int keep_leaf(const struct fg_certificate *c, void *arg)
{
    struct reading *r = arg;
    BIO *in = BIO_new_mem_buf(c->pem, -1);
    r->has_key = c->has_key;
    r->leaf = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    ERR_clear_error();
    return 0;
}

static void say(struct fg_fit *out, bool refused, const char *code, const char *text)
{
    if (refused && out->refused) return; /* one reason is enough */
    struct fg_fit_note *n = refused ? &out->problem : &out->warning;
    n->code = code;
    snprintf(n->text, sizeof n->text, "%s", text);
    if (refused) out->refused = true;
}

static void check_dates(X509 *x, struct fg_fit *out)
{
    if (X509_cmp_current_time(X509_get0_notAfter(x)) < 0)
        say(out, true, "certificate_expired",
            "This certificate has expired: nobody would accept it. Import a new one and assign "
            "that.");
    else if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0)
        say(out, true, "certificate_not_yet_valid",
            "This certificate is not valid yet: nobody would accept it before its first day. "
            "Assign it then, or check the clock.");
}

/* Our domains that a certificate does not name, as far as they have none of their own. */
struct unnamed {
    const struct fg_snapshot *snapshot;
    X509 *leaf;
    char first[300];
    size_t n;
};

static int see_domain(const struct fg_entry *e, void *arg)
{
    struct unnamed *u = arg;
    char usage[300];
    snprintf(usage, sizeof usage, "external:%s", e->key);
    if (fg_snapshot_assignment(u->snapshot, usage)) return 0;
    if (fg_cert_names_xmpp_domain(u->leaf, e->key)) return 0;
    if (u->n++ == 0) snprintf(u->first, sizeof u->first, "%s", e->key);
    return 0;
}

static void check_names(const struct fg_snapshot *s, const char *usage, X509 *x, struct fg_fit *out)
{
    struct unnamed u = {.snapshot = s, .leaf = x};
    char text[FG_FIT_TEXT];
    if (strncmp(usage, "external:", 9) == 0) {
        if (!fg_cert_names_xmpp_domain(x, usage + 9)) {
            u.n = 1;
            snprintf(u.first, sizeof u.first, "%s", usage + 9);
        }
    } else if (strcmp(usage, "external") == 0) {
        fg_snapshot_each(s, FG_KIND_DOMAINS, see_domain, &u);
    }
    if (u.n == 0) return;
    if (u.n == 1)
        snprintf(text, sizeof text,
                 "The certificate does not name %s in its subjectAltName, so partners cannot "
                 "recognise that domain by it and SASL EXTERNAL fails. Use one that does, or let "
                 "partners use dialback.",
                 u.first);
    else
        snprintf(text, sizeof text,
                 "The certificate does not name %s and %zu more of our domains in its "
                 "subjectAltName, so partners cannot recognise them by it and SASL EXTERNAL fails. "
                 "Use one that does, or let partners use dialback.",
                 u.first, u.n - 1);
    say(out, false, "certificate_name_missing", text);
}

void fg_config_fit(const struct fg_snapshot *s, const char *usage, const char *id,
                   struct fg_fit *out, void *store)
{
    struct reading r = {.leaf = NULL};
    *out = (struct fg_fit){.found = false};
    out->found = fg_certificate_get(store, id, keep_leaf, &r) == 0 && r.has_key;
    if (out->found && r.leaf) {
        check_dates(r.leaf, out);
        if (!fg_cert_is_server(r.leaf))
            say(out, true, "certificate_not_for_servers",
                "This certificate's extended key usage does not allow servers (serverAuth), so "
                "peers would refuse it. Import one that was issued for servers.");
        check_names(s, usage, r.leaf, out);
    }
    X509_free(r.leaf);
}
