/* See preferences.h. */
#include "server/store/preferences.h"

#include "server/store/sql.h"

int fg_preferences_get(struct fg_store *s, int64_t admin_id, struct fg_preferences *out)
{
    struct fg_sql q;
    *out = (struct fg_preferences){0};
    fg_sql_open(&q, s,
                "SELECT coalesce(language, ''), coalesce(theme, '') FROM preference "
                "WHERE admin_id = ?");
    fg_sql_int(&q, admin_id);
    while (fg_sql_row(&q)) {
        fg_sql_copy(&q, 0, out->language, sizeof out->language);
        fg_sql_copy(&q, 1, out->theme, sizeof out->theme);
    }
    return fg_sql_close(&q);
}

int fg_preferences_put(struct fg_store *s, int64_t admin_id, const struct fg_preferences *p)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO preference (admin_id, language, theme) "
                "VALUES (?, nullif(?, ''), nullif(?, '')) ON CONFLICT (admin_id) DO UPDATE "
                "SET language = excluded.language, theme = excluded.theme");
    fg_sql_int(&q, admin_id);
    fg_sql_text(&q, p->language);
    fg_sql_text(&q, p->theme);
    return fg_sql_run(&q);
}
