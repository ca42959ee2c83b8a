// Administrators: who may sign in. Accounts are no part of the configuration; changes take effect at once.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import type { ReactNode } from "react";
import { Ask } from "../../parts/Ask";
import { ago, fullTime } from "../../parts/format";
import { Marked, Muted } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { KebabMenu } from "../../parts/Menu";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { Page, Scope } from "../../rest/types";
import { t } from "../../words";
import { AddAdmin, AdminSessions, EditAdmin, SetPassword } from "./AdminForms";
import type { Admin } from "./AdminForms";

type What = "edit" | "password" | "sessions" | "factor" | "disable" | "enable" | "delete";
type Open = { what: What; admin: Admin } | { what: "add" } | null;

function scopeText(scope: Scope | null | undefined): ReactNode {
    if (!scope) return <Muted>{t.admins.scopeAll}</Muted>;
    return [...(scope.sites ?? []), ...(scope.partners ?? [])].join(", ");
}

interface RowProps {
    admin: Admin;
    me: boolean;
    last: boolean;
    may: boolean;
    open: (what: What) => void;
}

function Row({ admin, me, last, may, open }: RowProps) {
    const w = t.admins;
    const own = me ? w.ownInProfile : undefined;
    const actions = [
        { text: w.edit, run: () => open("edit") },
        { text: w.setPassword, run: () => open("password"), disabled: own },
        { text: w.sessions, run: () => open("sessions") },
        { text: w.factorOff, run: () => open("factor"), disabled: admin.totp ? own : w.noFactor },
        admin.disabled
            ? { text: w.enable, run: () => open("enable") }
            : { text: w.disable, run: () => open("disable"), disabled: last ? w.lastDisabled : undefined },
        { text: w.delete, danger: true, run: () => open("delete"), disabled: last ? w.lastOne : undefined },
    ];
    return (
        <Tr>
            <Td dataLabel={w.columns.name}>
                {admin.username} {me && <Muted>({w.you})</Muted>}
            </Td>
            <Td dataLabel={w.columns.role}>{t.roles[admin.role]}</Td>
            <Td dataLabel={w.columns.scope} className="fg-wrap">
                {scopeText(admin.scope)}
            </Td>
            <Td dataLabel={w.columns.factor}>{admin.totp ? <Marked mood="good">{t.on}</Marked> : <Muted>{t.off}</Muted>}</Td>
            <Td dataLabel={w.columns.lastSignIn} title={fullTime(admin.last_sign_in)}>
                {admin.last_sign_in ? ago(admin.last_sign_in) : <Muted>{t.never}</Muted>}
            </Td>
            <Td dataLabel={w.columns.state}>
                <Marked mood={admin.disabled ? "paused" : "good"}>{admin.disabled ? w.disabled : w.active}</Marked>
            </Td>
            <Td className="fg-kebab">{may && <KebabMenu name={admin.username} actions={actions} />}</Td>
        </Tr>
    );
}

/** A question with what will happen, and what does it. */
function Sure({ what, admin, close }: { what: "factor" | "disable" | "enable" | "delete"; admin: Admin; close: () => void }) {
    const w = t.admins;
    const path = `/admins/${segment(admin.username)}`;
    const words = {
        factor: { title: w.factorQuestion(admin.username), text: w.factorText, action: w.factorNow },
        disable: { title: w.disableQuestion(admin.username), text: w.disableText, action: w.disableNow },
        enable: { title: w.enableQuestion(admin.username), text: w.enableText, action: w.enableNow },
        delete: { title: w.deleteQuestion(admin.username), text: w.deleteText, action: w.deleteNow },
    }[what];
    const run = async () => {
        if (what === "delete") await rest.remove(path);
        else if (what === "factor") await rest.remove(`${path}/totp`);
        else await rest.patch(path, { disabled: what === "disable" });
    };
    return (
        <Ask title={words.title} action={words.action} danger={what !== "enable"} failed={w.changeFailed} run={run} close={close}>
            <p>{words.text}</p>
        </Ask>
    );
}

function Dialogue({ open, last, close }: { open: Open; last: boolean; close: () => void }) {
    if (!open) return null;
    switch (open.what) {
        case "add":
            return <AddAdmin close={close} />;
        case "edit":
            return <EditAdmin admin={open.admin} last={last} close={close} />;
        case "password":
            return <SetPassword admin={open.admin} close={close} />;
        case "sessions":
            return <AdminSessions admin={open.admin} close={close} />;
        default:
            return <Sure what={open.what} admin={open.admin} close={close} />;
    }
}

export default function Administrators() {
    const { session } = useSession();
    const may = useMay("accounts");
    const { data, error, at, reload } = useGet<Page<Admin>>(may.may ? "/admins?limit=1000" : null);
    const [open, setOpen] = useState<Open>(null);
    const w = t.admins;
    const full = (data?.items ?? []).filter((a) => a.role === "administrator" && !a.disabled && !a.scope);
    const isLast = (admin: Admin) => full.length <= 1 && full.some((a) => a.username === admin.username);
    return (
        <div className="fg-page">
            <PageHeader
                title={w.title}
                lead={w.lead}
                actions={
                    <MayButton may={may} onClick={() => setOpen({ what: "add" })}>
                        {w.add}
                    </MayButton>
                }
            />
            {!may.may && (
                <Panel>
                    <Empty title={w.notYours}>{may.why}</Empty>
                </Panel>
            )}
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {may.may && !data && !error && <Loading lines={3} />}
            {data && (
                <Table role="table" variant="compact" aria-label={w.title} className="fg-table" gridBreakPoint="grid-md">
                    <Thead>
                        <Tr>
                            {Object.values(w.columns).map((text) => (
                                <Th key={text}>{text}</Th>
                            ))}
                            <Th screenReaderText={t.common.actions("")} />
                        </Tr>
                    </Thead>
                    <Tbody>
                        {data.items.map((admin) => (
                            <Row
                                key={admin.username}
                                admin={admin}
                                me={admin.username === session?.username}
                                last={isLast(admin)}
                                may={may.may}
                                open={(what) => setOpen({ what, admin })}
                            />
                        ))}
                    </Tbody>
                </Table>
            )}
            <Dialogue
                open={open}
                last={!!open && open.what !== "add" && isLast(open.admin)}
                close={() => {
                    setOpen(null);
                    reload();
                }}
            />
        </div>
    );
}
