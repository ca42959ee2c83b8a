// Tokens for scripts. A new one is shown once.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { ClipboardCopy } from "@patternfly/react-core/dist/esm/components/ClipboardCopy/ClipboardCopy";
import { Alert } from "../../parts/Alert";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { ago, fullTime, shortDate } from "../../parts/format";
import { TextField } from "../../parts/Labelled";
import { Muted } from "../../parts/Marks";
import { KebabMenu } from "../../parts/Menu";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { Page, Role } from "../../rest/types";
import { t } from "../../words";
import { RoleSelect, rolesWithin } from "./RoleSelect";

interface Token {
    id: string | number;
    name: string;
    admin?: string | null;
    role: Role;
    created_at?: string | null;
    expires?: string | null;
    last_used?: string | null;
}

function MakeToken({ made, close }: { made: (token: string) => void; close: () => void }) {
    const { session } = useSession();
    const [name, setName] = useState("");
    const [role, setRole] = useState<Role>(session?.role ?? "viewer");
    const [expires, setExpires] = useState("");
    const w = t.tokens;
    const run = async () => {
        const body = { name: name.trim(), role, ...(expires ? { expires: `${expires}T00:00:00Z` } : {}) };
        const answer = await rest.post<{ token: string }>("/tokens", body);
        made(answer.data.token);
    };
    return (
        <Ask title={w.addTitle} action={w.submit} failed={w.failed} run={run} close={close} disabled={!name.trim()}>
            <TextField label={w.name} help={w.nameHelp} value={name} onChange={setName} required autoFocus />
            <RoleSelect label={w.role} value={role} onChange={setRole} among={rolesWithin(session?.role ?? "viewer")} />
            <TextField label={w.expires} help={w.expiresHelp} value={expires} onChange={setExpires} type="date" />
        </Ask>
    );
}

function Row({ token, remove }: { token: Token; remove: () => void }) {
    const c = t.tokens.columns;
    const time = (at: string | null | undefined) => (at ? ago(at) : <Muted>{t.never}</Muted>);
    return (
        <Tr>
            <Td dataLabel={c.name}>{token.name}</Td>
            <Td dataLabel={c.owner}>{token.admin ?? <Muted>{t.none}</Muted>}</Td>
            <Td dataLabel={c.role}>{t.roles[token.role]}</Td>
            <Td dataLabel={c.created} title={fullTime(token.created_at)}>
                {time(token.created_at)}
            </Td>
            <Td dataLabel={c.used} title={fullTime(token.last_used)}>
                {time(token.last_used)}
            </Td>
            <Td dataLabel={c.expires}>{token.expires ? shortDate(new Date(token.expires)) : <Muted>{t.never}</Muted>}</Td>
            <Td className="fg-kebab">
                <KebabMenu name={token.name} actions={[{ text: t.tokens.delete, danger: true, run: remove }]} />
            </Td>
        </Tr>
    );
}

export default function Tokens() {
    const { data, error, at, reload } = useGet<Page<Token>>("/tokens");
    const [making, setMaking] = useState(false);
    const [made, setMade] = useState<string | null>(null);
    const [removing, setRemoving] = useState<Token | null>(null);
    const w = t.tokens;
    return (
        <div className="fg-page">
            <PageHeader title={w.title} lead={w.lead} actions={<Button onClick={() => setMaking(true)}>{w.add}</Button>} />
            {made && (
                <Alert variant="success" isInline title={w.madeTitle} className="fg-alert">
                    <p>{w.madeText}</p>
                    <ClipboardCopy isReadOnly hoverTip={t.common.copy} clickTip={t.common.copied} textAriaLabel={w.madeTitle}>
                        {made}
                    </ClipboardCopy>
                </Alert>
            )}
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={3} />}
            {data && !data.items.length && (
                <Panel>
                    <Empty title={w.empty}>{w.emptyText}</Empty>
                </Panel>
            )}
            {data && data.items.length > 0 && (
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
                        {data.items.map((token) => (
                            <Row key={token.id} token={token} remove={() => setRemoving(token)} />
                        ))}
                    </Tbody>
                </Table>
            )}
            {making && <MakeToken made={setMade} close={() => setMaking(false)} />}
            {removing && (
                <Ask
                    title={w.deleteQuestion(removing.name)}
                    action={w.deleteNow}
                    danger
                    run={async () => {
                        await rest.remove(`/tokens/${segment(String(removing.id))}`);
                    }}
                    close={() => setRemoving(null)}
                >
                    <p>{w.deleteText}</p>
                </Ask>
            )}
        </div>
    );
}
