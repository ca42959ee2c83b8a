/* `fedgate version`. */
#include "server/cli/commands.h"
#include "server/cli/options.h"
#include "server/http/http.h"

#include <ev.h>
#include <expat.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unbound.h>

int fg_cmd_version(int argc, char **argv)
{
    const struct fg_usage u = {"version", "",
                               "Prints the version of the program and its libraries.", NULL, 0};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
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
