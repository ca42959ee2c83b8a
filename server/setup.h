/* What the first start makes: the panel's own certificate and the setup link. */
#ifndef FG_SETUP_H
#define FG_SETUP_H

#include "gateway/base/buf.h"
#include "server/auth/secret.h"
#include "server/store/store.h"

enum { FG_SETUP_LINK_MS = 30 * 60 * 1000 };

/* The panel's own certificate and key as PEM, from keys/panel.crt and keys/panel.key; made (EC
 * P-256, self-signed, for localhost, this machine's name and `panel`'s address) when missing,
 * damaged, or within 30 days of its end. 0 or errno. The key's buffer is to be wiped. */
int fg_setup_panel_certificate(const struct fg_datadir *d, const char *panel, struct fg_buf *chain,
                               struct fg_buf *key);

/* A new setup link, valid for FG_SETUP_LINK_MS; the store keeps only its hash. 0, EEXIST when there
 * is an administrator already, or errno. Needs the writer. */
int fg_setup_link_new(struct fg_store *s, char secret[FG_SECRET_TEXT]);
/* Tells the link: on standard error when that is a terminal, otherwise in DATA/setup-link (0600),
 * whose path is told. 0 or errno. */
int fg_setup_link_tell(const struct fg_datadir *d, const char *url, const char *secret);
/* Removes a DATA/setup-link that is no use any more. */
void fg_setup_link_forget(const struct fg_datadir *d);

/* DATA/panel-url holds the address of the panel while the server runs: a port may have been picked,
 * and subcommands beside it want to tell. NULL removes it. */
int fg_setup_panel_url(const struct fg_datadir *d, const char *url);

#endif
