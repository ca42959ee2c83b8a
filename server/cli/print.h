/* What commands print: tables and records for people, JSON for scripts. Text from outside is
 * quoted for the terminal. Main thread only. */
#ifndef FG_CLI_PRINT_H
#define FG_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>

/* As it is, on several lines; to a terminal in ASCII only, so that nothing acts there. */
void fg_print_json(const json_t *j);
/* One line per item under a line of headings; `columns` are fields with commas between, members of
 * members with dots ("tls.version"). Long values are cut. */
void fg_print_table(const json_t *items, const char *columns);
/* One line per field, members of members with dots, lists one item per line. */
void fg_print_record(const json_t *object);
/* What changes do: one line each and one per field that differs. */
void fg_print_changes(const json_t *changes);
/* One value, quoted. */
void fg_print_text(const json_t *value);
/* "warning: ..." for each note {kind?, key?, message}; to standard error. */
void fg_print_notes(const char *word, const json_t *notes);
/* Objects that somebody else changed, one line each. */
void fg_print_conflicts(const json_t *conflicts);
/* {stay, renegotiate, close, ..., partners} as a sentence, and one line for each partner that it
 * touches; nothing for null. */
void fg_print_impact(const json_t *impact);

#endif
