/* POST /dialback-secret: sets or rotates the secret by which dialback keys are made. It is never
 * shown, neither here nor in the audit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "gateway/base/clock.h"
#include "server/config/dialback.h"

static void check_secret(const char *secret, struct fg_problems *problems)
{
    size_t n = strlen(secret);
    bool good = n >= FG_DIALBACK_MIN;
    for (size_t i = 0; i < n && good; i++) good = secret[i] >= 0x20 && secret[i] <= 0x7e;
    if (!good)
        fg_problem_add(
            problems, "/secret", "secret",
            "A secret has 16 to 256 printable ASCII characters; leave it out to have one "
            "made.");
}

static void answer_failure(struct fg_call *c, int err, int64_t until)
{
    char at[FG_TIME_TEXT], detail[300];
    if (err == EINPROGRESS) {
        fg_answer(c,
                  fg_reply_problem_with(
                      503, "not_applied",
                      "The secret is stored, but the engine is too busy to take it; it does in a "
                      "moment.",
                      NULL, json_pack("{s:b,s:b}", "stored", 1, "applied", 0)));
        return;
    }
    if (err != EBUSY) {
        fg_answer_errno(c, err, "secret");
        return;
    }
    fg_time_format(at, until);
    snprintf(detail, sizeof detail,
             "The secret before this one still counts, until %s, and only one former secret is "
             "kept. Wait until then, or send overlap 0: then no former secret counts any more.",
             at);
    fg_answer_problem(c, 409, "overlap_runs", detail);
}

void fg_handle_dialback_secret(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *secret = NULL;
    int64_t overlap = FG_DIALBACK_OVERLAP_S, until;
    struct fg_actor who = fg_call_actor(c);
    json_t *body = fg_call_body(c, true);
    if (!body) return;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        secret = fg_input_string(&in, "secret", FG_MAY, FG_DIALBACK_MAX);
        overlap = fg_input_integer(&in, "overlap", FG_MAY, 0, FG_DIALBACK_OVERLAP_MAX_S,
                                   FG_DIALBACK_OVERLAP_S);
        fg_input_rest(&in);
        if (secret) check_secret(secret, &problems);
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
        return;
    }
    int err = fg_config_dialback(c->api->p.config, &who, secret, (uint32_t)overlap, &until);
    if (err) {
        answer_failure(c, err, until);
        return;
    }
    json_t *o = json_object();
    fg_json_set(o, "changed_at", fg_json_time(fg_clock_wall_ms()));
    fg_json_set(o, "previous_valid_until", fg_json_time(until));
    fg_answer_json(c, 200, o);
}
