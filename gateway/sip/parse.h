/* From raw bytes to a message that has been looked at: libre decodes, the checks that it leaves out
 * are made here, and nothing of libre leaves this module. Private to gateway/sip. Engine thread. */
#ifndef FG_SIP_PARSE_H
#define FG_SIP_PARSE_H

#include "gateway/sip/frame.h"

enum {
    FG_SIP_VIAS_MAX = 64,
    FG_SIP_REQUIRES_MAX = 16, /* more are not named in the refusal */
    FG_SIP_CALL_ID_MAX = 256,
};

struct mbuf;
/* Holds the one view through which libre reads. */
struct fg_sip_parser {
    struct mbuf *view;
};
int fg_sip_parser_init(struct fg_sip_parser *ps);
void fg_sip_parser_free(struct fg_sip_parser *ps);

/* All texts are views into the bytes given to fg_sip_parse. */
struct fg_sip_parsed {
    bool request;
    struct fg_sip_message m; /* request */
    bool has_password;       /* in one of its URIs */
    int status;              /* response: 100..699 */
    struct fg_sip_text reason, contact;
    struct fg_sip_text from, to, cseq; /* whole header values */
    struct fg_sip_text from_tag, to_tag;
    struct fg_sip_text cseq_method;
    struct fg_sip_text require[FG_SIP_REQUIRES_MAX]; /* lines or their parts, as the parser likes */
    size_t n_require;
    struct fg_sip_text content_encoding; /* first; empty: none */
    struct fg_sip_text via[FG_SIP_VIAS_MAX];
    size_t n_via;
    struct {
        struct fg_sip_text sent_by, host, branch;
        uint16_t port;    /* 0: none given */
        bool rport;       /* asks for it, without a value (RFC 3581) */
        size_t rport_end; /* offset in via[0] behind the word "rport" */
    } top;
};

/* Decodes and checks. `scan` is of exactly these `head` bytes; `body` bytes follow. Returns 0, or
 * the SIP status to refuse with (400, 416, 505, and 400 for a broken response, which is dropped)
 * and its reason in `why`; after a refusal `out` is not to be used. */
int fg_sip_parse(struct fg_sip_parser *ps, char *data, size_t head, size_t body,
                 const struct fg_sip_scan *scan, struct fg_sip_parsed *out, const char **why);

/* Moves every view of `m` from memory at `from` to its copy at `to`. */
void fg_sip_message_rebase(struct fg_sip_message *m, const char *from, const char *to);

#endif
