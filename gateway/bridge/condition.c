/* See condition.h. */
#include "gateway/bridge/condition.h"

#include <stddef.h>
#include <string.h>

#define CANCEL "cancel"
#define MODIFY "modify"
#define WAIT   "wait"
#define AUTH   "auth"

/* RFC 7247 7.2. */
static const struct {
    int status;
    struct fg_condition condition;
} by_status[] = {
    {301, {"gone", CANCEL}},
    {380, {"not-acceptable", MODIFY}},
    {401, {"not-authorized", AUTH}},
    {403, {"forbidden", AUTH}},
    {404, {"service-unavailable", CANCEL}},
    {405, {"feature-not-implemented", CANCEL}},
    {406, {"not-acceptable", MODIFY}},
    {407, {"registration-required", AUTH}},
    {408, {"remote-server-timeout", WAIT}},
    {410, {"gone", CANCEL}},
    {413, {"policy-violation", MODIFY}},
    {414, {"policy-violation", MODIFY}},
    {415, {"not-acceptable", MODIFY}},
    {416, {"not-acceptable", MODIFY}},
    {420, {"feature-not-implemented", CANCEL}},
    {421, {"not-acceptable", MODIFY}},
    {423, {"resource-constraint", WAIT}},
    {430, {"recipient-unavailable", WAIT}},
    {439, {"feature-not-implemented", CANCEL}},
    {440, {"policy-violation", WAIT}},
    {480, {"recipient-unavailable", WAIT}},
    {481, {"item-not-found", CANCEL}},
    {482, {"not-acceptable", MODIFY}},
    {483, {"not-acceptable", MODIFY}},
    {484, {"item-not-found", CANCEL}},
    {485, {"item-not-found", CANCEL}},
    {486, {"recipient-unavailable", WAIT}},
    {487, {"recipient-unavailable", WAIT}},
    {488, {"not-acceptable", MODIFY}},
    {489, {"policy-violation", MODIFY}},
    {491, {"unexpected-request", WAIT}},
    {501, {"feature-not-implemented", CANCEL}},
    {502, {"remote-server-not-found", CANCEL}},
    {504, {"remote-server-timeout", WAIT}},
    {505, {"not-acceptable", MODIFY}},
    {513, {"policy-violation", MODIFY}},
    {604, {"service-unavailable", CANCEL}},
    {606, {"not-acceptable", MODIFY}},
};

/* The rest of each class. */
static const struct fg_condition by_class[] = {
    [3] = {"redirect", MODIFY},
    [4] = {"bad-request", MODIFY},
    [5] = {"internal-server-error", CANCEL},
    [6] = {"recipient-unavailable", WAIT},
};

struct fg_condition fg_condition_of_status(int status)
{
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
        if (by_status[i].status == status) return by_status[i].condition;
    int class = status / 100;
    return class >= 3 && class <= 6 ? by_class[class] : by_class[5];
}

struct fg_condition fg_condition_of_sip_failure(enum fg_failure why)
{
    switch (why) {
    case FG_FAIL_SIP_TIMEOUT:
    case FG_FAIL_SHUTDOWN:
        return fg_condition_of_status(504);
    case FG_FAIL_SIP_NO_FRONT_END:
        return (struct fg_condition){"service-unavailable", CANCEL};
    case FG_FAIL_QUEUE_FULL:
        return (struct fg_condition){"resource-constraint", WAIT};
    default:
        /* No answer at all counts as 503 (RFC 3261 8.1.3.1). */
        return fg_condition_of_status(503);
    }
}

struct fg_condition fg_condition_of_xmpp_failure(enum fg_failure why)
{
    switch (why) {
    case FG_FAIL_DNS_NOT_FOUND:
    case FG_FAIL_DNS_NOT_OFFERED:
    case FG_FAIL_DNS_LOOP:
        return (struct fg_condition){"remote-server-not-found", CANCEL};
    case FG_FAIL_NOT_A_PARTNER:
    case FG_FAIL_PARTNER_REMOVED:
    case FG_FAIL_PARTNER_DRAINING:
    case FG_FAIL_POLICY_CLOSED:
        return (struct fg_condition){"policy-violation", MODIFY};
    case FG_FAIL_QUEUE_FULL:
    case FG_FAIL_CONNECTION_LIMIT:
        return (struct fg_condition){"resource-constraint", WAIT};
    case FG_FAIL_INTERNAL:
        return (struct fg_condition){"internal-server-error", CANCEL};
    default:
        return (struct fg_condition){"remote-server-timeout", WAIT};
    }
}

/* RFC 7247 7.1, corrected where it names statuses that may not be sent. A bare JID's answers of the
 * 6xx class would end every fork of the request, so both columns stay in 4xx where there is one. */
static const struct {
    const char *name;
    int full, bare;
} by_condition[] = {
    {"bad-request", 400, 400},
    {"conflict", 400, 400},
    {"feature-not-implemented", 405, 501},
    {"forbidden", 403, 403},
    {"gone", 410, 410},
    {"internal-server-error", 500, 500},
    {"item-not-found", 404, 404},
    {"jid-malformed", 400, 400},
    {"not-acceptable", 406, 406},
    {"not-allowed", 403, 403},
    {"not-authorized", 403, 403},
    {"policy-violation", 403, 403},
    {"recipient-unavailable", 480, 480},
    {"redirect", 302, 302},
    {"registration-required", 403, 403},
    {"remote-server-not-found", 404, 404},
    {"remote-server-timeout", 504, 504},
    {"resource-constraint", 500, 500},
    {"service-unavailable", 403, 403},
    {"subscription-required", 400, 400},
    {"undefined-condition", 400, 400},
    {"unexpected-request", 491, 491},
};

int fg_status_of_condition(const char *name, bool full)
{
    for (size_t i = 0; name && i < sizeof by_condition / sizeof *by_condition; i++)
        if (strcmp(by_condition[i].name, name) == 0)
            return full ? by_condition[i].full : by_condition[i].bare;
    return 400;
}

int fg_status_of_failure(enum fg_failure why, bool full)
{
    return fg_status_of_condition(fg_condition_of_xmpp_failure(why).name, full);
}
