/* Objects serialised as CLIXML (Export-Clixml): from XML to plain JSON values, whatever classes
 * they were of. Lists become arrays, enumerations their names, references what they point to when
 * that is a plain value. Entities, document types and what is too deep or too much are refused.
 * Pure. */
#ifndef FG_IMPORT_CLIXML_H
#define FG_IMPORT_CLIXML_H

#include <jansson.h>
#include <stddef.h>

#include "gateway/base/problem.h"

enum { FG_CLIXML_DEPTH = 64, FG_CLIXML_ELEMENTS = 4000000, FG_CLIXML_TEXT = 1 << 20 };

/* The objects of a UTF-8 text, as an array (new reference). 0; EINVAL with a problem at ""; ENOMEM.
 */
int fg_clixml_read(const char *text, size_t len, json_t **out, struct fg_problems *problems);

#endif
