// The rows of the audit. A row opens to what was before and after.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { Link } from "../../frame/route";
import { DifferenceTable, useLines } from "../../parts/Difference";
import { ago, authorName, fullTime } from "../../parts/format";
import { Marked } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { Facts } from "../../parts/Panel";
import { useSchema } from "../../rest/live";
import type { Change, ConfigObject, Value } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";

export interface AuditEntry {
    seq: number;
    at: string;
    who: string;
    name: string;
    via: string;
    address: string;
    action: string;
    kind: string;
    key: string;
    before: Value;
    after: Value;
    outcome: string;
    detail: string;
    revision: number | null;
}

type Filter = (name: string, value: string) => void;

const moods: { [outcome: string]: Mood } = { ok: "good", refused: "bad", failed: "bad" };
const word = (words: { [id: string]: string }, id: string) => words[id] ?? id;
const isObject = (value: Value): value is ConfigObject => typeof value === "object" && value !== null && !Array.isArray(value);
const asObject = (value: Value): ConfigObject | null => (isObject(value) ? value : null);

/** What was before and after an object of the configuration, field by field. */
function ObjectDifference({ entry }: { entry: AuditEntry }) {
    const change: Change = {
        op: entry.after === null ? "delete" : "put",
        kind: entry.kind,
        key: entry.key,
        base_revision: null,
        before: asObject(entry.before),
        after: asObject(entry.after),
    };
    const lines = useLines(change);
    if (!lines?.length) return null;
    return <DifferenceTable lines={lines} name={entry.key} heads={[t.review.field, t.audit.before, t.audit.after]} />;
}

function Raw({ entry }: { entry: AuditEntry }) {
    const parts = [
        [t.audit.before, entry.before],
        [t.audit.after, entry.after],
    ] as const;
    return (
        <>
            {parts
                .filter(([, value]) => value !== null)
                .map(([label, value]) => (
                    <div key={label}>
                        <h3 className="fg-label">{label}</h3>
                        <pre className="fg-audit-raw">{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>
                    </div>
                ))}
        </>
    );
}

function Details({ entry }: { entry: AuditEntry }) {
    const schema = useSchema(entry.kind);
    const a = t.audit;
    return (
        <div className="fg-audit-details">
            <Facts
                rows={[
                    [a.number, String(entry.seq)],
                    [a.time, fullTime(entry.at)],
                    [a.via, entry.via || t.none],
                    [a.address, entry.address || t.none],
                    [a.detail, entry.detail || t.none],
                    [a.revision, entry.revision ? <Link to={`/revisions/${entry.revision}`}>{entry.revision}</Link> : t.none],
                ]}
            />
            {schema ? <ObjectDifference entry={entry} /> : <Raw entry={entry} />}
        </div>
    );
}

function ObjectOf({ entry }: { entry: AuditEntry }) {
    const schema = useSchema(entry.kind);
    if (!entry.kind && !entry.key) return <>{t.none}</>;
    if (schema) return <Link to={editPath(entry.kind, entry.key)}>{entry.kind === "settings" ? t.nav.settings : entry.key}</Link>;
    return <>{entry.key || entry.kind}</>;
}

function EntryRow({ entry, filter }: { entry: AuditEntry; filter: Filter }) {
    const [open, setOpen] = useState(false);
    const a = t.audit;
    const what = word(a.actions, entry.action);
    return (
        <>
            <Tr>
                <Td className="fg-nowrap" dataLabel={a.time} title={fullTime(entry.at)}>
                    {ago(entry.at)}
                </Td>
                <Td dataLabel={a.who}>
                    <Button variant="link" isInline onClick={() => filter("who", entry.who)} isDisabled={!entry.who}>
                        {authorName(entry.name || entry.who)}
                    </Button>
                </Td>
                <Td dataLabel={a.action}>
                    <button type="button" className="fg-audit-open" aria-expanded={open} onClick={() => setOpen(!open)}>
                        {what}
                    </button>
                </Td>
                <Td dataLabel={a.object} className="fg-audit-object">
                    <ObjectOf entry={entry} />
                </Td>
                <Td dataLabel={a.outcome}>
                    <Marked mood={moods[entry.outcome] ?? "open"}>{word(a.outcomes, entry.outcome)}</Marked>
                </Td>
                <Td dataLabel={a.address} className="fg-mono">
                    {entry.address}
                </Td>
            </Tr>
            {open && (
                <Tr>
                    <Td colSpan={6} className="fg-audit-cell">
                        <Details entry={entry} />
                    </Td>
                </Tr>
            )}
        </>
    );
}

export function EntryList({ entries, filter }: { entries: AuditEntry[]; filter: Filter }) {
    const a = t.audit;
    return (
        <Table role="table" variant="compact" aria-label={a.title} className="fg-table" gridBreakPoint="grid-md">
            <Thead>
                <Tr>
                    {[a.time, a.who, a.action, a.object, a.outcome, a.address].map((text) => (
                        <Th key={text}>{text}</Th>
                    ))}
                </Tr>
            </Thead>
            <Tbody>
                {entries.map((entry) => (
                    <EntryRow key={entry.seq} entry={entry} filter={filter} />
                ))}
            </Tbody>
        </Table>
    );
}
