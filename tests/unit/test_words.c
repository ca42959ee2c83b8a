/* The texts in other languages: every text that the server shows from its tables is there in each
 * language, no catalogue holds one that nothing shows, and the wish of a browser is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/negotiation.h"
#include "server/model/field.h"
#include "server/model/words.h"

enum { TEXTS_MAX = 2000 };

struct texts {
    const char *all[TEXTS_MAX];
    size_t n;
};

static void add(struct texts *t, const char *text)
{
    if (!text) return;
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->all[i], text) == 0) return;
    assert_true(t->n < TEXTS_MAX);
    t->all[t->n++] = text;
}

static void add_field(struct texts *t, const struct fg_field *f)
{
    add(t, f->label);
    add(t, f->help);
    add(t, f->unit);
    for (const struct fg_choice *c = f->choices; c && c->value; c++) {
        add(t, c->label);
        add(t, c->help);
    }
    if (f->items) add_field(t, f->items);
    for (const struct fg_field *sub = f->fields; sub && sub->name; sub++) add_field(t, sub);
}

static void add_terms(struct texts *t, const struct fg_terms *terms)
{
    add(t, terms->problem.message);
    add(t, terms->remark.message);
    for (size_t i = 0; i < terms->n_warnings; i++) add(t, terms->warnings[i].message);
}

static void collect(struct texts *t)
{
    t->n = 0;
    for (int k = 0; k < FG_KINDS; k++) {
        const struct fg_kind_table *table = fg_model_table((enum fg_kind)k);
        add(t, table->title);
        if (table->key.name) add_field(t, &table->key);
        for (const struct fg_field *f = table->fields; f->name; f++) add_field(t, f);
    }
    for (int tls = 0; tls < FG_NEEDS; tls++)
        for (int sasl = 0; sasl < FG_NEEDS; sasl++)
            for (int dialback = 0; dialback < 2; dialback++) {
                struct fg_terms terms =
                    fg_negotiation((enum fg_need)tls, (enum fg_need)sasl, dialback);
                add_terms(t, &terms);
            }
}

static const struct fg_wording *find(const struct fg_words *w, const char *english)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->rows[i].english, english) == 0) return &w->rows[i];
    return NULL;
}

static void test_complete(void **state)
{
    (void)state;
    struct texts t;
    collect(&t);
    assert_true(t.n > 150);
    for (int lang = FG_LANG_DE; lang < FG_LANGS; lang++) {
        const struct fg_words *w = fg_words_of((enum fg_lang)lang);
        for (size_t i = 0; i < t.n; i++)
            if (!find(w, t.all[i])) fail_msg("%s lacks: %s", fg_lang_name(lang), t.all[i]);
        for (size_t i = 0; i < w->count; i++) {
            bool used = false;
            for (size_t k = 0; k < t.n && !used; k++)
                used = strcmp(t.all[k], w->rows[i].english) == 0;
            if (!used)
                fail_msg("%s holds what nothing shows: %s", fg_lang_name(lang), w->rows[i].english);
        }
    }
}

static void test_order(void **state)
{
    (void)state;
    for (int lang = FG_LANG_DE; lang < FG_LANGS; lang++) {
        const struct fg_words *w = fg_words_of((enum fg_lang)lang);
        for (size_t i = 0; i < w->count; i++) {
            const struct fg_wording *row = &w->rows[i];
            if (i && strcmp(w->rows[i - 1].english, row->english) >= 0)
                fail_msg("out of order: %s", row->english);
            assert_true(*row->text);
            assert_ptr_equal(fg_words_text((enum fg_lang)lang, row->english), row->text);
            /* A sentence stays a sentence. */
            bool sentence = row->english[strlen(row->english) - 1] == '.';
            size_t n = strlen(row->text);
            bool ends = row->text[n - 1] == '.' || (n >= 3 && strcmp(row->text + n - 3, "。") == 0);
            if (sentence != ends) fail_msg("full stop: %s / %s", row->english, row->text);
        }
    }
}

static void test_lookup(void **state)
{
    (void)state;
    assert_string_equal(fg_words_text(FG_LANG_EN, "Sites"), "Sites");
    assert_string_equal(fg_words_text(FG_LANG_DE, "Sites"), "Standorte");
    assert_string_equal(fg_words_text(FG_LANG_ZH, "Sites"), "站点");
    assert_string_equal(fg_words_text(FG_LANG_DE, "no such text"), "no such text");
    assert_null(fg_words_text(FG_LANG_DE, NULL));
}

static void test_wanted(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        enum fg_lang lang;
    } cases[] = {
        {NULL, FG_LANG_EN},
        {"", FG_LANG_EN},
        {"de", FG_LANG_DE},
        {"DE-at", FG_LANG_DE},
        {"zh-Hans-CN", FG_LANG_ZH},
        {"fr", FG_LANG_EN},
        {"den, zho", FG_LANG_EN},
        {"fr-FR, zh-CN;q=0.8, en;q=0.5", FG_LANG_ZH},
        {"en;q=0.3,de;q=0.7", FG_LANG_DE},
        {"de;q=0, en;q=0.1", FG_LANG_EN},
        {"de;q=0", FG_LANG_EN},
        {"de;q=0.05,zh;q=0.055", FG_LANG_ZH},
        {" , ;;q=,*", FG_LANG_EN},
        {"en,de", FG_LANG_EN},
        {"zh;q=0.99999999,de;q=7", FG_LANG_DE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fg_lang_wanted(cases[i].list) != cases[i].lang)
            fail_msg("%s", cases[i].list ? cases[i].list : "NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
