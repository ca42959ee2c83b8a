/* The table of the panel's files of a build without the panel. */
#include "server/http/assets.h"

const struct fg_http_assets fg_http_embedded_assets = {.items = NULL, .count = 0};
