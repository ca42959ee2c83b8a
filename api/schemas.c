/* See schemas.h. Written as JSON text, so that a schema reads here as it does in the document; a
 * test checks real answers against them. */
#include "api/schemas.h"

/* The member of accounts, tokens and the session that limits what may be changed. */
#define SCOPE                                                                                      \
    "\"scope\":{\"type\":[\"object\",\"null\"],\"additionalProperties\":false,\"properties\":{"    \
    "\"sites\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"partners\":{\"type\":"       \
    "\"array\",\"items\":{\"type\":\"string\"}}}},"

const struct fg_named_schema fg_schemas[] = {
    {"fault", "{\"type\":\"object\",\"required\":[\"pointer\",\"code\",\"message\"],\"properties\":"
              "{\"pointer\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"message\":"
              "{\"type\":\"string\"}}}"},
    {"problem",
     "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\"],"
     "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
     "\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},\"detail\":"
     "{\"type\":[\"string\",\"null\"]},\"errors\":{\"type\":\"array\",\"items\":{\"$ref\":"
     "\"#/components/schemas/"
     "fault\"}},\"errors_left_out\":{\"type\":\"integer\"},\"conflicts\":{\"type\":\"array\","
     "\"items\":"
     "{\"$ref\":\"#/components/schemas/conflict\"}},\"revision\":{\"type\":\"integer\"},"
     "\"stored\":{\"type\":\"boolean\"},\"applied\":{\"type\":\"boolean\"},\"matched\":"
     "{\"type\":\"integer\"},\"rejected\":{\"type\":\"array\",\"items\":{\"type\":"
     "\"object\"}},\"requires\":{\"type\":\"array\",\"items\":{\"$ref\":"
     "\"#/components/schemas/object_name\"}},\"objects\":{\"type\":\"array\",\"items\":"
     "{\"$ref\":\"#/components/schemas/object_name\"}}}}"},
    {"object_name", "{\"type\":\"object\",\"required\":[\"kind\",\"key\"],\"properties\":{\"kind\":"
                    "{\"type\":\"string\"},\"key\":{\"type\":\"string\"}}}"},
    {"note", "{\"type\":\"object\",\"required\":[\"code\",\"message\"],\"properties\":{\"code\":"
             "{\"type\":\"string\"},\"message\":{\"type\":\"string\"},\"pointer\":{\"type\":"
             "\"string\"}}}"},
    {"object_fault",
     "{\"type\":\"object\",\"required\":[\"kind\",\"key\",\"pointer\",\"code\","
     "\"message\"],\"properties\":{\"kind\":{\"type\":[\"string\",\"null\"]},\"key\":"
     "{\"type\":[\"string\",\"null\"]},\"pointer\":{\"type\":\"string\"},\"code\":"
     "{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}"},
    {"change",
     "{\"type\":\"object\",\"required\":[\"op\",\"kind\",\"key\",\"base_revision\","
     "\"before\",\"after\"],\"properties\":{\"op\":{\"type\":\"string\",\"enum\":[\"put\","
     "\"patch\",\"delete\"]},\"kind\":{\"type\":\"string\"},\"key\":{\"type\":\"string\"},"
     "\"base_revision\":{\"type\":\"integer\"},\"before\":{\"type\":[\"object\","
     "\"null\"]},\"after\":{\"type\":[\"object\",\"null\"]}}}"},
    {"conflict",
     "{\"type\":\"object\",\"required\":[\"kind\",\"key\",\"base\",\"mine\",\"theirs\"],"
     "\"properties\":{\"kind\":{\"type\":\"string\"},\"key\":{\"type\":\"string\"},"
     "\"base\":{\"type\":[\"object\",\"null\"]},\"mine\":{\"type\":[\"object\",\"null\"]},"
     "\"theirs\":{\"type\":[\"object\",\"null\"]}}}"},
    {"sign_in", "{\"type\":\"object\",\"required\":[\"username\",\"password\"],\"properties\":"
                "{\"username\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"},"
                "\"otp\":{\"type\":\"string\"}}}"},
    {"totp_change",
     "{\"type\":\"object\",\"required\":[\"action\"],\"properties\":{\"action\":{\"type\":"
     "\"string\",\"enum\":[\"start\",\"confirm\",\"off\"]},\"current_password\":{\"type\":"
     "\"string\"},\"code\":{\"type\":\"string\"}}}"},
    {"totp",
     "{\"type\":\"object\",\"required\":[\"state\"],\"properties\":{\"state\":{\"type\":"
     "\"string\",\"enum\":[\"off\",\"started\",\"on\"]},\"secret\":{\"type\":\"string\"},"
     "\"uri\":{\"type\":\"string\"},\"expires\":{\"type\":[\"string\",\"null\"],\"format\":"
     "\"date-time\"},\"recovery_codes\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
     "\"recovery_codes_left\":{\"type\":\"integer\"}}}"},
    {"session",
     "{\"type\":\"object\",\"required\":[\"username\",\"role\",\"csrf_token\","
     "\"permissions\"],\"properties\":{\"username\":{\"type\":\"string\"},\"role\":"
     "{\"type\":\"string\",\"enum\":[\"administrator\",\"operator\","
     "\"user_administrator\",\"help_desk\",\"viewer\"]}," SCOPE "\"kind\":{\"type\":\"string\"},"
     "\"csrf_token\":{\"type\":[\"string\",\"null\"]},\"expires\":{\"type\":[\"string\","
     "\"null\"],\"format\":\"date-time\"},\"permissions\":{\"type\":\"object\"},"
     "\"language\":{\"type\":[\"string\",\"null\"]},\"theme\":{\"type\":"
     "[\"string\",\"null\"]}}}"},
    {"preferences", "{\"type\":\"object\",\"properties\":{\"language\":{\"type\":[\"string\","
                    "\"null\"],\"enum\":[\"en\",\"de\",\"zh\",null]},\"theme\":{\"type\":"
                    "[\"string\",\"null\"],\"enum\":[\"light\",\"dark\",null]}}}"},
    {"setup", "{\"type\":\"object\",\"required\":[\"token\",\"username\",\"password\"],"
              "\"properties\":{\"token\":{\"type\":\"string\"},\"username\":{\"type\":\"string\"},"
              "\"password\":{\"type\":\"string\"}}}"},
    {"setup_link",
     "{\"type\":\"object\",\"required\":[\"token\",\"expires\"],\"properties\":{\"token\":"
     "{\"type\":\"string\"},\"expires\":{\"type\":\"string\",\"format\":\"date-time\"}}}"},
    {"admin",
     "{\"type\":\"object\",\"required\":[\"username\",\"role\",\"disabled\"],"
     "\"properties\":{\"username\":{\"type\":\"string\"},\"role\":{\"type\":\"string\","
     "\"enum\":[\"administrator\",\"operator\",\"user_administrator\",\"help_desk\","
     "\"viewer\"]}," SCOPE "\"disabled\":{\"type\":\"boolean\"},\"totp\":{\"type\":\"boolean\"},"
     "\"created_at\":{\"type\":"
     "[\"string\",\"null\"],\"format\":\"date-time\"},\"last_sign_in\":{\"type\":"
     "[\"string\",\"null\"],\"format\":\"date-time\"},\"password_changed\":{\"type\":"
     "[\"string\",\"null\"],\"format\":\"date-time\"},\"draft_changes\":{\"type\":"
     "\"integer\",\"description\":\"Staged and not committed, also by the tokens; kept "
     "when the account is deleted. Only when one is shown.\"}}}"},
    {"admin_add",
     "{\"type\":\"object\",\"required\":[\"username\",\"password\",\"role\"],"
     "\"properties\":{" SCOPE "\"username\":{\"type\":\"string\"},\"password\":{\"type\":"
     "\"string\"},\"role\":{\"type\":\"string\",\"enum\":[\"administrator\",\"operator\","
     "\"user_administrator\",\"help_desk\",\"viewer\"]}}}"},
    {"admin_change",
     "{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\"},\"role\":"
     "{\"type\":\"string\",\"enum\":[\"administrator\",\"operator\","
     "\"user_administrator\",\"help_desk\",\"viewer\"]}," SCOPE "\"disabled\":{\"type\":"
     "\"boolean\"},\"totp\":{\"type\":\"boolean\",\"enum\":[false]}}}"},
    {"token",
     "{\"type\":\"object\",\"required\":[\"id\",\"name\",\"role\"],\"properties\":{\"id\":"
     "{\"type\":\"integer\"},\"name\":{\"type\":\"string\"},\"admin\":{\"type\":"
     "[\"string\",\"null\"]},\"role\":{\"type\":\"string\",\"enum\":[\"administrator\","
     "\"operator\",\"user_administrator\",\"help_desk\",\"viewer\"]}," SCOPE "\"prefix\":{\"type\":"
     "\"string\"},\"created_at\":{\"type\":[\"string\",\"null\"],\"format\":"
     "\"date-time\"},\"expires\":{\"type\":[\"string\",\"null\"],\"format\":"
     "\"date-time\"},\"last_used\":{\"type\":[\"string\",\"null\"],\"format\":"
     "\"date-time\"},\"token\":{\"type\":\"string\"}}}"},
    {"token_add",
     "{\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":"
     "\"string\"},\"role\":{\"type\":\"string\",\"enum\":[\"administrator\",\"operator\","
     "\"user_administrator\",\"help_desk\",\"viewer\"]}," SCOPE "\"expires\":{\"type\":\"string\"},"
     "\"admin\":{\"type\":\"string\"}}}"},
    {"session_item",
     "{\"type\":\"object\",\"required\":[\"id\",\"admin\"],\"properties\":{\"id\":"
     "{\"type\":\"integer\"},\"admin\":{\"type\":[\"string\",\"null\"]},\"created_at\":"
     "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"last_seen\":{\"type\":"
     "[\"string\",\"null\"],\"format\":\"date-time\"},\"expires\":{\"type\":[\"string\","
     "\"null\"],\"format\":\"date-time\"},\"address\":{\"type\":\"string\"},"
     "\"user_agent\":{\"type\":\"string\"},\"current\":{\"type\":\"boolean\"}}}"},
    {"password_change",
     "{\"type\":\"object\",\"required\":[\"current_password\",\"password\"],"
     "\"properties\":{\"current_password\":{\"type\":\"string\"},\"password\":{\"type\":"
     "\"string\"}}}"},
    {"partner_status",
     "{\"type\":\"object\",\"required\":[\"state\",\"last_success\",\"last_failure\","
     "\"streams\"],\"properties\":{\"state\":{\"type\":\"string\",\"enum\":[\"connected\","
     "\"failing\",\"idle\",\"never\",\"suspended\",\"draining\"]},\"because\":{\"type\":["
     "\"string\","
     "\"null\"],\"enum\":[\"state\",\"valid_until\",null]},\"last_success\":"
     "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"last_failure\":"
     "{\"type\":[\"object\",\"null\"],\"required\":[\"at\",\"direction\",\"code\","
     "\"cause\",\"remedy\"],\"properties\":{\"at\":{\"type\":\"string\",\"format\":"
     "\"date-time\"},\"direction\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
     "\"cause\":{\"type\":\"string\"},\"remedy\":{\"type\":\"string\"},\"detail\":"
     "{\"type\":[\"string\",\"null\"]}}},\"retry\":{\"type\":[\"string\",\"null\"],"
     "\"format\":\"date-time\"},\"attempts\":{\"type\":\"integer\"},\"counters\":"
     "{\"type\":\"object\"},\"streams\":{\"type\":\"array\",\"items\":{\"$ref\":"
     "\"#/components/schemas/stream\"}}}}"},
    {"partner_summary",
     "{\"type\":\"object\",\"readOnly\":true,\"description\":\"With include=status\","
     "\"required\":[\"state\",\"last_success\",\"last_failure\",\"streams\"],\"properties\":{"
     "\"state\":{\"$ref\":\"#/components/schemas/partner_status/properties/state\"},"
     "\"because\":{\"$ref\":\"#/components/schemas/partner_status/properties/because\"},"
     "\"last_success\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
     "\"last_failure\":{\"$ref\":\"#/components/schemas/partner_status/properties/last_failure\"},"
     "\"streams\":{\"type\":\"integer\"}}}"},
    {"partner_counts",
     "{\"type\":\"object\",\"readOnly\":true,\"description\":\"With include=status: how many of "
     "all that fit are in each state, and how many have warnings\",\"additionalProperties\":"
     "{\"type\":\"integer\"}}"},
    {"certificate",
     "{\"type\":\"object\",\"required\":[\"id\",\"subject\",\"names\",\"not_after\","
     "\"has_key\"],\"properties\":{\"id\":{\"type\":\"string\"},\"friendly_name\":"
     "{\"type\":\"string\"},\"subject\":{\"type\":\"string\"},\"issuer\":{\"type\":"
     "\"string\"},\"names\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
     "\"not_before\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
     "\"not_after\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"has_key\":"
     "{\"type\":\"boolean\"},\"created_at\":{\"type\":[\"string\",\"null\"],\"format\":"
     "\"date-time\"}}}"},
    {"certificate_import",
     "{\"type\":\"object\",\"required\":[\"pem\"],\"properties\":{\"pem\":{\"type\":"
     "\"string\"},\"key\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"},"
     "\"friendly_name\":{\"type\":\"string\"}}}"},
    {"draft", "{\"type\":\"object\",\"required\":[\"changes\",\"problems\",\"warnings\","
              "\"conflicts\",\"summary\"],\"properties\":{\"changes\":{\"type\":\"array\","
              "\"items\":{\"$ref\":\"#/components/schemas/change\"}},\"next_cursor\":{\"type\":"
              "[\"string\",\"null\"]},\"total\":{\"type\":\"integer\"},\"problems\":{\"type\":"
              "\"array\",\"items\":{\"$ref\":\"#/components/schemas/object_fault\"}},\"warnings\":"
              "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/object_fault\"}},"
              "\"conflicts\":{\"type\":\"array\",\"items\":{\"$ref\":"
              "\"#/components/schemas/conflict\"}},\"summary\":{\"type\":\"object\",\"required\":"
              "[\"count\",\"by_kind\"],\"properties\":{\"count\":{\"type\":\"integer\"},"
              "\"by_kind\":{\"type\":\"object\"}}}}}"},
    {"configuration", "{\"type\":\"object\",\"required\":[\"format\",\"version\"],\"properties\":{"
                      "\"format\":{\"type\":\"string\",\"enum\":[\"fedgate-configuration\"]},"
                      "\"version\":{\"type\":\"integer\"},\"content_hash\":{\"type\":\"string\"},"
                      "\"policies\":{\"type\":\"object\"},"
                      "\"partners\":{\"type\":\"object\"},"
                      "\"users\":{\"type\":\"object\"},"
                      "\"sites\":{\"type\":\"object\"},"
                      "\"edges\":{\"type\":\"object\"},"
                      "\"front_ends\":{\"type\":\"object\"},"
                      "\"domains\":{\"type\":\"object\"},"
                      "\"trust_anchors\":{\"type\":\"object\"},"
                      "\"certificate_assignments\":{\"type\":\"object\"},"
                      "\"settings\":{\"type\":\"object\"}}}"},
    {"file", "{\"description\":\"A file; its form is found out by what is in it.\"}"},
    {"job",
     "{\"type\":\"object\",\"required\":[\"id\",\"what\",\"state\",\"done\",\"total\",\"result\"],"
     "\"properties\":{\"id\":{\"type\":\"string\"},\"what\":{\"type\":\"string\"},\"state\":{"
     "\"type\":\"string\",\"enum\":[\"running\",\"done\",\"failed\",\"cancelled\"]},\"done\":{"
     "\"type\":\"integer\"},\"total\":{\"type\":\"integer\"},\"result\":{\"type\":[\"object\","
     "\"null\"],\"properties\":{\"dry_run\":{\"type\":\"boolean\"},\"lines\":{\"type\":\"integer\"}"
     ","
     "\"added\":{\"type\":\"integer\"},\"changed\":{\"type\":\"integer\"},\"unchanged\":{"
     "\"type\":\"integer\"},\"staged\":{\"type\":\"integer\"},\"rejected_count\":{\"type\":"
     "\"integer\"},\"detail\":{\"type\":[\"string\","
     "\"null\"]},\"rejected\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":["
     "\"line\","
     "\"address\",\"code\",\"message\",\"value\",\"errors\"],\"properties\":{\"line\":{\"type\":"
     "\"integer\"},\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"},\"value\":{},"
     "\"address\":{\"type\":[\"string\",\"null\"]},\"errors\":{\"type\":\"array\",\"items\":{\"$"
     "ref\":\"#/"
     "components/schemas/fault\"}}}}}}}}}"},
    {"additional_domains",
     "{\"type\":\"object\",\"properties\":{\"add\":{\"type\":\"array\",\"items\":{\"type\":"
     "\"string\"}},\"remove\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"replace\":{"
     "\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"clear\":{\"type\":\"boolean\"}}}"},
    {"filter",
     "{\"type\":\"object\",\"description\":\"The names and patterns of the collection's list "
     "query: a field and a pattern in which * stands for any characters and ? for one; q searches "
     "everywhere. {} takes all.\",\"additionalProperties\":{\"type\":[\"string\",\"number\","
     "\"boolean\",\"null\"]}}"},
    {"users_assign",
     "{\"type\":\"object\",\"required\":[\"policy\"],\"properties\":{\"filter\":{\"$ref\":\"#/"
     "components/schemas/filter\"},\"users\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
     "\"policy\":{\"type\":[\"string\",\"null\"]},\"dry_run\":{\"type\":\"boolean\"}}}"},
    {"draft_bulk",
     "{\"type\":\"object\",\"required\":[\"kind\",\"op\"],\"properties\":{\"kind\":{\"type\":"
     "\"string\"},\"filter\":{\"$ref\":\"#/components/schemas/filter\"},\"keys\":{\"type\":"
     "\"array\",\"items\":{\"type\":\"string\"}},\"op\":{\"type\":\"string\",\"enum\":["
     "\"patch\",\"delete\"]},\"value\":{\"type\":\"object\"},\"dry_run\":{\"type\":"
     "\"boolean\"}}}"},
    {"bulk_result",
     "{\"type\":\"object\",\"required\":[\"dry_run\",\"matched\",\"staged\",\"unchanged\","
     "\"rejected\",\"items\",\"impact\"],\"properties\":{\"impact\":{\"oneOf\":[{\"$ref\":"
     "\"#/components/schemas/impact\"},{\"type\":\"null\"}]},\"dry_run\":{\"type\":\"boolean\"},"
     "\"matched\":{\"type\":\"integer\"},\"staged\":{\"type\":\"integer\"},\"unchanged\":{\"type\":"
     "\"integer\"},\"rejected\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":["
     "\"key\",\"code\",\"message\"],\"properties\":{\"key\":{\"type\":\"string\"},\"code\":{"
     "\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}},\"items\":{\"type\":\"array\","
     "\"items\":{\"type\":\"string\"}}}}"},
    {"import_result",
     "{\"type\":\"object\",\"required\":[\"staged\",\"unchanged\",\"findings\",\"draft\"],"
     "\"properties\":{\"staged\":{\"type\":\"integer\"},\"unchanged\":{\"type\":\"integer\"},"
     "\"findings\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/finding\"}},"
     "\"draft\":{\"$ref\":\"#/components/schemas/draft\"}}}"},
    {"finding",
     "{\"type\":\"object\",\"required\":[\"severity\",\"code\",\"record\",\"kind\",\"key\","
     "\"message\"],\"properties\":{\"severity\":{\"type\":\"string\",\"enum\":[\"info\","
     "\"warning\",\"error\"]},\"code\":{\"type\":\"string\"},\"record\":{\"type\":"
     "\"integer\"},\"kind\":{\"type\":[\"string\",\"null\"]},\"key\":{\"type\":[\"string\","
     "\"null\"]},\"message\":{\"type\":\"string\"}}}"},
    {"check", "{\"type\":\"object\",\"required\":[\"ok\",\"problems\",\"warnings\",\"conflicts\","
              "\"impact\"],\"properties\":{\"ok\":{\"type\":\"boolean\"},\"problems\":{\"type\":"
              "\"array\",\"items\":{\"$ref\":\"#/components/schemas/object_fault\"}},\"warnings\":"
              "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/object_fault\"}},"
              "\"conflicts\":{\"type\":\"array\",\"items\":{\"$ref\":"
              "\"#/components/schemas/conflict\"}},\"impact\":{\"anyOf\":[{\"$ref\":"
              "\"#/components/schemas/impact\"},{\"type\":\"null\"}]}}}"},
    {"impact",
     "{\"type\":\"object\",\"description\":\"What it does to the streams that live now, as the "
     "engine judges it; null: the engine did not answer. partners: those that are touched, the "
     "most "
     "touched first; more: how many of them are left out.\",\"required\":[\"stay\","
     "\"renegotiate\",\"close\",\"queued\",\"subscriptions\",\"partners\",\"more\"],"
     "\"properties\":{\"stay\":{\"type\":[\"integer\",\"null\"]},\"renegotiate\":{\"type\":"
     "[\"integer\",\"null\"]},\"close\":{\"type\":[\"integer\",\"null\"]},\"queued\":{\"type\":"
     "[\"integer\",\"null\"],\"description\":\"Stanzas that wait for these partners\"},"
     "\"subscriptions\":{\"type\":[\"integer\",\"null\"],\"description\":\"Presence subscriptions "
     "with them that the engine holds; it speaks no presence so far\"},\"partners\":{\"type\":"
     "[\"array\",\"null\"],\"items\":{\"type\":\"object\",\"required\":[\"domain\",\"stay\","
     "\"renegotiate\",\"close\",\"queued\",\"subscriptions\",\"because\"],\"properties\":"
     "{\"domain\":{\"type\":\"string\"},\"stay\":{\"type\":\"integer\"},\"renegotiate\":{\"type\":"
     "\"integer\"},\"close\":{\"type\":\"integer\"},\"queued\":{\"type\":\"integer\"},"
     "\"subscriptions\":{\"type\":\"integer\"},\"because\":{\"type\":\"string\",\"enum\":"
     "[\"federation_off\",\"partner_removed\",\"partner_suspended\",\"partner_expired\","
     "\"partner_draining\",\"own_domain_removed\",\"tls_required\",\"tls_forbidden\","
     "\"sasl_required\",\"sasl_forbidden\",\"dialback_off\",\"method_not_allowed\","
     "\"domain_moved\",\"terms_changed\"]}}}},\"more\":{\"type\":[\"integer\",\"null\"]}}}"},
    {"dialback_secret",
     "{\"type\":\"object\",\"properties\":{\"secret\":{\"type\":\"string\",\"minLength\":16,"
     "\"maxLength\":256,\"description\":\"Shared by all nodes of one domain; left out: one is "
     "made\"},\"overlap\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":2592000,\"default\":"
     "86400,"
     "\"description\":\"Seconds for which keys made with the former one are accepted\"}}}"},
    {"dialback_secret_set",
     "{\"type\":\"object\",\"required\":[\"changed_at\",\"previous_valid_until\"],\"properties\":"
     "{\"changed_at\":{\"type\":\"string\",\"format\":\"date-time\"},\"previous_valid_until\":"
     "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}}}"},
    {"draft_owner",
     "{\"type\":\"object\",\"required\":[\"owner\",\"name\",\"changes\",\"updated_at\","
     "\"orphaned\"],\"properties\":{\"owner\":{\"type\":\"string\"},\"name\":{\"type\":"
     "\"string\"},\"changes\":{\"type\":\"integer\"},\"updated_at\":{\"type\":\"string\","
     "\"format\":\"date-time\"},\"orphaned\":{\"type\":\"boolean\"}}}"},
    {"draft_commit",
     "{\"type\":\"object\",\"properties\":{\"comment\":{\"type\":\"string\"},"
     "\"confirm_within\":{\"type\":\"integer\"},\"at\":{\"type\":\"string\",\"format\":\"date-"
     "time\"},"
     "\"include_dependencies\":{\"type\":\"boolean\"},\"only\":{\"type\":\"array\",\"items\":"
     "{\"type\":\"object\",\"required\":[\"kind\",\"key\"],\"properties\":{\"kind\":"
     "{\"type\":\"string\"},\"key\":{\"type\":\"string\"}}}}}}"},
    {"commits",
     "{\"type\":\"object\",\"required\":[\"changes\"],\"properties\":{\"changes\":"
     "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"op\",\"kind\"],"
     "\"properties\":{\"op\":{\"type\":\"string\",\"enum\":[\"put\",\"patch\","
     "\"delete\"]},\"kind\":{\"type\":\"string\"},\"key\":{\"type\":\"string\"},\"value\":"
     "{\"type\":\"object\"}}}},\"comment\":{\"type\":\"string\"},\"confirm_within\":"
     "{\"type\":\"integer\"},\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
     "\"base_revision\":{\"type\":\"integer\"},\"dry_run\":"
     "{\"type\":\"boolean\"}}}"},
    {"commit", "{\"type\":\"object\",\"required\":[\"revision\",\"applied_at\",\"impact\","
               "\"warnings\"],\"properties\":{\"revision\":{\"type\":\"integer\"},\"applied_at\":"
               "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"impact\":{\"anyOf\":"
               "[{\"$ref\":\"#/components/schemas/impact\"},{\"type\":\"null\"}]},\"included\":"
               "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"kind\",\"key\"],"
               "\"properties\":{\"kind\":{\"type\":\"string\"},\"key\":{\"type\":\"string\"}}}},"
               "\"warnings\":{\"type\":\"array\",\"items\":{\"$ref\":"
               "\"#/components/schemas/object_fault\"}},\"changes\":{\"type\":\"array\",\"items\":"
               "{\"$ref\":\"#/components/schemas/change\"}}}}"},
    {"revision",
     "{\"type\":\"object\",\"required\":[\"revision\",\"author\",\"comment\","
     "\"created_at\",\"summary\"],\"properties\":{\"revision\":{\"type\":\"integer\"},"
     "\"author\":{\"type\":[\"string\",\"null\"]},\"approved_by\":{\"type\":[\"string\","
     "\"null\"]},\"comment\":{\"type\":[\"string\","
     "\"null\"]},\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
     "\"summary\":{\"type\":\"object\"},\"running\":{\"type\":\"boolean\"},\"confirmed\":"
     "{\"type\":[\"boolean\",\"null\"]},\"confirm_deadline\":{\"type\":[\"string\","
     "\"null\"],\"format\":\"date-time\"},\"reverted_by\":{\"type\":[\"integer\","
     "\"null\"]},\"reverts\":{\"type\":[\"integer\",\"null\"]},\"changes\":{\"type\":"
     "\"array\",\"items\":{\"$ref\":\"#/components/schemas/change\"}}}}"},
    {"approval",
     "{\"type\":\"object\",\"required\":[\"id\",\"state\",\"author\",\"comment\","
     "\"created_at\",\"at\",\"revision\",\"problems\"],\"properties\":{\"id\":{\"type\":"
     "\"integer\"},\"state\":{\"type\":\"string\",\"enum\":[\"waiting\",\"scheduled\","
     "\"committed\",\"rejected\",\"failed\"]},\"author\":{\"type\":\"string\"},\"comment\":"
     "{\"type\":\"string\"},\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
     "\"at\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"confirm_within\":"
     "{\"type\":[\"integer\",\"null\"]},\"approved_by\":{\"type\":[\"string\",\"null\"]},"
     "\"approved_at\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"closed_by\":"
     "{\"type\":[\"string\",\"null\"]},\"closed_at\":{\"type\":[\"string\",\"null\"],"
     "\"format\":\"date-time\"},\"reason\":{\"type\":[\"string\",\"null\"]},\"revision\":"
     "{\"type\":[\"integer\",\"null\"]},\"problems\":{\"type\":\"array\",\"items\":"
     "{\"$ref\":\"#/components/schemas/object_fault\"}},\"changes\":{\"type\":\"array\","
     "\"items\":{\"$ref\":\"#/components/schemas/change\"}},\"conflicts\":{\"type\":"
     "\"array\",\"items\":{\"$ref\":\"#/components/schemas/conflict\"}}}}"},
    {"approval_decision",
     "{\"type\":\"object\",\"properties\":{\"comment\":{\"type\":\"string\"}}}"},
    {"waiting", "{\"type\":\"object\",\"required\":[\"approval\",\"impact\",\"warnings\"],"
                "\"properties\":{\"approval\":{\"$ref\":\"#/components/schemas/approval\"},"
                "\"impact\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/impact\"},"
                "{\"type\":\"null\"}]},\"warnings\":{\"type\":\"array\","
                "\"items\":{\"$ref\":\"#/components/schemas/object_fault\"}}}}"},
    {"difference", "{\"type\":\"object\",\"required\":[\"from\",\"to\",\"changes\"],\"properties\":"
                   "{\"from\":{\"type\":\"integer\"},\"to\":{\"type\":\"integer\"},\"changes\":"
                   "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/change\"}}}}"},
    {"status",
     "{\"type\":\"object\",\"required\":[\"version\",\"uptime\",\"revision\","
     "\"applied_revision\",\"engine\",\"counters\",\"pending_confirmation\","
     "\"audit_forwarding\"],"
     "\"properties\":{\"version\":{\"type\":\"string\"},\"uptime\":{\"type\":\"integer\"},"
     "\"revision\":{\"type\":\"integer\"},\"applied_revision\":{\"type\":\"integer\"},"
     "\"engine\":{\"type\":\"object\",\"required\":[\"state\",\"problems\"],"
     "\"properties\":{\"state\":{\"type\":\"string\",\"enum\":[\"running\",\"degraded\","
     "\"stopped\"]},\"problems\":{\"type\":\"array\",\"items\":{\"$ref\":"
     "\"#/components/schemas/note\"}},\"warnings\":{\"type\":\"array\",\"items\":"
     "{\"$ref\":\"#/components/schemas/note\"}}}},\"counters\":{\"type\":\"object\"},"
     "\"pending_confirmation\":{\"type\":[\"object\",\"null\"],\"required\":[\"revision\","
     "\"deadline\","
     "\"author\",\"comment\"],\"properties\":{\"revision\":{\"type\":\"integer\"},\"deadline\":{"
     "\"type\":\"string\",\"format\":\"date-time\"},\"author\":{\"type\":[\"string\",\"null\"]},"
     "\"comment\":{\"type\":[\"string\",\"null\"]}}},\"audit_forwarding\":{\"type\":"
     "\"object\",\"required\":[\"state\",\"behind\",\"last_error\"],\"properties\":{\"state\":"
     "{\"type\":\"string\",\"enum\":[\"off\",\"ok\",\"failing\"]},\"behind\":{\"type\":"
     "\"integer\",\"description\":\"Rows of the audit that are not sent yet.\"},\"last_error\":"
     "{\"type\":[\"object\",\"null\"],\"required\":[\"code\",\"cause\",\"remedy\",\"since\"],"
     "\"properties\":{\"code\":{\"type\":\"string\"},\"cause\":{\"type\":\"string\"},"
     "\"remedy\":{\"type\":\"string\"},\"since\":{\"type\":\"string\",\"format\":"
     "\"date-time\"}}}}},\"home_domain\":{\"type\":[\"string\",\"null\"]}}}"},
    {"ports", "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":"
              "\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\",\"address\"],"
              "\"properties\":{\"name\":{\"type\":\"string\"},\"address\":{\"type\":"
              "\"string\"}}}}}}"},
    {"stream",
     "{\"type\":\"object\",\"required\":[\"id\",\"partner\",\"direction\",\"state\",\"phase\","
     "\"since\"],\"properties\":{\"id\":{\"type\":\"integer\"},\"partner\":{\"type\":"
     "[\"string\",\"null\"]},\"local_domain\":{\"type\":[\"string\",\"null\"]},"
     "\"remote_domain\":{\"type\":[\"string\",\"null\"]},\"direction\":{\"type\":"
     "\"string\",\"enum\":[\"in\",\"out\"]},\"peer_address\":{\"type\":[\"string\","
     "\"null\"]},\"tls\":{\"type\":[\"object\",\"null\"]},\"certificate\":{\"type\":"
     "[\"object\",\"null\"]},\"method\":{\"type\":[\"string\",\"null\"]},\"state\":"
     "{\"type\":\"string\"},\"phase\":{\"type\":\"string\",\"enum\":[\"setting_up\",\"open\","
     "\"closing\"]},\"since\":{\"type\":[\"string\",\"null\"],\"format\":"
     "\"date-time\"},\"stanzas_in\":{\"type\":\"integer\"},\"stanzas_out\":{\"type\":"
     "\"integer\"},\"queue\":{\"type\":\"integer\"},\"queue_age\":{\"type\":\"integer\"}}}"},
    {"stream_counts",
     "{\"type\":\"object\",\"readOnly\":true,\"description\":\"Of all streams, whatever is "
     "filtered: how many are in each phase, and how many stanzas wait for them\","
     "\"required\":[\"setting_up\",\"open\",\"closing\",\"waiting\"],"
     "\"additionalProperties\":{\"type\":\"integer\"}}"},
    {"claims",
     "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\","
     "\"items\":{\"type\":\"object\",\"required\":[\"asked\",\"domain\",\"partner\",\"ours\","
     "\"problem\"],"
     "\"properties\":{\"asked\":{\"type\":\"string\"},\"domain\":{\"type\":[\"string\",\"null\"]},"
     "\"partner\":{\"type\":[\"string\",\"null\"]},\"ours\":{\"type\":\"boolean\"},\"problem\":{"
     "\"type\":[\"object\",\"null\"],\"required\":[\"code\",\"message\"],\"properties\":{\"code\":{"
     "\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}}}}"},
    {"negotiation",
     "{\"type\":\"object\",\"required\":[\"rows\"],\"properties\":{\"rows\":{\"type\":"
     "\"array\",\"items\":{\"type\":\"object\",\"required\":[\"row\",\"tls\",\"sasl\","
     "\"dialback\",\"methods\",\"valid\",\"warnings\",\"problem\"],\"properties\":"
     "{\"row\":{\"type\":\"integer\"},\"tls\":{\"type\":\"string\"},\"sasl\":{\"type\":"
     "\"string\"},\"dialback\":{\"type\":\"boolean\"},\"methods\":{\"type\":\"array\","
     "\"items\":{\"type\":\"string\"}},\"valid\":{\"type\":\"boolean\"},\"warnings\":"
     "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/note\"}},\"problem\":"
     "{\"oneOf\":[{\"$ref\":\"#/components/schemas/note\"},{\"type\":\"null\"}]},"
     "\"remark\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/note\"},{\"type\":"
     "\"null\"}]}}}}}}"},
    {"explanation",
     "{\"type\":\"object\",\"required\":[\"verdict\",\"rule\",\"revision\",\"steps\"],"
     "\"properties\":{\"verdict\":{\"type\":\"string\",\"enum\":[\"allow\",\"deny\"]},"
     "\"rule\":{\"type\":\"string\"},\"because\":{\"type\":\"string\"},\"remedy\":"
     "{\"type\":\"string\"},\"object\":{\"type\":[\"string\",\"null\"]},\"revision\":"
     "{\"type\":\"integer\"},\"steps\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
     "\"required\":[\"gate\",\"verdict\",\"because\"],\"properties\":{\"gate\":{\"type\":"
     "\"string\"},\"verdict\":{\"type\":\"string\",\"enum\":[\"pass\",\"fail\","
     "\"not_asked\"]},\"rule\":{\"type\":\"string\"},\"because\":{\"type\":\"string\"},"
     "\"object\":{\"type\":[\"string\",\"null\"]}}}}}}"},
    {"audit_entry",
     "{\"type\":\"object\",\"required\":[\"seq\",\"at\",\"action\",\"outcome\"],"
     "\"properties\":{\"seq\":{\"type\":\"integer\"},\"at\":{\"type\":\"string\","
     "\"format\":\"date-time\"},\"who\":{\"type\":\"string\"},\"name\":{\"type\":"
     "\"string\"},\"via\":{\"type\":\"string\"},\"address\":{\"type\":\"string\"},"
     "\"action\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\"},\"key\":{\"type\":"
     "\"string\"},\"before\":{},\"after\":{},\"outcome\":{\"type\":\"string\"},\"detail\":"
     "{\"type\":\"string\"},\"revision\":{\"type\":[\"integer\",\"null\"]}}}"},
    {"audit_report",
     "{\"type\":\"object\",\"required\":[\"ok\",\"rows\"],\"properties\":{\"ok\":"
     "{\"type\":\"boolean\"},\"rows\":{\"type\":\"integer\"},\"first_bad\":{\"type\":"
     "[\"integer\",\"null\"]},\"reason\":{\"type\":[\"string\",\"null\"]}}}"},
};
const size_t fg_schemas_count = sizeof fg_schemas / sizeof *fg_schemas;
