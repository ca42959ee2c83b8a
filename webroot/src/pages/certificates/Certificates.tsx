// Certificates: what there is, and which one serves where. Importing and deleting take effect at once; the
// assignment is configuration and goes through the draft.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { daysLeft, shortDate, untilDays } from "../../parts/format";
import { Marked, Muted } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { KebabMenu } from "../../parts/Menu";
import type { Action } from "../../parts/Menu";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { Page } from "../../rest/types";
import { t } from "../../words";
import { Assignments, usageName } from "./Assignments";
import type { Assignment } from "./Assignments";
import { ImportCertificate } from "./ImportCertificate";

export interface Certificate {
    id: string;
    friendly_name?: string | null;
    subject?: string | null;
    issuer?: string | null;
    names?: string[];
    not_before?: string | null;
    not_after?: string | null;
    has_key: boolean;
}

/** What a person calls a certificate. */
export function certificateName(c: Certificate): string {
    return c.friendly_name || c.names?.[0] || c.subject || c.id.slice(0, 16);
}

export function endMood(at: string): Mood {
    const left = daysLeft(at);
    return left < 7 ? "bad" : left < 30 ? "warn" : "good";
}

/** What keeps it from being deleted: the role, or that it serves somewhere. */
function deleteAction(uses: string[], why: string | null, remove: () => void): Action {
    const inUse = uses.length ? t.certificates.inUse(uses.map(usageName).join(", ")) : undefined;
    return { text: t.certificates.delete, danger: true, run: remove, disabled: why ?? inUse };
}

function Row({ c, uses, remove, why }: { c: Certificate; uses: string[]; remove: () => void; why: string | null }) {
    const w = t.certificates.columns;
    return (
        <Tr>
            <Td dataLabel={w.subject}>
                <span className="fg-mono">{c.names?.length ? c.names.join(", ") : c.subject}</span>
                <div className="fg-second">
                    {c.friendly_name ? `${c.friendly_name} · ` : ""}
                    <span className="fg-mono" title={c.id}>
                        {c.id.slice(0, 16)}…
                    </span>
                </div>
            </Td>
            <Td dataLabel={w.issuer}>{c.issuer ?? <Muted>{t.certificates.unknown}</Muted>}</Td>
            <Td dataLabel={w.ends} className="fg-nowrap">
                {c.not_after ? (
                    <>
                        <Marked mood={endMood(c.not_after)}>{untilDays(c.not_after)}</Marked>
                        <div className="fg-second">{shortDate(new Date(c.not_after))}</div>
                    </>
                ) : (
                    <Muted>{t.certificates.unknown}</Muted>
                )}
            </Td>
            <Td dataLabel={w.key}>
                {c.has_key ? <Marked mood="good">{t.certificates.hasKey}</Marked> : <Marked mood="warn">{t.certificates.noKey}</Marked>}
            </Td>
            <Td dataLabel={w.use}>{uses.length ? uses.map(usageName).join(", ") : <Muted>{t.certificates.unused}</Muted>}</Td>
            <Td className="fg-kebab">
                <KebabMenu name={certificateName(c)} actions={[deleteAction(uses, why, remove)]} />
            </Td>
        </Tr>
    );
}

export default function Certificates() {
    const rights = useMay("certificates");
    const { data, error, at, reload } = useGet<Page<Certificate>>("/certificates");
    const assigned = useGet<Page<Assignment>>("/certificate_assignments?view=draft");
    const [importing, setImporting] = useState(false);
    const [removing, setRemoving] = useState<Certificate | null>(null);
    const w = t.certificates;
    const uses = (c: Certificate) =>
        (assigned.data?.items ?? []).filter((a) => a.certificate === c.id && a.draft !== "removed").map((a) => a.usage);
    const button = (
        <MayButton may={rights} onClick={() => setImporting(true)}>
            {w.import}
        </MayButton>
    );
    return (
        <div className="fg-page">
            <PageHeader title={w.title} lead={w.lead} actions={button} />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={4} />}
            {data && !data.items.length && (
                <Panel>
                    <Empty title={w.empty}>{w.emptyText}</Empty>
                </Panel>
            )}
            {data && data.items.length > 0 && (
                <Table role="table" variant="compact" aria-label={w.title} className="fg-table" gridBreakPoint="grid-md">
                    <Thead>
                        <Tr>
                            <Th>{w.columns.subject}</Th>
                            <Th>{w.columns.issuer}</Th>
                            <Th>{w.columns.ends}</Th>
                            <Th>{w.columns.key}</Th>
                            <Th>{w.columns.use}</Th>
                            <Th screenReaderText={t.common.actions("")} />
                        </Tr>
                    </Thead>
                    <Tbody>
                        {data.items.map((c) => (
                            <Row key={c.id} c={c} uses={uses(c)} remove={() => setRemoving(c)} why={rights.why} />
                        ))}
                    </Tbody>
                </Table>
            )}
            {data && assigned.data && <Assignments certificates={data.items} assignments={assigned.data.items} />}
            {assigned.error && <Failed error={assigned.error} retry={assigned.reload} />}
            {importing && <ImportCertificate close={() => setImporting(false)} />}
            {removing && (
                <Ask
                    title={w.deleteQuestion(certificateName(removing))}
                    action={w.deleteNow}
                    danger
                    run={async () => {
                        await rest.remove(`/certificates/${segment(removing.id)}`);
                    }}
                    close={() => setRemoving(null)}
                >
                    <p>{w.deleteText}</p>
                </Ask>
            )}
        </div>
    );
}
