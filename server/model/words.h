/* The texts of the field tables (labels, helps, units) and of the negotiation matrix in other
 * languages than English, found by the English text. A text that is in no catalogue stays English;
 * a test sees to it that none is missing. Thread-safe; strings are static. */
#ifndef FG_SERVER_MODEL_WORDS_H
#define FG_SERVER_MODEL_WORDS_H

#include <stddef.h>

enum fg_lang { FG_LANG_EN, FG_LANG_DE, FG_LANG_ZH };
enum { FG_LANGS = 3 };

struct fg_wording {
    const char *english, *text;
};
struct fg_words {
    const struct fg_wording *rows; /* ascending by `english`, as strcmp has it */
    size_t count;
};

extern const struct fg_words fg_words_de, fg_words_zh;

/* The catalogue of a language; NULL for English, which needs none. */
const struct fg_words *fg_words_of(enum fg_lang lang);
/* `english` in the language, or `english` itself. NULL stays NULL. */
const char *fg_words_text(enum fg_lang lang, const char *english);

/* "en", "de", "zh". */
const char *fg_lang_name(enum fg_lang lang);
/* The best language of a list such as "de-AT,de;q=0.9,en;q=0.5" (RFC 9110, section 12.5.4), or of a
 * single tag; English when none of ours is wanted, or for NULL. */
enum fg_lang fg_lang_wanted(const char *list);

#endif
