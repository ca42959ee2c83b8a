/* See words.h. */
#include "server/model/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[FG_LANGS] = {"en", "de", "zh"};

const struct fg_words *fg_words_of(enum fg_lang lang)
{
    if (lang == FG_LANG_DE) return &fg_words_de;
    if (lang == FG_LANG_ZH) return &fg_words_zh;
    return NULL;
}

static int compare(const void *key, const void *row)
{
    return strcmp(key, ((const struct fg_wording *)row)->english);
}

const char *fg_words_text(enum fg_lang lang, const char *english)
{
    const struct fg_words *w = fg_words_of(lang);
    if (!w || !english) return english;
    const struct fg_wording *row = bsearch(english, w->rows, w->count, sizeof *w->rows, compare);
    return row ? row->text : english;
}

const char *fg_lang_name(enum fg_lang lang)
{
    return names[lang];
}

/* The language of a tag of `length` bytes: its first part counts. FG_LANGS: none of ours. */
static int language(const char *tag, size_t length)
{
    for (int i = 0; i < FG_LANGS; i++) {
        size_t n = strlen(names[i]);
        if (length >= n && strncasecmp(tag, names[i], n) == 0 && (length == n || tag[n] == '-'))
            return i;
    }
    return FG_LANGS;
}

/* The weight behind a tag in thousandths: ";q=0.8" is 800; none is 1000. */
static int weight(const char *text, size_t length)
{
    const char *q = memchr(text, '=', length);
    if (!q) return 1000;
    const char *end = text + length;
    int value = 0, unit = 1000;
    for (q++; q < end && (isdigit((unsigned char)*q) || *q == '.'); q++) {
        if (*q == '.') continue;
        value += (*q - '0') * unit;
        unit /= 10;
    }
    return value < 1000 ? value : 1000;
}

enum fg_lang fg_lang_wanted(const char *list)
{
    int best = FG_LANG_EN, best_weight = 0;
    while (list && *list) {
        list += strspn(list, " \t,");
        size_t entry = strcspn(list, ","), tag = strcspn(list, ",; \t");
        int lang = language(list, tag), w = weight(list + tag, entry - tag);
        if (lang < FG_LANGS && w > best_weight) {
            best = lang;
            best_weight = w;
        }
        list += entry;
    }
    return (enum fg_lang)best;
}
