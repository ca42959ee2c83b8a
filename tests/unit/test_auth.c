/* Tests of server/auth: roles, secrets, passwords and their thread, slow-down, the registry. */
#include "server/auth/auth.h"
#include "server/store/audit.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- roles and secrets
 * ------------------------------------------------------------------------------- */

static void test_roles(void **state)
{
    (void)state;
    enum fg_role r;
    for (int i = FG_ROLE_VIEWER; i <= FG_ROLE_ADMINISTRATOR; i++) {
        assert_int_equal(fg_role_parse(fg_role_name((enum fg_role)i), &r), 0);
        assert_int_equal(r, i);
    }
    assert_int_equal(fg_role_parse("none", &r), EINVAL);
    assert_int_equal(fg_role_parse("Administrator", &r), EINVAL);
    static const struct {
        enum fg_role wanted, owner, want;
    } cases[] = {
        {FG_ROLE_VIEWER, FG_ROLE_ADMINISTRATOR, FG_ROLE_VIEWER},
        {FG_ROLE_ADMINISTRATOR, FG_ROLE_VIEWER, FG_ROLE_VIEWER},
        {FG_ROLE_ADMINISTRATOR, FG_ROLE_OPERATOR, FG_ROLE_OPERATOR},
        {FG_ROLE_OPERATOR, FG_ROLE_USER_ADMINISTRATOR, FG_ROLE_HELP_DESK},
        {FG_ROLE_USER_ADMINISTRATOR, FG_ROLE_OPERATOR, FG_ROLE_HELP_DESK},
        {FG_ROLE_OPERATOR, FG_ROLE_HELP_DESK, FG_ROLE_HELP_DESK},
        {FG_ROLE_OPERATOR, FG_ROLE_NONE, FG_ROLE_NONE},
        {FG_ROLE_NONE, FG_ROLE_ADMINISTRATOR, FG_ROLE_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(fg_role_limit(cases[i].wanted, cases[i].owner), cases[i].want);
}

static void test_secrets(void **state)
{
    (void)state;
    char a[FG_SECRET_TEXT], b[FG_SECRET_TEXT], csrf[FG_SECRET_TEXT], other[FG_SECRET_TEXT];
    char hex[65] = "";
    uint8_t hash[32];
    fg_secret_new("", a);
    fg_secret_new(FG_TOKEN_START, b);
    assert_int_equal(strlen(a), 43);
    assert_int_equal(strlen(b), 47);
    assert_int_equal(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                     43);
    assert_memory_equal(b, "fgt_", 4);
    assert_string_not_equal(a, b + 4);
    fg_secret_hash("abc", hash); /* FIPS 180 */
    for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    fg_secret_csrf(a, csrf);
    fg_secret_csrf(b, other);
    assert_string_not_equal(csrf, other);
    assert_true(fg_secret_csrf_ok(a, csrf));
    assert_false(fg_secret_csrf_ok(b, csrf));
    assert_false(fg_secret_csrf_ok(a, ""));
    assert_false(fg_secret_csrf_ok(a, NULL));
    csrf[42] = csrf[42] == 'A' ? 'B' : 'A';
    assert_false(fg_secret_csrf_ok(a, csrf));
    assert_true(fg_secret_equal("ab", 2, "ab", 2));
    assert_false(fg_secret_equal("ab", 2, "abc", 3));
}

/* base64url of known bytes: the secret of a CSRF token is SHA-256 of a fixed text. */
static void test_secret_print(void **state)
{
    (void)state;
    char csrf[FG_SECRET_TEXT];
    fg_secret_csrf("session", csrf);
    assert_string_equal(csrf, "dDQxOe-GlekrE4RvclSLkIIV3zXEd02f2KjK8Rx09TE");
}

/* --- passwords
 * ----------------------------------------------------------------------------------------- */

static void test_password_rules(void **state)
{
    (void)state;
    char longest[FG_PASSWORD_MAX + 1];
    memset(longest, 'x', sizeof longest);
    assert_null(fg_password_problem("ann", "correct horse battery", 21));
    assert_null(fg_password_problem("ann", longest, FG_PASSWORD_MAX));
    assert_non_null(fg_password_problem("ann", longest, FG_PASSWORD_MAX + 1));
    assert_non_null(fg_password_problem("ann", "eleven-char", 11));
    assert_null(fg_password_problem("ann", "twelve-chars", 12));
    assert_non_null(fg_password_problem("ann", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
                                        12)); /* six letters */
    assert_non_null(fg_password_problem("Long-Name-Here", "long-name-here", 14));
    assert_non_null(fg_password_problem("ann", "nul\0in the middle", 17));
    assert_non_null(
        fg_password_problem("ann", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12));

    assert_null(fg_admin_name_problem("J\xc3\xbcrgen Klein"));
    static const char *const bad[] = {"", " a", "a ", "a:b", "a\nb", "\xff", "a\xc2\x85"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(fg_admin_name_problem(bad[i]));
    longest[FG_ADMIN_NAME] = '\0';
    assert_non_null(fg_admin_name_problem(longest));
    longest[FG_ADMIN_NAME - 1] = '\0';
    assert_null(fg_admin_name_problem(longest));
}

static void test_password_hash(void **state)
{
    (void)state;
    char one[FG_PASSWORD_STRING], two[FG_PASSWORD_STRING];
    assert_int_equal(fg_password_hash("correct horse", 13, one), 0);
    assert_int_equal(fg_password_hash("correct horse", 13, two), 0);
    assert_string_not_equal(one, two);
    assert_non_null(strstr(one, "$argon2id$v=19$m=65536,t=3,p=1$"));
    assert_true(fg_password_verify(one, "correct horse", 13));
    assert_false(fg_password_verify(one, "correct horsE", 13));
    assert_false(fg_password_verify(one, "correct horse", 12));
    assert_false(fg_password_verify("", "correct horse", 13));
    assert_false(fg_password_verify(NULL, "", 0));
    assert_false(fg_password_verify("$argon2id$nonsense", "correct horse", 13));
}

struct results {
    pthread_mutex_t lock;
    int ok, mismatch, failed;
    char encoded[FG_PASSWORD_STRING];
};

static void count_result(enum fg_hash_result r, const char *encoded, void *arg)
{
    struct results *x = arg;
    pthread_mutex_lock(&x->lock);
    if (r == FG_HASH_OK) x->ok++;
    if (r == FG_HASH_MISMATCH) x->mismatch++;
    if (r == FG_HASH_FAILED) x->failed++;
    if (encoded) snprintf(x->encoded, sizeof x->encoded, "%s", encoded);
    pthread_mutex_unlock(&x->lock);
}

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool entered, open;
};

/* Holds the hashing thread until the test has filled the queue. */
static void wait_at_gate(enum fg_hash_result r, const char *encoded, void *arg)
{
    struct gate *g = arg;
    (void)r;
    (void)encoded;
    pthread_mutex_lock(&g->lock);
    g->entered = true;
    pthread_cond_broadcast(&g->changed);
    while (!g->open) pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void test_hasher(void **state)
{
    (void)state;
    struct results r = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct gate g = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct fg_hasher *h = NULL;
    char encoded[FG_PASSWORD_STRING];
    assert_int_equal(fg_password_hash("right", 5, encoded), 0);
    assert_int_equal(fg_hasher_new(&h), 0);
    assert_int_equal(fg_hasher_verify(h, NULL, "x", 1, wait_at_gate, &g), 0);
    pthread_mutex_lock(&g.lock);
    while (!g.entered) pthread_cond_wait(&g.changed, &g.lock);
    pthread_mutex_unlock(&g.lock);

    assert_int_equal(fg_hasher_verify(h, encoded, "right", 5, count_result, &r), 0);
    assert_int_equal(fg_hasher_verify(h, encoded, "wrong", 5, count_result, &r), 0);
    assert_int_equal(fg_hasher_verify(h, "", "right", 5, count_result, &r), 0);
    assert_int_equal(fg_hasher_hash(h, "other", 5, count_result, &r), 0);
    for (int i = 4; i < FG_HASHER_QUEUE; i++)
        assert_int_equal(fg_hasher_verify(h, NULL, "x", 1, count_result, &r), 0);
    assert_int_equal(fg_hasher_verify(h, encoded, "right", 5, count_result, &r), EAGAIN);
    char large[FG_PASSWORD_MAX + 1] = "";
    assert_int_equal(fg_hasher_hash(h, large, sizeof large, count_result, &r), EINVAL);

    pthread_mutex_lock(&g.lock);
    g.open = true;
    pthread_cond_broadcast(&g.changed);
    pthread_mutex_unlock(&g.lock);
    fg_hasher_free(h); /* ends what waits */
    assert_int_equal(r.ok, 2);
    assert_int_equal(r.mismatch, FG_HASHER_QUEUE - 2);
    assert_int_equal(r.failed, 0);
    assert_true(fg_password_verify(r.encoded, "other", 5));
}

/* --- slow-down
 * ------------------------------------------------------------------------------------------- */

static void fail_times(struct fg_slowdown *s, const char *name, const char *address, int n,
                       int64_t at)
{
    for (int i = 0; i < n; i++) assert_int_equal(fg_slowdown_attempt(s, name, address, at), 0);
}

static void test_slowdown_doubles(void **state)
{
    (void)state;
    struct fg_slowdown *s = NULL;
    assert_int_equal(fg_slowdown_new(&s), 0);
    int64_t now = 1000, wait = 1000;
    fail_times(s, "ann", "192.0.2.1", FG_SLOWDOWN_FREE + 1, now);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(fg_slowdown_attempt(s, "ann", "192.0.2.1", now), wait);
        assert_int_equal(fg_slowdown_attempt(s, "ann", "192.0.2.1", now + 1), wait - 1);
        now += wait;
        assert_int_equal(fg_slowdown_attempt(s, "ann", "192.0.2.1", now), 0);
        wait = wait * 2 < FG_SLOWDOWN_MAX_MS ? wait * 2 : FG_SLOWDOWN_MAX_MS;
    }
    /* Time forgives all of it. */
    now += (int64_t)FG_SLOWDOWN_FORGET_MS * 40;
    fail_times(s, "ann", "192.0.2.1", FG_SLOWDOWN_FREE + 1, now);
    assert_int_equal(fg_slowdown_attempt(s, "ann", "192.0.2.1", now), 1000);
    fg_slowdown_free(s);
}

static void test_slowdown_keys(void **state)
{
    (void)state;
    static const struct {
        const char *name, *address;
        bool slowed; /* after failures of "Ann" from 192.0.2.1 and "bob" from [2001:db8:1:2::5]:443
                      */
    } cases[] = {
        {"aNN", "198.51.100.7", true},
        {"carl", "192.0.2.1", true},
        {"carl", "192.0.2.1:5000", true},
        {"carl", "::ffff:192.0.2.1", true},
        {"carl", "192.0.2.2", false},
        {"carl", "2001:db8:1:2:ffff::1", true},
        {"carl", "[2001:db8:1:2::9]:80", true},
        {"carl", "2001:db8:1:3::5", false},
        {"carl", "local", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fg_slowdown *s = NULL;
        assert_int_equal(fg_slowdown_new(&s), 0);
        fail_times(s, "Ann", "192.0.2.1", FG_SLOWDOWN_FREE + 1, 1);
        fail_times(s, "bob", "[2001:db8:1:2::5]:443", FG_SLOWDOWN_FREE + 1, 1);
        bool slowed = fg_slowdown_attempt(s, cases[i].name, cases[i].address, 2) > 0;
        if (slowed != cases[i].slowed) fail_msg("%s from %s", cases[i].name, cases[i].address);
        fg_slowdown_free(s);
    }
}

static void test_slowdown_success(void **state)
{
    (void)state;
    struct fg_slowdown *s = NULL;
    assert_int_equal(fg_slowdown_new(&s), 0);
    /* Who signs in is not slowed, however often. */
    for (int i = 0; i < 50; i++) {
        assert_int_equal(fg_slowdown_attempt(s, "ann", "192.0.2.1", 10), 0);
        fg_slowdown_success(s, "ann", "192.0.2.1", 10);
    }
    /* One's own success does not wipe the address: it may try other names meanwhile. */
    fail_times(s, "x1", "192.0.2.9", 1, 10);
    fail_times(s, "x2", "192.0.2.9", 1, 10);
    fail_times(s, "x3", "192.0.2.9", 1, 10);
    fail_times(s, "own", "192.0.2.9", 1, 10);
    fg_slowdown_success(s, "own", "192.0.2.9", 10);
    fail_times(s, "x4", "192.0.2.9", 1, 10);
    fail_times(s, "x5", "192.0.2.9", 1, 10);
    assert_true(fg_slowdown_attempt(s, "x6", "192.0.2.9", 10) > 0);
    /* Bounded: many names do not grow it without end, and the address still counts. */
    char name[32];
    for (int i = 0; i < 3 * FG_SLOWDOWN_ENTRIES; i++) {
        snprintf(name, sizeof name, "n%d", i);
        fg_slowdown_attempt(s, name, "203.0.113.5", 100 + (int64_t)i * FG_SLOWDOWN_MAX_MS);
    }
    fg_slowdown_free(s);
}

/* --- registry
 * ------------------------------------------------------------------------------------------------
 */

struct place {
    char path[64];
    struct fg_datadir *dir;
    struct fg_store *s;
    struct fg_auth *a;
    int64_t ann;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    char why[FG_WHY] = "";
    snprintf(p->path, sizeof p->path, "/tmp/fg-test-auth-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    if (fg_datadir_open(&p->dir, p->path, why) ||
        fg_store_open(&p->s, p->dir, FG_STORE_WRITER, why))
        fail_msg("%s", why);
    assert_int_equal(fg_auth_new(&p->a), 0);
    assert_int_equal(fg_admin_add(p->s, "ann", FG_ROLE_ADMINISTRATOR, "hash", 1, &p->ann), 0);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    fg_auth_free(p->a);
    fg_store_close(p->s);
    fg_datadir_close(p->dir);
    char command[128];
    snprintf(command, sizeof command, "rm -rf -- '%s'", p->path);
    int rc = system(command);
    free(p);
    return rc;
}

static int sign_in(struct place *p, int64_t id, int64_t now, char secret[FG_SECRET_TEXT],
                   struct fg_identity *who)
{
    return fg_auth_sign_in(p->a, p->s, id, "hash", NULL, "::1", "curl", now, secret, who);
}

static void test_sign_in(void **state)
{
    struct place *p = *state;
    struct fg_identity who, again;
    char secret[FG_SECRET_TEXT], second[FG_SECRET_TEXT];
    uint64_t generation = fg_auth_generation(p->a), n;
    assert_int_equal(sign_in(p, p->ann, 1000, secret, &who), 0);
    assert_true(fg_auth_generation(p->a) > generation);
    assert_int_equal(who.kind, FG_BY_SESSION);
    assert_int_equal(who.role, FG_ROLE_ADMINISTRATOR);
    assert_string_equal(who.owner, "admin:1");
    assert_string_equal(who.name, "ann");
    assert_int_equal(who.expires_ms, 1000 + FG_SESSION_LIFETIME_MS);
    assert_int_equal(fg_auth_session(p->a, secret, 2000, &again), 0);
    assert_string_equal(again.via, who.via);
    assert_int_equal(fg_auth_session(p->a, "unknown", 2000, &again), EACCES);
    assert_int_equal(again.kind, FG_NOBODY);
    assert_int_equal(again.role, FG_ROLE_NONE);
    assert_int_equal(fg_auth_token(p->a, secret, 2000, &again), EACCES); /* a cookie is no token */
    /* Another hash than the present one, no such account. */
    assert_int_equal(fg_auth_sign_in(p->a, p->s, p->ann, "old", NULL, "::1", "", 1, second, &again),
                     EACCES);
    assert_int_equal(sign_in(p, 99, 1, second, &again), EACCES);
    const struct fg_audit_filter f = {.action = "sign_in", .outcome = "ok", .who = "admin:1"};
    assert_int_equal(fg_audit_count(p->s, &f, &n), 0);
    assert_int_equal(n, 1);

    assert_int_equal(sign_in(p, p->ann, 1000, second, &again), 0);
    assert_int_equal(fg_auth_sign_out(p->a, p->s, who.id, &who, "::1", 3000), 0);
    assert_int_equal(fg_auth_session(p->a, secret, 3000, &again), EACCES);
    assert_int_equal(fg_auth_session(p->a, second, 3000, &again), 0);
    assert_int_equal(fg_auth_again(p->a, &who, 3000, &again), EACCES);
    assert_int_equal(fg_auth_sign_out(p->a, p->s, who.id, &who, "::1", 3000), ENOENT);
}

static void test_session_ends(void **state)
{
    struct place *p = *state;
    struct fg_identity who, now;
    char secret[FG_SECRET_TEXT];
    const int64_t idle = FG_SESSION_IDLE_MS;
    assert_int_equal(sign_in(p, p->ann, 0, secret, &who), 0);
    /* Use keeps it alive, also over a reload, until its lifetime is over. */
    int64_t at = 0;
    while (at + idle < FG_SESSION_LIFETIME_MS) {
        at += idle;
        assert_int_equal(fg_auth_session(p->a, secret, at, &now), 0);
        assert_int_equal(fg_auth_reload(p->a, p->s), 0);
    }
    assert_int_equal(fg_auth_session(p->a, secret, FG_SESSION_LIFETIME_MS, &now), EACCES);

    assert_int_equal(sign_in(p, p->ann, 0, secret, &who), 0);
    assert_int_equal(fg_auth_session(p->a, secret, idle, &now), 0);
    assert_int_equal(fg_auth_flush(p->a, p->s, idle), 0);
    assert_int_equal(fg_auth_session(p->a, secret, 2 * idle + 1, &now), EACCES);
    assert_int_equal(fg_auth_flush(p->a, p->s, 2 * idle + 1), 0);
    assert_int_equal(fg_auth_session(p->a, secret, idle, &now), EACCES); /* gone, not only lapsed */
}

/* A clock that is set back gives no session more time than it had: one that was used in what is now
 * the future has ended. A little is what clocks differ by. */
static void test_clock_set_back(void **state)
{
    struct place *p = *state;
    struct fg_identity who, now;
    char secret[FG_SECRET_TEXT], other[FG_SECRET_TEXT];
    const int64_t at = 100 * (int64_t)FG_SESSION_LIFETIME_MS;
    assert_int_equal(sign_in(p, p->ann, at, secret, &who), 0);
    assert_int_equal(fg_auth_session(p->a, secret, at - FG_SESSION_SLACK_MS, &now), 0);
    assert_int_equal(fg_auth_session(p->a, secret, at - FG_SESSION_SLACK_MS - 1, &now), EACCES);
    assert_int_equal(sign_in(p, p->ann, at - FG_SESSION_LIFETIME_MS, other, &who), 0);
    assert_int_equal(fg_auth_flush(p->a, p->s, at - FG_SESSION_LIFETIME_MS), 0);
    assert_int_equal(fg_auth_session(p->a, other, at - FG_SESSION_LIFETIME_MS, &now), 0);
    assert_int_equal(fg_auth_session(p->a, secret, at, &now), EACCES); /* gone, not only refused */
}

/* A token ends at a date. While the clock says that it is not there yet, it counts; what is revoked
 * does not come back, and an earlier use does not end it. */
static void test_token_and_the_clock(void **state)
{
    struct place *p = *state;
    struct fg_identity by, now;
    char key[FG_SECRET_TEXT];
    int64_t id;
    const int64_t end = 1000000000, slack = FG_SESSION_SLACK_MS;
    fg_auth_local(0, &by);
    assert_int_equal(fg_auth_token_new(p->a, p->s, p->ann, "ci", FG_ROLE_VIEWER, NULL, end, &by,
                                       "local", 1, key, &id),
                     0);
    assert_int_equal(fg_auth_token(p->a, key, end - 1, &now), 0);
    assert_int_equal(fg_auth_token(p->a, key, end, &now), EACCES);
    assert_int_equal(fg_auth_token(p->a, key, end - 10 * slack, &now), 0); /* set back */
    assert_int_equal(fg_auth_flush(p->a, p->s, end - 10 * slack), 0);
    assert_int_equal(fg_auth_token(p->a, key, end - 10 * slack, &now), 0);
    assert_int_equal(fg_auth_token(p->a, key, end + 1, &now), EACCES);
    assert_int_equal(fg_auth_token_end(p->a, p->s, id, &by, "local", end - 1), 0);
    assert_int_equal(fg_auth_token(p->a, key, 1, &now), EACCES);
}

/* What was flushed is what the next start knows. */
static void test_flush(void **state)
{
    struct place *p = *state;
    struct fg_identity who;
    struct fg_auth *next = NULL;
    char secret[FG_SECRET_TEXT];
    assert_int_equal(sign_in(p, p->ann, 0, secret, &who), 0);
    assert_int_equal(fg_auth_session(p->a, secret, FG_SESSION_IDLE_MS, &who), 0);
    assert_int_equal(fg_auth_flush(p->a, p->s, FG_SESSION_IDLE_MS), 0);
    assert_int_equal(fg_auth_new(&next), 0);
    assert_int_equal(fg_auth_session(next, secret, 1, &who), EACCES);
    assert_int_equal(fg_auth_reload(next, p->s), 0);
    assert_int_equal(fg_auth_session(next, secret, FG_SESSION_IDLE_MS * 2, &who), 0);
    fg_auth_free(next);
}

static void test_demotion(void **state)
{
    struct place *p = *state;
    struct fg_identity session, token, local, now;
    char secret[FG_SECRET_TEXT], key[FG_SECRET_TEXT];
    int64_t bob, id;
    assert_int_equal(fg_admin_add(p->s, "bob", FG_ROLE_ADMINISTRATOR, "hash", 1, &bob), 0);
    assert_int_equal(sign_in(p, bob, 1, secret, &session), 0);
    assert_int_equal(fg_auth_token_new(p->a, p->s, bob, "ci", FG_ROLE_OPERATOR, NULL, 500, &session,
                                       "::1", 1, key, &id),
                     0);
    assert_memory_equal(key, "fgt_", 4);
    assert_int_equal(fg_auth_token(p->a, key, 499, &token), 0);
    assert_int_equal(token.role, FG_ROLE_OPERATOR);
    assert_string_equal(token.name, "bob");
    assert_string_equal(token.label, "ci");
    assert_string_equal(token.owner, "token:1");
    assert_int_equal(fg_auth_token(p->a, key, 500, &now), EACCES);

    assert_int_equal(fg_admin_set_role(p->s, bob, FG_ROLE_VIEWER), 0);
    assert_int_equal(fg_auth_reload(p->a, p->s), 0);
    assert_int_equal(fg_auth_token(p->a, key, 2, &now), 0);
    assert_int_equal(now.role, FG_ROLE_VIEWER);
    /* A session was opened with other rights: it ends. */
    assert_int_equal(fg_auth_again(p->a, &session, 2, &now), EACCES);
    assert_int_equal(fg_auth_session(p->a, secret, 2, &now), EACCES);

    assert_int_equal(fg_admin_set_disabled(p->s, bob, true), 0);
    assert_int_equal(fg_auth_reload(p->a, p->s), 0);
    assert_int_equal(fg_auth_token(p->a, key, 2, &now), EACCES);
    assert_int_equal(fg_auth_session(p->a, secret, 2, &now), EACCES);
    assert_int_equal(sign_in(p, bob, 2, secret, &now), EACCES);
    assert_int_equal(fg_admin_set_disabled(p->s, bob, false), 0);
    assert_int_equal(fg_auth_reload(p->a, p->s), 0);
    assert_int_equal(fg_auth_token(p->a, key, 2, &now), 0);
    fg_auth_local(1000, &local);
    assert_string_equal(local.owner, "local:1000");
    assert_int_equal(fg_auth_token_end(p->a, p->s, id, &local, "", 3), 0);
    assert_int_equal(fg_auth_token(p->a, key, 4, &now), EACCES);
    assert_int_equal(fg_auth_token_end(p->a, p->s, id, &local, "", 3), ENOENT);
    assert_int_equal(fg_auth_again(p->a, &token, 4, &now), EACCES);
    assert_int_equal(fg_auth_again(p->a, &local, 4, &now), 0);
    assert_int_equal(now.role, FG_ROLE_ADMINISTRATOR);
}

static int count_sessions(const struct fg_session *x, void *arg)
{
    (void)x;
    ++*(int *)arg;
    return 0;
}

static void test_many_sessions(void **state)
{
    struct place *p = *state;
    struct fg_identity who;
    char first[FG_SECRET_TEXT], secret[FG_SECRET_TEXT];
    assert_int_equal(sign_in(p, p->ann, 1, first, &who), 0);
    for (int i = 0; i < FG_SESSIONS_PER_ADMIN; i++)
        assert_int_equal(sign_in(p, p->ann, 1, secret, &who), 0);
    int n = 0;
    assert_int_equal(fg_session_each(p->s, count_sessions, &n), 0);
    assert_int_equal(n, FG_SESSIONS_PER_ADMIN);
    assert_int_equal(fg_auth_session(p->a, first, 1, &who), EACCES);
    assert_int_equal(fg_auth_session(p->a, secret, 1, &who), 0);
}

struct reading {
    struct place *p;
    const char *secret;
    atomic_bool end;
    atomic_int ok, other;
};

static void *look_up(void *arg)
{
    struct reading *r = arg;
    while (!atomic_load(&r->end)) {
        struct fg_identity who;
        int err = fg_auth_session(r->p->a, r->secret, 1, &who);
        if (err || strcmp(who.name, "ann") != 0 || fg_auth_again(r->p->a, &who, 1, &who))
            atomic_fetch_add(&r->other, 1);
        else
            atomic_fetch_add(&r->ok, 1);
    }
    return NULL;
}

/* Look-ups go on while the registry is exchanged under them: nobody is turned away for a moment. */
static void test_threads(void **state)
{
    struct place *p = *state;
    struct fg_identity who;
    char secret[FG_SECRET_TEXT], other[FG_SECRET_TEXT];
    assert_int_equal(sign_in(p, p->ann, 1, secret, &who), 0);
    struct reading r = {.p = p, .secret = secret};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, look_up, &r), 0);
    for (int i = 0; i < 40 || atomic_load(&r.ok) == 0; i++) {
        assert_int_equal(fg_auth_reload(p->a, p->s), 0);
        if (i % 8 == 0) assert_int_equal(fg_auth_flush(p->a, p->s, 1), 0);
        if (i < 40 && i % 10 == 0) assert_int_equal(sign_in(p, p->ann, 1, other, &who), 0);
    }
    atomic_store(&r.end, true);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&r.other), 0);
}

static void test_sign_in_failed(void **state)
{
    struct place *p = *state;
    uint64_t n;
    assert_int_equal(
        fg_auth_sign_in_failed(p->s, "eve\n\x1b[2J", "192.0.2.1", "The password is wrong.", 7), 0);
    const struct fg_audit_filter f = {.outcome = "refused", .text = "eve\\n\\u{1b}"};
    assert_int_equal(fg_audit_count(p->s, &f, &n), 0);
    assert_int_equal(n, 1);
}

#define PLACE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_secret_print),
        cmocka_unit_test(test_password_rules),
        cmocka_unit_test(test_password_hash),
        cmocka_unit_test(test_hasher),
        cmocka_unit_test(test_slowdown_doubles),
        cmocka_unit_test(test_slowdown_keys),
        cmocka_unit_test(test_slowdown_success),
        PLACE(test_sign_in),
        PLACE(test_session_ends),
        PLACE(test_clock_set_back),
        PLACE(test_token_and_the_clock),
        PLACE(test_flush),
        PLACE(test_demotion),
        PLACE(test_many_sessions),
        PLACE(test_threads),
        PLACE(test_sign_in_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
