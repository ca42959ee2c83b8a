/* The configuration thread without an engine: staging, commits, conflicts, confirmation, start. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/config/config.h"
#include "server/config/private.h"
#include "server/executor.h"
#include "server/store/store.h"

struct world {
    char path[64];
    struct fg_datadir *dir;
    struct fg_store *store;
    struct fg_config *config;
};

static const struct fg_actor alice = {
    .owner = "admin:1", .name = "alice", .via = "", .address = "local"};
static const struct fg_actor bob = {
    .owner = "admin:2", .name = "bob", .via = "", .address = "local"};

static void open_world(struct world *w)
{
    char why[FG_WHY], config_why[FG_CONFIG_WHY];
    assert_int_equal(fg_datadir_open(&w->dir, w->path, why), 0);
    assert_int_equal(fg_store_open(&w->store, w->dir, FG_STORE_WRITER, why), 0);
    const struct fg_config_params p = {.store = w->store};
    assert_int_equal(fg_config_new(&w->config, &p), 0);
    assert_int_equal(fg_config_start(w->config, NULL, config_why), 0);
}

static void close_world(struct world *w)
{
    fg_config_free(w->config);
    fg_store_close(w->store);
    fg_datadir_close(w->dir);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    snprintf(w->path, sizeof w->path, "/tmp/fedgate-config-XXXXXX");
    if (!mkdtemp(w->path)) return -1;
    open_world(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    close_world(w);
    snprintf(command, sizeof command, "rm -rf '%s'", w->path);
    int rc = system(command);
    free(w);
    return rc;
}

/* ---- jobs on the configuration thread ---- */

struct job {
    struct world *w;
    const struct fg_actor *who;
    enum fg_change_op op;
    enum fg_kind kind;
    const char *key, *text;
    const struct fg_commit_order *order;
    struct fg_commit_result result;
    struct fg_problems problems;
    uint64_t revision;
    bool created;
    int err;
};

static void on_config(struct job *j, void (*run)(void *arg))
{
    assert_int_equal(fg_executor_call(fg_config_executor(j->w->config), run, j), 0);
}

static void run_stage(void *arg)
{
    struct job *j = arg;
    struct fg_stage_result r;
    json_t *value = j->text ? json_loads(j->text, 0, NULL) : NULL;
    j->err = fg_config_stage(j->w->config, j->who, j->op, j->kind, j->key, value, &r, &j->problems);
    j->created = r.created;
    fg_stage_result_free(&r);
    json_decref(value);
}

static int stage(struct world *w, const struct fg_actor *who, enum fg_change_op op,
                 enum fg_kind kind, const char *key, const char *text)
{
    struct job j = {.w = w, .who = who, .op = op, .kind = kind, .key = key, .text = text};
    on_config(&j, run_stage);
    fg_problems_free(&j.problems);
    return j.err;
}

static int put_partner(struct world *w, const struct fg_actor *who, const char *key,
                       const char *text)
{
    return stage(w, who, FG_CHANGE_PUT, FG_KIND_PARTNERS, key, text);
}

static void run_commit(void *arg)
{
    struct job *j = arg;
    fg_config_commit(j->w->config, j->order, &j->result);
}

/* Commits the draft; returns the outcome and the revision. */
static enum fg_commit_outcome commit(struct world *w, const struct fg_actor *who,
                                     uint32_t confirm_within, bool dry_run, uint64_t *revision)
{
    const struct fg_commit_order order = {.who = *who,
                                          .comment = "test",
                                          .from_draft = true,
                                          .confirm_within_s = confirm_within,
                                          .dry_run = dry_run};
    struct job j = {.w = w, .order = &order};
    on_config(&j, run_commit);
    enum fg_commit_outcome outcome = j.result.outcome;
    if (revision) *revision = j.result.revision;
    fg_commit_result_free(&j.result);
    return outcome;
}

static size_t draft_count(struct world *w, const struct fg_actor *who)
{
    struct fg_draft_view v;
    const struct fg_draft_page page = {.limit = 1000};
    assert_int_equal(fg_config_draft_view(w->config, w->store, who->owner, &page, &v), 0);
    size_t n = json_array_size(v.changes);
    assert_int_equal(n, v.total);
    fg_draft_view_free(&v);
    return n;
}

static bool runs_partner(struct world *w, const char *domain)
{
    struct fg_snapshot *s = fg_config_snapshot(w->config);
    bool there = fg_snapshot_partner(s, domain) != NULL;
    fg_snapshot_put(s);
    return there;
}

/* ---- tests ---- */

static void starts_empty(void **state)
{
    struct world *w = *state;
    struct fg_config_state s;
    fg_config_state(w->config, &s);
    assert_int_equal(s.revision, 0);
    assert_false(s.degraded);
    assert_true(s.stopped); /* there is no engine */
    fg_config_state_free(&s);
    struct fg_snapshot *snap = fg_config_snapshot(w->config);
    assert_non_null(fg_snapshot_policy(snap, "global"));
    assert_false(fg_snapshot_settings(snap)->federation_enabled);
    fg_snapshot_put(snap);
}

static void a_draft_becomes_a_revision(void **state)
{
    struct world *w = *state;
    uint64_t n;
    assert_int_equal(put_partner(w, &alice, "a.test", "{}"), 0);
    assert_int_equal(draft_count(w, &alice), 1);
    assert_int_equal(draft_count(w, &bob), 0);
    assert_false(runs_partner(w, "a.test"));
    assert_int_equal(commit(w, &alice, 0, true, &n), FG_COMMIT_NOTHING);
    assert_false(runs_partner(w, "a.test"));
    assert_int_equal(commit(w, &alice, 0, false, &n), FG_COMMIT_DONE);
    assert_int_equal(n, 1);
    assert_true(runs_partner(w, "a.test"));
    assert_int_equal(draft_count(w, &alice), 0);
    assert_int_equal(commit(w, &alice, 0, false, &n), FG_COMMIT_NOTHING);
    assert_int_equal(n, 1);
}

static void invalid_objects_are_not_staged(void **state)
{
    struct world *w = *state;
    assert_int_equal(put_partner(w, &alice, "a.test", "{\"tls\":\"maybe\"}"), EINVAL);
    assert_int_equal(
        put_partner(w, &alice, "a.test",
                    "{\"tls\":\"not_supported\",\"sasl\":\"required\",\"dialback\":false}"),
        EINVAL);
    assert_int_equal(stage(w, &alice, FG_CHANGE_DELETE, FG_KIND_PARTNERS, "a.test", NULL), ENOENT);
    assert_int_equal(stage(w, &alice, FG_CHANGE_PATCH, FG_KIND_PARTNERS, "a.test", "{}"), ENOENT);
    assert_int_equal(draft_count(w, &alice), 0);
}

static void domains_are_taken_once(void **state)
{
    struct world *w = *state;
    assert_int_equal(put_partner(w, &alice, "a.test", "{\"additional_domains\":[\"b.test\"]}"), 0);
    assert_int_equal(put_partner(w, &alice, "b.test", "{}"), EINVAL);
    assert_int_equal(put_partner(w, &bob, "b.test", "{}"), 0); /* another draft */
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_DONE);
    assert_int_equal(commit(w, &bob, 0, false, NULL), FG_COMMIT_INVALID);
    assert_int_equal(
        stage(w, &bob, FG_CHANGE_PUT, FG_KIND_DOMAINS, "a.test", "{\"front_ends\":[]}"), EINVAL);
}

static void what_others_changed_is_a_conflict(void **state)
{
    struct world *w = *state;
    put_partner(w, &alice, "a.test", "{}");
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_DONE);
    put_partner(w, &alice, "a.test", "{\"owner\":\"alice\"}");
    put_partner(w, &bob, "a.test", "{\"owner\":\"bob\"}");
    assert_int_equal(commit(w, &bob, 0, false, NULL), FG_COMMIT_DONE);
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_CONFLICT);
    assert_int_equal(
        stage(w, &alice, FG_CHANGE_PATCH, FG_KIND_PARTNERS, "a.test", "{\"ticket\":\"1\"}"), 0);
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_CONFLICT);
    put_partner(w, &alice, "a.test", "{\"owner\":\"alice\"}");
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_DONE);
}

static void missing_references_stop_the_commit(void **state)
{
    struct world *w = *state;
    assert_int_equal(
        stage(w, &alice, FG_CHANGE_PUT, FG_KIND_USERS, "u@ours.test", "{\"site\":\"hq\"}"), 0);
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_INVALID);
    assert_int_equal(draft_count(w, &alice), 1);
    assert_int_equal(stage(w, &alice, FG_CHANGE_PUT, FG_KIND_SITES, "hq", "{}"), 0);
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_DONE);
}

static void run_confirm(void *arg)
{
    struct job *j = arg;
    fg_config_confirm(j->w->config, j->who, j->revision, &j->result);
}

static void waits_for_confirmation(void **state)
{
    struct world *w = *state;
    uint64_t n;
    struct fg_config_state s;
    put_partner(w, &alice, "a.test", "{}");
    assert_int_equal(commit(w, &alice, 600, false, &n), FG_COMMIT_DONE);
    fg_config_state(w->config, &s);
    assert_int_equal(s.pending_revision, 1);
    assert_true(s.pending_deadline_ms > 0);
    fg_config_state_free(&s);
    put_partner(w, &bob, "b.test", "{}");
    assert_int_equal(commit(w, &bob, 0, false, NULL), FG_COMMIT_PENDING_CONFIRM);
    struct job j = {.w = w, .who = &bob, .revision = 1};
    on_config(&j, run_confirm);
    assert_int_equal(j.result.outcome, FG_COMMIT_DONE);
    fg_commit_result_free(&j.result);
    assert_int_equal(commit(w, &bob, 0, false, NULL), FG_COMMIT_DONE);
    j.revision = 1;
    on_config(&j, run_confirm);
    assert_int_equal(j.result.outcome, FG_COMMIT_NOT_PENDING);
    fg_commit_result_free(&j.result);
}

static void run_revert(void *arg)
{
    struct job *j = arg;
    fg_config_revert(j->w->config, j->who, j->revision, &j->result);
}

static void can_be_taken_back(void **state)
{
    struct world *w = *state;
    put_partner(w, &alice, "a.test", "{}");
    commit(w, &alice, 0, false, NULL);
    put_partner(w, &alice, "a.test", "{\"owner\":\"x\"}");
    put_partner(w, &alice, "b.test", "{}");
    assert_int_equal(commit(w, &alice, 600, false, NULL), FG_COMMIT_DONE);
    struct job j = {.w = w, .who = &alice, .revision = 2};
    on_config(&j, run_revert);
    assert_int_equal(j.result.outcome, FG_COMMIT_DONE);
    assert_int_equal(j.result.revision, 3);
    fg_commit_result_free(&j.result);
    assert_true(runs_partner(w, "a.test"));
    assert_false(runs_partner(w, "b.test"));
    int err;
    json_t *difference = fg_config_difference(w->config, w->store, 1, 3, &err);
    assert_int_equal(err, 0);
    assert_int_equal(json_array_size(difference), 0);
    json_decref(difference);
    on_config(&j, run_revert);
    assert_int_equal(j.result.outcome, FG_COMMIT_NOT_PENDING);
    fg_commit_result_free(&j.result);
}

static void lapses_while_down(void **state)
{
    struct world *w = *state;
    put_partner(w, &alice, "a.test", "{}");
    commit(w, &alice, 0, false, NULL);
    put_partner(w, &alice, "b.test", "{}");
    commit(w, &alice, 1, false, NULL);
    close_world(w);
    sleep(2);
    open_world(w);
    struct fg_config_state s;
    fg_config_state(w->config, &s);
    assert_int_equal(s.revision, 3);
    assert_int_equal(s.pending_revision, 0);
    fg_config_state_free(&s);
    assert_true(runs_partner(w, "a.test"));
    assert_false(runs_partner(w, "b.test"));
}

/* After a reboot its clock starts anew: the earlier of both readings counts. */
static void deadlines_after_a_reboot(void **state)
{
    (void)state;
    struct fg_confirm d;
    fg_confirm_set(&d, 600);
    int64_t left = fg_confirm_left_ms(&d);
    assert_true(left > 590000 && left <= 600000);
    memcpy(d.boot_id, "another boot", sizeof "another boot");
    d.boot_ms = INT64_MAX; /* means nothing any more */
    left = fg_confirm_left_ms(&d);
    assert_true(left <= 600000);
    d.wall_ms = fg_clock_wall_ms() - 1;
    assert_true(fg_confirm_left_ms(&d) < 0);
    /* A wall clock that was set back must not make it longer than it ever was. */
    d.wall_ms = fg_clock_wall_ms() + 86400000;
    assert_true(fg_confirm_left_ms(&d) <= 600000);
}

static void survives_a_restart(void **state)
{
    struct world *w = *state;
    put_partner(w, &alice, "a.test", "{\"owner\":\"x\"}");
    commit(w, &alice, 0, false, NULL);
    struct fg_snapshot *before = fg_config_snapshot(w->config);
    uint8_t hash[FG_HASH_LEN];
    memcpy(hash, fg_snapshot_hash(before), sizeof hash);
    fg_snapshot_put(before);
    put_partner(w, &alice, "b.test", "{}");
    close_world(w);
    open_world(w);
    struct fg_snapshot *after = fg_config_snapshot(w->config);
    assert_int_equal(fg_snapshot_revision(after), 1);
    /* Compiled from nothing it is the same as compiled step by step. */
    assert_memory_equal(fg_snapshot_hash(after), hash, sizeof hash);
    fg_snapshot_put(after);
    assert_int_equal(draft_count(w, &alice), 1);
}

static void run_restore(void *arg)
{
    struct job *j = arg;
    j->err = fg_config_restore(j->w->config, j->who, j->revision, NULL, NULL, &j->problems);
}

static void restores_into_the_draft(void **state)
{
    struct world *w = *state;
    put_partner(w, &alice, "a.test", "{}");
    commit(w, &alice, 0, false, NULL);
    stage(w, &alice, FG_CHANGE_DELETE, FG_KIND_PARTNERS, "a.test", NULL);
    put_partner(w, &alice, "b.test", "{}");
    commit(w, &alice, 0, false, NULL);
    struct job j = {.w = w, .who = &bob, .revision = 1};
    on_config(&j, run_restore);
    assert_int_equal(j.err, 0);
    assert_int_equal(draft_count(w, &bob), 2);
    assert_true(runs_partner(w, "b.test"));
    assert_int_equal(commit(w, &bob, 0, false, NULL), FG_COMMIT_DONE);
    assert_true(runs_partner(w, "a.test"));
    assert_false(runs_partner(w, "b.test"));
}

/* ---- what is worked out ahead ---- */

enum { MANY = 300 };

struct many {
    struct job job;
    struct fg_bulk bulk;
    struct fg_change changes[MANY];
    char keys[MANY][32];
    struct fg_bulk_result result;
};

static void run_stage_all(void *arg)
{
    struct many *m = arg;
    m->job.err = fg_config_stage_all(m->job.w->config, &m->bulk, &m->result, &m->job.problems);
}

/* Many partners, as a change of `text`. */
static void many_of(struct many *m, struct world *w, enum fg_change_op op, const json_t *value)
{
    *m = (struct many){.job = {.w = w}};
    for (int i = 0; i < MANY; i++) {
        snprintf(m->keys[i], sizeof m->keys[i], "p%03d.test", i);
        m->changes[i] = (struct fg_change){op, FG_KIND_PARTNERS, m->keys[i], value};
    }
    m->bulk = (struct fg_bulk){
        .who = alice, .action = "draft_bulk", .detail = "", .changes = m->changes, .n = MANY};
}

static struct fg_ready *ready_draft(struct world *w, const struct fg_actor *who)
{
    struct fg_ready *r;
    fg_ready_draft(w->config, w->store, who->owner, &r);
    return r;
}

struct asked {
    struct world *w;
    struct fg_ready *ready;
    bool holds;
};

static void run_holds(void *arg)
{
    struct asked *a = arg;
    a->holds = fg_ready_holds(a->w->config, a->ready, alice.owner);
}

static bool holds(struct world *w, struct fg_ready *r)
{
    struct asked a = {w, r, false};
    assert_int_equal(fg_executor_call(fg_config_executor(w->config), run_holds, &a), 0);
    return a.holds;
}

static enum fg_commit_outcome commit_ready(struct world *w, struct fg_ready *r, bool dry_run)
{
    const struct fg_commit_order order = {
        .who = alice, .comment = "", .from_draft = true, .dry_run = dry_run, .ready = r};
    struct job j = {.w = w, .order = &order};
    on_config(&j, run_commit);
    enum fg_commit_outcome outcome = j.result.outcome;
    fg_commit_result_free(&j.result);
    fg_ready_free(r);
    return outcome;
}

static const char *description_of(struct world *w, const char *domain, char out[32])
{
    int err;
    json_t *body = fg_config_object(w->store, FG_KIND_PARTNERS, domain, NULL, &err);
    const char *text = json_string_value(json_object_get(body, "description"));
    snprintf(out, 32, "%s", text ? text : "-");
    json_decref(body);
    return out;
}

static void stage_many(struct world *w, enum fg_change_op op, const char *text, bool ahead)
{
    struct many m;
    json_t *value = text ? json_loads(text, 0, NULL) : NULL;
    many_of(&m, w, op, value);
    if (ahead) fg_ready_bulk(w->config, w->store, &m.bulk, &m.bulk.ready);
    if (ahead) assert_true(holds(w, m.bulk.ready));
    on_config(&m.job, run_stage_all);
    assert_int_equal(m.job.err, 0);
    assert_int_equal(m.result.staged, MANY);
    fg_ready_free(m.bulk.ready);
    json_decref(value);
}

static void many_are_worked_out_ahead(void **state)
{
    struct world *w = *state;
    uint8_t hash[FG_HASH_LEN];
    char text[32];
    stage_many(w, FG_CHANGE_PUT, "{\"description\":\"1\"}", true);
    struct fg_ready *r = ready_draft(w, &alice);
    assert_true(holds(w, r));
    assert_int_equal(commit_ready(w, r, true), FG_COMMIT_NOTHING); /* it would succeed */
    assert_false(runs_partner(w, "p000.test"));
    assert_int_equal(commit_ready(w, ready_draft(w, &alice), false), FG_COMMIT_DONE);
    assert_true(runs_partner(w, "p000.test"));
    assert_int_equal(draft_count(w, &alice), 0);
    struct fg_snapshot *s = fg_config_snapshot(w->config);
    assert_int_equal(fg_snapshot_revision(s), 1);
    memcpy(hash, fg_snapshot_hash(s), sizeof hash);
    fg_snapshot_put(s);
    assert_string_equal(description_of(w, "p299.test", text), "1");
    stage_many(w, FG_CHANGE_PATCH, "{\"description\":\"2\"}", true);
    assert_int_equal(commit_ready(w, ready_draft(w, &alice), false), FG_COMMIT_DONE);
    assert_string_equal(description_of(w, "p299.test", text), "2");
    /* The same without, and from nothing, gives the same. */
    stage_many(w, FG_CHANGE_PATCH, "{\"description\":\"1\"}", false);
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_DONE);
    close_world(w);
    open_world(w);
    s = fg_config_snapshot(w->config);
    assert_memory_equal(fg_snapshot_hash(s), hash, sizeof hash);
    fg_snapshot_put(s);
}

static void what_is_not_so_any_more_is_not_taken(void **state)
{
    struct world *w = *state;
    char text[32];
    assert_int_equal(put_partner(w, &alice, "a.test", "{}"), 0);
    assert_null(ready_draft(w, &alice)); /* small */
    stage_many(w, FG_CHANGE_PUT, "{\"description\":\"1\"}", true);
    struct fg_ready *r = ready_draft(w, &alice);
    /* The draft got another change meanwhile: it is committed too. */
    assert_int_equal(put_partner(w, &alice, "p007.test", "{\"description\":\"mine\"}"), 0);
    assert_false(holds(w, r));
    assert_int_equal(commit_ready(w, r, false), FG_COMMIT_DONE);
    assert_string_equal(description_of(w, "p007.test", text), "mine");
    /* Somebody else commits the same object meanwhile: a conflict, not an overwriting. */
    stage_many(w, FG_CHANGE_PATCH, "{\"description\":\"2\"}", true);
    r = ready_draft(w, &alice);
    assert_int_equal(put_partner(w, &bob, "p007.test", "{\"description\":\"theirs\"}"), 0);
    assert_int_equal(commit(w, &bob, 0, false, NULL), FG_COMMIT_DONE);
    assert_false(holds(w, r));
    assert_int_equal(commit_ready(w, r, false), FG_COMMIT_CONFLICT);
    assert_string_equal(description_of(w, "p007.test", text), "theirs");
    /* And so it is when the conflict was there before it was worked out. */
    r = ready_draft(w, &alice);
    assert_true(holds(w, r));
    assert_int_equal(commit_ready(w, r, false), FG_COMMIT_CONFLICT);
    /* A bulk change that was made ready over another draft sees the newer one. */
    struct many m;
    json_t *value = json_pack("{s:s}", "owner", "x");
    many_of(&m, w, FG_CHANGE_PATCH, value);
    fg_ready_bulk(w->config, w->store, &m.bulk, &m.bulk.ready);
    assert_int_equal(put_partner(w, &alice, "p007.test", "{\"description\":\"mine\"}"), 0);
    assert_false(holds(w, m.bulk.ready));
    on_config(&m.job, run_stage_all);
    assert_int_equal(m.job.err, 0);
    fg_ready_free(m.bulk.ready);
    json_decref(value);
    assert_int_equal(commit(w, &alice, 0, false, NULL), FG_COMMIT_DONE);
    assert_string_equal(description_of(w, "p007.test", text), "mine");
    assert_string_equal(description_of(w, "p008.test", text), "2");
}

int main(void)
{
#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(starts_empty),
        WITH_WORLD(a_draft_becomes_a_revision),
        WITH_WORLD(invalid_objects_are_not_staged),
        WITH_WORLD(domains_are_taken_once),
        WITH_WORLD(what_others_changed_is_a_conflict),
        WITH_WORLD(missing_references_stop_the_commit),
        WITH_WORLD(waits_for_confirmation),
        WITH_WORLD(can_be_taken_back),
        WITH_WORLD(lapses_while_down),
        cmocka_unit_test(deadlines_after_a_reboot),
        WITH_WORLD(survives_a_restart),
        WITH_WORLD(restores_into_the_draft),
        WITH_WORLD(many_are_worked_out_ahead),
        WITH_WORLD(what_is_not_so_any_more_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
