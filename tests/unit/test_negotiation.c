/* The 18 rows against the documented matrix and its closed form; what is offered and tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/negotiation.h"

#define R FG_REQUIRED
#define O FG_OPTIONAL
#define N FG_NOT_SUPPORTED

/* The documented matrix: methods as letters (S SASL in TLS, L dialback in TLS, T unencrypted). */
static const struct {
    enum fg_need tls, sasl;
    bool dialback;
    const char *methods, *first_warning, *problem;
} matrix[18] = {
    {R, R, true, "S", "dialback_unused", NULL},
    {R, R, false, "S", NULL, NULL},
    {O, R, true, "SLT", "sasl_needs_tls", NULL},
    {O, R, false, "S", "sasl_needs_tls", NULL},
    {N, R, true, "T", "sasl_needs_tls", NULL},
    {N, R, false, "", NULL, "sasl_impossible_without_tls"},
    {R, O, true, "SL", NULL, NULL},
    {R, O, false, "S", NULL, NULL},
    {O, O, true, "SLT", "sasl_needs_tls", NULL},
    {O, O, false, "S", "sasl_needs_tls", NULL},
    {N, O, true, "T", "sasl_needs_tls", NULL},
    {N, O, false, "", NULL, "sasl_impossible_without_tls"},
    {R, N, true, "L", NULL, NULL},
    {R, N, false, "", NULL, "no_authentication"},
    {O, N, true, "LT", "unencrypted_possible", NULL},
    {O, N, false, "", NULL, "no_authentication"},
    {N, N, true, "T", "unencrypted_always", NULL},
    {N, N, false, "", NULL, "no_authentication"},
};

static void letters(const struct fg_terms *t, char out[4])
{
    size_t i = 0;
    for (; i < t->n_methods; i++) out[i] = "-SLT"[t->methods[i]];
    out[i] = '\0';
}

static void test_matrix(void **state)
{
    (void)state;
    for (int i = 0; i < 18; i++) {
        struct fg_terms t = fg_negotiation(matrix[i].tls, matrix[i].sasl, matrix[i].dialback);
        char m[4];
        letters(&t, m);
        assert_int_equal(t.row, i + 1);
        assert_string_equal(m, matrix[i].methods);
        assert_int_equal(t.valid, m[0] != '\0');
        if (matrix[i].problem)
            assert_string_equal(t.problem.code, matrix[i].problem);
        else
            assert_null(t.problem.code);
        if (matrix[i].first_warning)
            assert_string_equal(t.warnings[0].code, matrix[i].first_warning);
        else
            assert_int_equal(t.n_warnings, 0);
        for (size_t k = 0; k < t.n_warnings; k++) assert_true(strlen(t.warnings[k].message) > 20);
    }
}

static void test_closed_form(void **state)
{
    (void)state;
    for (int i = 0; i < 18; i++) {
        enum fg_need tls = (enum fg_need)(i % 3), sasl = (enum fg_need)(i / 3 % 3);
        bool db = i >= 9;
        struct fg_terms t = fg_negotiation(tls, sasl, db);
        assert_int_equal(fg_method_allowed(&t, FG_SASL_TLS), tls != N && sasl != N);
        assert_int_equal(fg_method_allowed(&t, FG_DIALBACK_TLS),
                         db && tls != N && !(tls == R && sasl == R));
        assert_int_equal(fg_method_allowed(&t, FG_DIALBACK_TCP), db && tls != R);
        bool clear = false;
        for (size_t k = 0; k < t.n_warnings; k++)
            clear = clear || strncmp(t.warnings[k].code, "unencrypted", 11) == 0;
        assert_int_equal(clear, fg_method_allowed(&t, FG_DIALBACK_TCP));
        assert_int_equal(t.remark.code != NULL, t.row == 13);
    }
}

/* starttls, required, dialback | external, dialback, close with a good and with a bad certificate
 */
static void test_offers(void **state)
{
    (void)state;
    static const struct {
        int tls, sasl, db;
        const char *clear, *good, *bad;
    } want[] = {
        {R, R, 1, "s!.", "e.", "X"}, {R, R, 0, "s!.", "e.", "X"},  {O, R, 1, "s.d", "ed", ".d"},
        {O, R, 0, "s..", "e.", "X"}, {N, R, 1, "..d", "X", "X"},   {R, O, 1, "s!.", "ed", ".d"},
        {R, O, 0, "s!.", "e.", "X"}, {O, O, 1, "s.d", "ed", ".d"}, {O, O, 0, "s..", "e.", "X"},
        {N, O, 1, "..d", "X", "X"},  {R, N, 1, "s!.", ".d", ".d"}, {O, N, 1, "s.d", ".d", ".d"},
        {N, N, 1, "..d", "X", "X"},
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct fg_terms t =
            fg_negotiation((enum fg_need)want[i].tls, (enum fg_need)want[i].sasl, want[i].db);
        struct fg_offer c = fg_offer_clear(&t);
        char text[4] = {c.starttls ? 's' : '.', c.starttls_required ? '!' : '.',
                        c.dialback ? 'd' : '.', 0};
        assert_string_equal(text, want[i].clear);
        for (int ok = 0; ok < 2; ok++) {
            struct fg_offer o = fg_offer_tls(&t, ok);
            char inside[3] = {o.external ? 'e' : '.', o.dialback ? 'd' : '.', 0};
            assert_string_equal(o.close ? "X" : inside, ok ? want[i].good : want[i].bad);
        }
    }
}

static void test_steps(void **state)
{
    (void)state;
    enum fg_failure why = FG_FAIL_NONE;
    struct fg_terms strict = fg_negotiation(R, R, false), c = fg_negotiation(R, O, true);
    struct fg_terms any = fg_negotiation(O, O, true), clear = fg_negotiation(N, N, true);

    struct fg_peer_view p = {.starttls_offered = true, .dialback_offered = true};
    assert_int_equal(fg_next_step(&strict, &p, &why), FG_STEP_STARTTLS);
    assert_int_equal(fg_next_step(&any, &p, &why), FG_STEP_STARTTLS);
    assert_int_equal(fg_next_step(&clear, &p, &why), FG_STEP_DIALBACK);

    p = (struct fg_peer_view){.dialback_offered = true};
    assert_int_equal(fg_next_step(&any, &p, &why), FG_STEP_DIALBACK);
    /* Stripped or absent: tried once where nothing works without it, then given up. */
    assert_int_equal(fg_next_step(&strict, &p, &why), FG_STEP_STARTTLS);
    p.starttls_tried = true;
    assert_int_equal(fg_next_step(&c, &p, &why), FG_STEP_GIVE_UP);
    assert_int_equal(why, FG_FAIL_TLS_NOT_OFFERED);

    p = (struct fg_peer_view){
        .tls = true, .certificate_ok = true, .external_offered = true, .dialback_offered = true};
    assert_int_equal(fg_next_step(&strict, &p, &why), FG_STEP_EXTERNAL);
    assert_int_equal(fg_next_step(&c, &p, &why), FG_STEP_EXTERNAL);
    p.external_failed = true;
    assert_int_equal(fg_next_step(&c, &p, &why), FG_STEP_DIALBACK);
    assert_int_equal(fg_next_step(&strict, &p, &why), FG_STEP_GIVE_UP);
    assert_int_equal(why, FG_FAIL_EXTERNAL_REFUSED);

    p = (struct fg_peer_view){.tls = true, .external_offered = true, .dialback_offered = true};
    assert_int_equal(fg_next_step(&c, &p, &why), FG_STEP_DIALBACK);
    assert_int_equal(fg_next_step(&strict, &p, &why), FG_STEP_GIVE_UP);
    assert_int_equal(why, FG_FAIL_CERT_UNTRUSTED);

    p = (struct fg_peer_view){.starttls_offered = true, .starttls_required = true};
    assert_int_equal(fg_next_step(&clear, &p, &why), FG_STEP_GIVE_UP);
    assert_int_equal(why, FG_FAIL_TLS_REQUIRED_BY_PEER);
}

/* Nothing that a combination does not allow is ever a next step, whatever the peer offers. */
static void test_steps_stay_inside(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 18u * 512u; bits++) {
        unsigned row = bits / 512, v = bits % 512;
        struct fg_terms t =
            fg_negotiation((enum fg_need)(row % 3), (enum fg_need)(row / 3 % 3), row >= 9);
        struct fg_peer_view p = {v & 1,  v & 2,  v & 4,   v & 8,  v & 16,
                                 v & 32, v & 64, v & 128, v & 256};
        enum fg_failure why = FG_FAIL_NONE;
        switch (fg_next_step(&t, &p, &why)) {
        case FG_STEP_STARTTLS:
            assert_true(!p.tls && t.tls != N && t.valid && !p.starttls_tried);
            break;
        case FG_STEP_EXTERNAL:
            assert_true(p.tls && p.certificate_ok && fg_method_allowed(&t, FG_SASL_TLS));
            break;
        case FG_STEP_DIALBACK:
            assert_true(fg_method_allowed(&t, p.tls ? FG_DIALBACK_TLS : FG_DIALBACK_TCP));
            break;
        case FG_STEP_GIVE_UP:
            assert_true(why != FG_FAIL_NONE);
            break;
        }
    }
}

static void test_failures(void **state)
{
    (void)state;
    for (int i = 1; i < FG_FAIL_COUNT; i++) {
        enum fg_failure f = (enum fg_failure)i;
        assert_int_equal(fg_failure_find(fg_failure_id(f)), f);
        assert_true(strlen(fg_failure_cause(f)) > 10);
        assert_true(strlen(fg_failure_remedy(f)) > 10);
    }
    assert_string_equal(fg_failure_id(FG_FAIL_NONE), "");
    assert_int_equal(fg_failure_find("no such thing"), FG_FAIL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_offers),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_steps_stay_inside),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
