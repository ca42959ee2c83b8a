/* See stream_error.h. */
#include "gateway/xmpp/stream_error.h"

#include <string.h>

#include "gateway/xmpp/ns.h"

static const char *const names[FG_COND_COUNT] = {[FG_COND_NONE] = "",
#define X(id, name) [FG_COND_##id] = (name),
                                                 FG_CONDITIONS(X)
#undef X
};

const char *fg_condition_name(enum fg_condition c)
{
    return (unsigned)c < FG_COND_COUNT ? names[c] : "";
}

int fg_condition_write(struct fg_buf *out, enum fg_condition c, const char *text,
                       const char *application)
{
    int err = fg_buf_addf(out, "<stream:error><%s xmlns='" FG_NS_STREAM_ERROR "'/>",
                          fg_condition_name(c));
    if (!err && text && *text) {
        err = fg_buf_adds(out, "<text xmlns='" FG_NS_STREAM_ERROR "' xml:lang='en'>");
        if (!err) err = fg_xml_escape(out, text, strlen(text));
        if (!err) err = fg_buf_adds(out, "</text>");
    }
    if (!err && application) err = fg_buf_adds(out, application);
    return err ? err : fg_buf_adds(out, "</stream:error></stream:stream>");
}

enum fg_condition fg_condition_read(const struct fg_xml *error)
{
    for (const struct fg_xml *c = error->children; c; c = c->next) {
        if (!c->name || strcmp(c->ns, FG_NS_STREAM_ERROR) != 0) continue;
        for (int i = FG_COND_NONE + 1; i < FG_COND_COUNT; i++)
            if (strcmp(names[i], c->name) == 0) return (enum fg_condition)i;
    }
    return FG_COND_UNDEFINED_CONDITION;
}
