/* PATCH /profile: the language and the theme in which I want the panel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/internal.h"
#include "server/store/audit.h"
#include "server/store/preferences.h"

static const char *const languages[] = {"en", "de", "zh", NULL};
static const char *const themes[] = {"light", "dark", NULL};

static json_t *or_null(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static json_t *print(const struct fg_preferences *p)
{
    json_t *o = json_object();
    fg_json_set(o, "language", or_null(p->language));
    fg_json_set(o, "theme", or_null(p->theme));
    return o;
}

void fg_add_preferences(struct fg_call *c, const struct fg_identity *who, json_t *session)
{
    struct fg_preferences p = {0};
    if (who->admin_id && fg_preferences_get(fg_call_store(c), who->admin_id, &p))
        p = (struct fg_preferences){0}; /* looks are no reason to keep anybody out */
    json_t *o = print(&p);
    if (o) json_object_update(session, o);
    json_decref(o);
}

/* Takes one member over: absent leaves `out`, null empties it. */
static void take(struct fg_input *in, const char *name, const char *const *choices,
                 char out[FG_PREFERENCE])
{
    if (!json_object_get(in->object, name)) {
        (void)fg_input_any(in, name, FG_MAY);
        return;
    }
    int i = fg_input_choice(in, name, FG_MAY, choices);
    snprintf(out, FG_PREFERENCE, "%s", i < 0 ? "" : choices[i]);
}

static int store(struct fg_call *c, const struct fg_preferences *old,
                 const struct fg_preferences *chosen)
{
    struct fg_store *st = fg_call_store(c);
    struct fg_actor who = fg_call_actor(c);
    json_t *a = print(old), *b = print(chosen);
    char *before = a ? json_dumps(a, JSON_COMPACT) : NULL;
    char *after = b ? json_dumps(b, JSON_COMPACT) : NULL;
    struct fg_audit_entry e = {.who = who.owner,
                               .who_name = who.name,
                               .via = who.via,
                               .address = who.address,
                               .action = "profile",
                               .kind = "admins",
                               .key = who.name,
                               .before = before,
                               .after = after,
                               .outcome = "ok"};
    int err = before && after ? fg_store_begin(st) : ENOMEM;
    if (!err) {
        err = fg_preferences_put(st, c->who.admin_id, chosen);
        if (!err) err = fg_audit_add(st, &e);
        err = fg_store_end(st, err);
    }
    free(before);
    free(after);
    json_decref(a);
    json_decref(b);
    return err;
}

void fg_handle_profile(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_preferences old, chosen;
    struct fg_input in;
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    if (c->who.kind != FG_BY_SESSION) {
        fg_answer_problem(c, 403, "session_only", "Language and theme are chosen in a session.");
        return;
    }
    int err = fg_preferences_get(fg_call_store(c), c->who.admin_id, &old);
    if (err) {
        fg_answer_errno(c, err, "profile");
        return;
    }
    chosen = old;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        take(&in, "language", languages, chosen.language);
        take(&in, "theme", themes, chosen.theme);
        fg_input_rest(&in);
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
        return;
    }
    err = store(c, &old, &chosen);
    if (err)
        fg_answer_errno(c, err, "profile");
    else
        fg_answer_json(c, 200, print(&chosen));
}
