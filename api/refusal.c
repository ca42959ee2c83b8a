/* Writes that were refused, for the audit: who tried what. Known callers only, and so many a minute
 * that nobody fills the disk with them; what is left out is counted in the next row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "server/executor.h"

enum { A_MINUTE_MS = 60000, ROWS_A_MINUTE = 120, PATH_MAX_SHOWN = 400, DETAIL = 600 };

struct row {
    struct fg_api *a;
    struct fg_identity who;
    char address[FG_ADDRESS], detail[DETAIL];
};

/* May a row be written now? `*left_out`: how many were not since the last one. */
static bool take_turn(struct fg_refusals *r, unsigned *left_out)
{
    int64_t now = fg_clock_mono_ms();
    pthread_mutex_lock(&r->lock);
    if (!r->since_ms || now - r->since_ms >= A_MINUTE_MS) {
        r->since_ms = now;
        r->rows = 0;
    }
    bool turn = r->rows < ROWS_A_MINUTE;
    *left_out = r->left_out;
    r->rows += turn;
    r->left_out = turn ? 0 : r->left_out + 1;
    pthread_mutex_unlock(&r->lock);
    return turn;
}

/* Configuration thread. */
static void write_row(void *arg)
{
    struct row *row = arg;
    struct fg_actor who = {.owner = row->who.owner,
                           .name = row->who.name,
                           .via = row->who.via,
                           .address = row->address,
                           .admin_id = row->who.admin_id};
    struct fg_audit_note note = {
        .action = "refused", .kind = "", .key = "", .outcome = "refused", .detail = row->detail};
    fg_config_audit(row->a->p.config, &who, &note);
    free(row);
}

void fg_note_refusal(struct fg_api *a, const struct fg_http_request *r,
                     const struct fg_identity *who)
{
    char path[PATH_MAX_SHOWN];
    unsigned left_out;
    bool writes = r->method == FG_HTTP_POST || r->method == FG_HTTP_PUT ||
                  r->method == FG_HTTP_PATCH || r->method == FG_HTTP_DELETE;
    if (!writes || who->kind == FG_NOBODY || !take_turn(&a->refusals, &left_out)) return;
    struct row *row = calloc(1, sizeof *row);
    if (!row) return;
    row->a = a;
    row->who = *who;
    snprintf(row->address, sizeof row->address, "%s", r->address);
    fg_quotes(path, sizeof path, r->path);
    int n =
        snprintf(row->detail, sizeof row->detail, "%s %s was refused (403).", r->method_name, path);
    if (left_out && n > 0 && (size_t)n < sizeof row->detail)
        snprintf(row->detail + n, sizeof row->detail - (size_t)n,
                 " %u more refusals before it have no row of their own.", left_out);
    if (fg_executor_post(fg_config_executor(a->p.config), write_row, row)) free(row);
}
