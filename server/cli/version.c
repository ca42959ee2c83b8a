/* `fedgate version`. */
#include "server/cli/commands.h"
#include "server/cli/local.h"
#include "server/cli/options.h"
#include "server/http/http.h"

#include <ev.h>
#include <expat.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unbound.h>

static int print_json(void)
{
    char ev[24];
    snprintf(ev, sizeof ev, "%d.%d", ev_version_major(), ev_version_minor());
    return fg_local_json(json_pack(
        "{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s}}", "version", FG_VERSION, "commit", FG_COMMIT,
        "libraries", "libev", ev, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING), "expat",
        XML_ExpatVersion(), "libunbound", ub_version(), "libmicrohttpd", fg_http_library_version(),
        "gnutls", fg_http_tls_version(), "jansson", jansson_version_str()));
}

int fg_cmd_version(int argc, char **argv)
{
    bool json = false;
    const struct fg_flag flags[] = {FG_FLAG_JSON(&json)};
    const struct fg_usage u = {"version", "",
                               "Prints the version of the program and its libraries.", flags,
                               sizeof flags / sizeof *flags};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    if (json) return print_json();
    printf("fedgate %s (%s)\n", FG_VERSION, FG_COMMIT);
    printf("libev %d.%d\n", ev_version_major(), ev_version_minor());
    printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
    printf("%s\n", XML_ExpatVersion());
    printf("libunbound %s\n", ub_version());
    printf("libmicrohttpd %s\n", fg_http_library_version());
    printf("GnuTLS %s\n", fg_http_tls_version());
    printf("jansson %s\n", jansson_version_str());
    return FG_EXIT_OK;
}
