/* The wire to a panel's HTTPS port. The certificate is always judged: by the system's authorities,
 * by those of a file, or by its fingerprint; there is no way not to. Main thread only. */
#ifndef FG_CLI_TLS_H
#define FG_CLI_TLS_H

#include "server/cli/client.h"

struct fg_tls_trust {
    const char *ca;  /* PEM file that takes the place of the system's authorities; NULL: these */
    const char *pin; /* SHA-256 of the certificate, hex, colons allowed; it then decides alone */
};
enum { FG_TLS_WHY = 512 };

/* Connects and completes the handshake. 0, or an errno with a sentence in `why`. */
int fg_wire_tls(struct fg_wire **out, const char *host, const char *port,
                const struct fg_tls_trust *trust, char why[FG_TLS_WHY]);
/* Is this 64 hex digits, colons apart? */
bool fg_tls_pin_valid(const char *pin);

#endif
