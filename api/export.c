/* GET /export: the committed configuration as one document that can live under version control. */
#include <errno.h>
#include <string.h>

#include "api/internal.h"
#include "server/import/document.h"
#include "server/store/objects.h"

void fg_handle_export(struct fg_call *c)
{
    const char *wanted = fg_http_query(c->http, "revision");
    uint64_t revision = 0, current = 0;
    json_t *document = NULL;
    if (wanted && !fg_call_number(c, wanted, &revision)) return;
    int err = fg_revision_current(fg_call_store(c), &current);
    if (!wanted) revision = current;
    if (!err)
        err =
            revision > current ? ENOENT : fg_document_export(fg_call_store(c), revision, &document);
    char *text = err ? NULL : fg_document_text(document);
    json_decref(document);
    if (err == ENOENT) {
        fg_answer_problem(c, 404, "not_found", "There is no such revision.");
    } else if (err || !text) {
        fg_answer_errno(c, err ? err : ENOMEM, "export");
    } else {
        struct fg_http_response *r = fg_http_response_new(200);
        fg_http_response_headerf(r, "Content-Disposition",
                                 "attachment; filename=\"fedgate-%llu.json\"",
                                 (unsigned long long)revision);
        fg_http_response_body(r, "application/json", text, strlen(text));
        fg_answer(c, r);
    }
}
