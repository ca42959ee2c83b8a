/* JIDs, domains and SIP addresses from outside: whatever is accepted must survive being prepared
 * again and mapped there and back. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/xmpp/jid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
    if (!ok) abort();
}

static void one_jid(struct fg_arena *a, const char *s, size_t len)
{
    struct fg_jid j, again, back;
    char text[FG_JID_MAX];
    if (fg_jid_parse(a, s, len, &j)) return;
    check(fg_jid_text(&j, text, sizeof text) == 0);
    check(fg_jid_parses(a, text, &again) == 0 && fg_jid_equal(&j, &again));
    struct fg_buf b;
    fg_buf_init(&b, 16384);
    int err = fg_jid_to_sip(&b, &j, false);
    check(err == 0 || err == EINVAL);
    if (err) {
        fg_buf_free(&b);
        return;
    }
    const char *uri = fg_buf_cstr(&b);
    check(uri != NULL);
    const char *user = uri + 4, *at = strchr(user, '@');
    const char *host = at ? at + 1 : user;
    /* The way back leads to nobody else. */
    err = fg_sip_to_jid(a, user, at ? (size_t)(at - user) : 0, host, strlen(host), NULL, 0, &back);
    check(err == 0 && fg_jid_equal_bare(&j, &back));
    fg_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_arena a;
    fg_arena_init(&a, 1 << 20);
    const char *s = (const char *)data;
    char domain[FG_DOMAIN_MAX], again[FG_DOMAIN_MAX], shown[FG_DOMAIN_TEXT_MAX];
    if (fg_domain_prepare(s, size, domain) == 0) {
        check(fg_domain_prepare(domain, strlen(domain), again) == 0 && strcmp(domain, again) == 0);
        fg_domain_display(domain, shown);
        check(fg_domain_prepare(shown, strlen(shown), again) == 0 && strcmp(domain, again) == 0);
    }
    one_jid(&a, s, size);
    struct fg_jid j;
    fg_sip_to_jid(&a, s, size, "a.example", 9, s, size, &j);
    char *text = fg_arena_strndup(&a, s, size);
    uint16_t port;
    if (text) {
        fg_hostport_parse(text, domain, &port);
        fg_listen_parse(text, domain, &port);
    }
    fg_arena_free(&a);
    return 0;
}
