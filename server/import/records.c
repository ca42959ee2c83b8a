/* See records.h. */
#include "server/import/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/import/clixml.h"
#include "server/import/csv.h"
#include "server/import/text.h"

/* ---- CSV ---- */

static json_t *row_object(const struct fg_csv *csv, char *const *header, size_t columns)
{
    json_t *o = json_object();
    for (size_t i = 0; o && i < columns && i < csv->n; i++)
        (void)json_object_set_new(o, header[i], json_string(csv->cells[i]));
    return o;
}

static int read_csv(char *text, size_t len, json_t *all, struct fg_problems *problems)
{
    struct fg_csv *csv = malloc(sizeof *csv);
    char *header[FG_CSV_CELLS];
    size_t columns = 0;
    int err = 0;
    if (!csv) return ENOMEM;
    fg_csv_open(csv, text, len);
    while (!err && (err = fg_csv_next(csv)) != ENOENT) {
        json_t *o;
        if (err == EINVAL)
            fg_problem_add(problems, "", "csv_invalid", "Line %zu: %s", csv->line, csv->fault);
        else if (columns == 0)
            memcpy(header, csv->cells, (columns = csv->n) * sizeof *header);
        else if (csv->n != columns)
            fg_problem_add(problems, "", "csv_invalid",
                           "Line %zu: %zu fields, but the header has %zu.", csv->line, csv->n,
                           columns);
        else if (!(o = row_object(csv, header, columns)) || json_array_append_new(all, o))
            break;
        err = json_array_size(all) > FG_RECORDS_MAX ? EFBIG : 0;
    }
    free(csv);
    return err == ENOENT ? 0 : err ? err : ENOMEM;
}

/* ---- JSON ---- */

static int add_value(json_t *all, json_t *value, struct fg_problems *problems)
{
    size_t i;
    json_t *item;
    if (json_is_object(value)) return json_array_append(all, value) ? ENOMEM : 0;
    if (!json_is_array(value)) {
        fg_problem_add(problems, "", "type", "Expected objects, or an array of them.");
        return EINVAL;
    }
    json_array_foreach(value, i, item)
    {
        if (json_is_object(item)) {
            if (json_array_append(all, item)) return ENOMEM;
            continue;
        }
        fg_problem_add(problems, "", "type", "Item %zu of an array is no object.", i + 1);
        return EINVAL;
    }
    return json_array_size(all) > FG_RECORDS_MAX ? EFBIG : 0;
}

static int read_json(const char *text, size_t len, json_t *all, struct fg_problems *problems)
{
    static const char blank[] = " \t\r\n,";
    int err = 0;
    for (size_t at = strspn(text, blank); !err && at < len; at += strspn(text + at, blank)) {
        json_error_t e;
        json_t *value =
            json_loadb(text + at, len - at, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &e);
        if (!value) {
            fg_problem_add(problems, "", "json_invalid", "Near byte %zu: %s",
                           at + (size_t)e.position, e.text);
            return EINVAL;
        }
        err = add_value(all, value, problems);
        json_decref(value);
        if (e.position <= 0) break;
        at += (size_t)e.position;
    }
    return err;
}

/* ---- whichever it is ---- */

int fg_records_read(const uint8_t *data, size_t len, json_t **out, struct fg_problems *problems)
{
    char *text;
    size_t n;
    *out = NULL;
    int err = fg_import_text(data, len, &text, &n);
    if (err == EILSEQ) {
        fg_problem_add(problems, "", "encoding", "The file is neither UTF-8 nor UTF-16.");
        return EINVAL;
    }
    if (err) return err;
    json_t *all = json_array();
    char first = text[strspn(text, " \t\r\n")];
    if (!all) {
        err = ENOMEM;
    } else if (first == '<') {
        json_decref(all);
        all = NULL;
        err = fg_clixml_read(text, n, &all, problems);
    } else if (first == '{' || first == '[') {
        err = read_json(text, n, all, problems);
    } else {
        err = read_csv(text, n, all, problems);
    }
    free(text);
    if (err == EFBIG || (!err && json_array_size(all) > FG_RECORDS_MAX)) {
        fg_problem_add(problems, "", "too_many", "More than %d records; import in parts.",
                       (int)FG_RECORDS_MAX);
        err = EINVAL;
    }
    if (!err && json_array_size(all) == 0 && fg_problems_none(problems))
        fg_problem_add(problems, "", "empty", "The file has no records.");
    if (!err && !fg_problems_none(problems)) err = EINVAL;
    if (err)
        json_decref(all);
    else
        *out = all;
    return err;
}
