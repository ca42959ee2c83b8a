/* The handlers of the command tables; each returns the exit code. */
#ifndef FG_CLI_HANDLERS_H
#define FG_CLI_HANDLERS_H

#include "server/cli/verb.h"

int fg_do_list(struct fg_call *c);
int fg_do_show(struct fg_call *c);
int fg_do_add(struct fg_call *c);
int fg_do_set(struct fg_call *c);
int fg_do_remove(struct fg_call *c);
int fg_do_settings_show(struct fg_call *c);
int fg_do_settings_set(struct fg_call *c);
int fg_do_grant(struct fg_call *c);
int fg_do_ungrant(struct fg_call *c);
int fg_do_user_assign(struct fg_call *c);
int fg_do_user_import(struct fg_call *c);
int fg_do_partner_domains(struct fg_call *c);

int fg_do_draft_show(struct fg_call *c);
int fg_do_draft_check(struct fg_call *c);
int fg_do_draft_discard(struct fg_call *c);
int fg_do_draft_others(struct fg_call *c);
int fg_do_draft_take(struct fg_call *c);
int fg_do_draft_drop(struct fg_call *c);
int fg_do_dialback_secret_rotate(struct fg_call *c);
int fg_do_commit(struct fg_call *c);
int fg_do_revision_list(struct fg_call *c);
int fg_do_revision_show(struct fg_call *c);
int fg_do_revision_diff(struct fg_call *c);
int fg_do_revision_restore(struct fg_call *c);
int fg_do_revision_confirm(struct fg_call *c);
int fg_do_revision_revert(struct fg_call *c);

int fg_do_approval_list(struct fg_call *c);
int fg_do_approval_show(struct fg_call *c);
int fg_do_approval_approve(struct fg_call *c);
int fg_do_approval_reject(struct fg_call *c);

int fg_do_session_list(struct fg_call *c);
int fg_do_session_end(struct fg_call *c);
int fg_do_token_list(struct fg_call *c);
int fg_do_token_revoke(struct fg_call *c);
int fg_do_import_lync(struct fg_call *c);

int fg_do_status(struct fg_call *c);
int fg_do_status_ports(struct fg_call *c);
int fg_do_partner_retry(struct fg_call *c);
int fg_do_partner_status(struct fg_call *c);
int fg_do_streams(struct fg_call *c);
int fg_do_streams_close(struct fg_call *c);
int fg_do_explain(struct fg_call *c);
int fg_do_audit_list(struct fg_call *c);
int fg_do_audit_export(struct fg_call *c);
int fg_do_audit_verify(struct fg_call *c);

int fg_do_certificate_list(struct fg_call *c);
int fg_do_certificate_show(struct fg_call *c);
int fg_do_certificate_add(struct fg_call *c);
int fg_do_certificate_remove(struct fg_call *c);
int fg_do_certificate_assign(struct fg_call *c);
int fg_do_certificate_unassign(struct fg_call *c);
int fg_do_certificate_assignments(struct fg_call *c);

#endif
