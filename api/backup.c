/* POST /backup: everything that is kept, as one file. It holds private keys, so it leaves only over
 * the local socket, whose user could read them anyway. Runs on the configuration thread: nothing
 * changes meanwhile, and the gateway goes on. */
#include "server/backup/backup.h"

#include <time.h>

#include "api/internal.h"

static void name_file(struct fg_http_response *r)
{
    struct tm tm;
    time_t now = time(NULL);
    char stamp[32] = "";
    if (gmtime_r(&now, &tm)) strftime(stamp, sizeof stamp, "-%Y%m%dT%H%M%SZ", &tm);
    fg_http_response_headerf(r, "Content-Disposition", "attachment; filename=\"fedgate%s.backup\"",
                             stamp);
}

void fg_handle_backup(struct fg_call *c)
{
    char why[FG_WHY];
    int fd;
    uint64_t size;
    if (c->http->local_uid < 0 || c->who.kind != FG_BY_SOCKET) {
        fg_answer_problem(c, 403, "local_only",
                          "A backup holds private keys and is given only on the local socket; use "
                          "fedgate backup on the machine itself.");
        return;
    }
    if (!fg_call_body(c, true)) return;
    /* Before the copy is made, so that it tells of itself. */
    fg_call_audit(c, "backup", "", "", "ok", "");
    int err = fg_backup_make(fg_call_store(c), &fd, &size, why);
    if (err) {
        fg_call_audit(c, "backup", "", "", "failed", why);
        fg_answer_errno(c, err, "backup");
        return;
    }
    struct fg_http_response *r = fg_http_response_new(200);
    name_file(r);
    fg_http_response_file(r, FG_BACKUP_TYPE, fd, size);
    fg_answer(c, r);
}
