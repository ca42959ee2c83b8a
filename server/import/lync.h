/* What administrators bring along from Lync Server and Skype for Business: the output of
 * Get-CsXmppAllowedPartner, Get-CsXmppGatewayConfiguration, Get-CsExternalAccessPolicy and
 * Get-CsUser as changes, and what they should know about it. Which of the four a record is shows in
 * its members. Pure; any thread. */
#ifndef FG_IMPORT_LYNC_H
#define FG_IMPORT_LYNC_H

#include <jansson.h>

#include "server/config/config.h"

struct fg_lync {
    struct fg_change *changes; /* what is fit for a draft; each object once */
    size_t n;
    json_t *findings; /* [{severity, code, record, kind, key, message}], in the order of records */
    json_t *values;   /* what the changes point into */
};

/* `records` as fg_records_read gives them. 0 or ENOMEM; free it. `now_ms` is the wall clock. With
 * `suspended`, partners come suspended: the old gateway goes on serving them. Changes of sites are
 * meant for those that do not exist (fg_bulk.only_new). */
int fg_lync_read(const json_t *records, int64_t now_ms, bool suspended, struct fg_lync *out);
void fg_lync_free(struct fg_lync *l);

#endif
