// Administrators: who may sign in. Accounts are no part of the configuration; changes take effect at once.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { ago, fullTime } from "../../parts/format";
import { TextField } from "../../parts/Labelled";
import { Marked, Muted } from "../../parts/Marks";
import { KebabMenu } from "../../parts/Menu";
import { PageHeader } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { Page, Role } from "../../rest/types";
import { t } from "../../words";
import { RoleSelect } from "./RoleSelect";

interface Admin {
    username: string;
    role: Role;
    disabled?: boolean;
    created_at?: string | null;
    last_sign_in?: string | null;
}

function AddAdmin({ close }: { close: () => void }) {
    const [username, setUsername] = useState("");
    const [password, setPassword] = useState("");
    const [role, setRole] = useState<Role>("viewer");
    const w = t.admins;
    return (
        <Ask
            title={w.addTitle}
            action={w.submit}
            failed={w.failed}
            disabled={!username.trim() || !password}
            run={async () => {
                await rest.post("/admins", { username: username.trim(), password, role });
            }}
            close={close}
        >
            <TextField label={w.name} value={username} onChange={setUsername} required autoFocus />
            <TextField label={w.password} help={w.passwordHelp} value={password} onChange={setPassword} type="password" autoComplete="new-password" required />
            <RoleSelect label={w.role} value={role} onChange={setRole} />
        </Ask>
    );
}

function Row({ admin, me, last, remove, may }: { admin: Admin; me: boolean; last: boolean; remove: () => void; may: boolean }) {
    const w = t.admins;
    return (
        <Tr>
            <Td dataLabel={w.columns.name}>
                {admin.username} {me && <Muted>({w.you})</Muted>}
            </Td>
            <Td dataLabel={w.columns.role}>{t.roles[admin.role]}</Td>
            <Td dataLabel={w.columns.lastSignIn} title={fullTime(admin.last_sign_in)}>
                {admin.last_sign_in ? ago(admin.last_sign_in) : <Muted>{t.never}</Muted>}
            </Td>
            <Td dataLabel={w.columns.state}>
                <Marked mood={admin.disabled ? "paused" : "good"}>{admin.disabled ? w.disabled : w.active}</Marked>
            </Td>
            <Td className="fg-kebab">
                {may && (
                    <KebabMenu
                        name={admin.username}
                        actions={[{ text: w.delete, danger: true, run: remove, disabled: last ? w.lastOne : undefined }]}
                    />
                )}
            </Td>
        </Tr>
    );
}

export default function Administrators() {
    const { session } = useSession();
    const { data, error, at, reload } = useGet<Page<Admin>>("/admins");
    const [adding, setAdding] = useState(false);
    const [removing, setRemoving] = useState<Admin | null>(null);
    const w = t.admins;
    const may = session?.role === "administrator";
    const full = (data?.items ?? []).filter((a) => a.role === "administrator" && !a.disabled).length;
    return (
        <div className="fg-page">
            <PageHeader
                title={w.title}
                lead={w.lead}
                actions={
                    <Button onClick={() => setAdding(true)} isDisabled={!may}>
                        {w.add}
                    </Button>
                }
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={3} />}
            {data && (
                <Table role="table" variant="compact" aria-label={w.title} className="fg-table" gridBreakPoint="grid-md">
                    <Thead>
                        <Tr>
                            <Th>{w.columns.name}</Th>
                            <Th>{w.columns.role}</Th>
                            <Th>{w.columns.lastSignIn}</Th>
                            <Th>{w.columns.state}</Th>
                            <Th screenReaderText={t.common.actions("")} />
                        </Tr>
                    </Thead>
                    <Tbody>
                        {data.items.map((admin) => (
                            <Row
                                key={admin.username}
                                admin={admin}
                                me={admin.username === session?.username}
                                last={admin.role === "administrator" && full <= 1}
                                remove={() => setRemoving(admin)}
                                may={may}
                            />
                        ))}
                    </Tbody>
                </Table>
            )}
            {adding && <AddAdmin close={() => setAdding(false)} />}
            {removing && (
                <Ask
                    title={w.deleteQuestion(removing.username)}
                    action={w.deleteNow}
                    danger
                    run={async () => {
                        await rest.remove(`/admins/${segment(removing.username)}`);
                    }}
                    close={() => setRemoving(null)}
                >
                    <p>{w.deleteText}</p>
                </Ask>
            )}
        </div>
    );
}
