// What a change does to an object, field by field, before and after. Used by the review and by revisions.
import type { ReactNode } from "react";
import { findRow, useNegotiation, useSchema, useSchemas } from "../rest/live";
import type { Change, ConfigObject, Field, NegotiationRow, Value } from "../rest/types";
import { t } from "../words";
import { pemText, same, valueText } from "./format";
import { MethodLabels, Muted } from "./Marks";

export interface Line {
    label: string;
    before: ReactNode;
    after: ReactNode;
}

export type Op = "added" | "changed" | "removed";

export function opOf(change: Change): Op {
    if (change.op === "delete" || !change.after) return "removed";
    return change.before ? "changed" : "added";
}

const isRecord = (value: Value | undefined): value is ConfigObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);

function text(field: Field, value: Value | undefined): ReactNode {
    if (field.write_only) return value ? t.review.set : <Muted>{t.review.notSet}</Muted>;
    if (value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length)) {
        return <Muted>{t.none}</Muted>;
    }
    if (field.type === "pem" && typeof value === "string") return pemText(value);
    const words = valueText(field, value);
    return field.type === "domain" || field.type === "ref" || field.format ? <span className="fg-mono">{words}</span> : words;
}

const entries = (value: Value | undefined): string[] =>
    Array.isArray(value) ? value.map((v) => (typeof v === "string" ? v : JSON.stringify(v))) : [];

/** Long lists say how many and which ones came and went. */
function listLine(field: Field, before: Value | undefined, after: Value | undefined): Line {
    const had = entries(before);
    const has = entries(after);
    const hadSet = new Set(had);
    const hasSet = new Set(has);
    const came = has.filter((v) => !hadSet.has(v));
    const went = had.filter((v) => !hasSet.has(v));
    const names = (list: string[]) => list.slice(0, 5).join(", ") + (list.length > 5 ? `, ${t.common.more(list.length - 5)}` : "");
    return {
        label: field.label,
        before: had.length ? t.review.items(had.length) : <Muted>{t.none}</Muted>,
        after: (
            <>
                {has.length ? t.review.items(has.length) : t.none}
                {came.length > 0 && (
                    <span className="fg-plain">
                        , {t.review.addedItems} <span className="fg-mono">{names(came)}</span>
                    </span>
                )}
                {went.length > 0 && (
                    <span className="fg-plain">
                        , {t.review.removedItems} <span className="fg-mono">{names(went)}</span>
                    </span>
                )}
            </>
        ),
    };
}

function fieldLines(fields: Field[], before: ConfigObject | null, after: ConfigObject | null, prefix = ""): Line[] {
    return fields.flatMap((field) => {
        if (field.read_only) return [];
        const was = before?.[field.name];
        const is = after?.[field.name];
        const standard = before ? was : (field.default ?? null);
        if (same(standard ?? null, is ?? null)) return [];
        const named = prefix ? { ...field, label: `${prefix} · ${field.label}` } : field;
        if (field.fields && (isRecord(was) || isRecord(is)) && is !== null) {
            return fieldLines(field.fields, isRecord(was) ? was : before ? {} : null, isRecord(is) ? is : {}, named.label);
        }
        const strings = [was, is].every((v) => v === undefined || v === null || Array.isArray(v));
        if (field.type === "list" && strings && field.items?.type !== "object" && before) return [listLine(named, was, is)];
        return [{ label: named.label, before: before ? text(field, was) : <Muted>{t.none}</Muted>, after: text(field, is) }];
    });
}

function methodLine(rows: NegotiationRow[] | null, before: ConfigObject | null, after: ConfigObject): Line | null {
    const methods = (o: ConfigObject | null) => (o ? (findRow(rows, { tls: o.tls, sasl: o.sasl, dialback: o.dialback })?.methods ?? []) : null);
    const was = methods(before);
    const is = methods(after);
    if (!is || (was && same(was, is))) return null;
    return {
        label: t.review.methods,
        before: was ? <MethodLabels methods={was} /> : <Muted>{t.none}</Muted>,
        after: <MethodLabels methods={is} />,
    };
}

/** Whether the lines of changes can be told, so that they come at once and nothing jumps. */
export function useLinesReady(): boolean {
    const schemas = useSchemas();
    const rows = useNegotiation();
    return !!schemas && !!rows;
}

/** The lines of a change; null while the field tables are not there. */
export function useLines(change: Change): Line[] | null {
    const schema = useSchema(change.kind);
    const rows = useNegotiation();
    if (!schema) return null;
    if (!change.after) return [];
    const lines = fieldLines(schema.fields, change.before, change.after);
    const methods = change.kind === "partners" ? methodLine(rows, change.before, change.after) : null;
    return methods ? [...lines, methods] : lines;
}

interface TableProps {
    lines: Line[];
    name: string;
    heads?: [string, string, string];
}

export function DifferenceTable({ lines, name, heads }: TableProps) {
    const [field, before, after] = heads ?? [t.review.field, t.review.runs, t.review.after];
    return (
        <div className="fg-scroll">
            <table className="fg-diff" aria-label={name}>
                <thead>
                    <tr>
                        <th scope="col">{field}</th>
                        <th scope="col">{before}</th>
                        <th scope="col">{after}</th>
                    </tr>
                </thead>
                <tbody>
                    {lines.map((line) => (
                        <tr key={line.label}>
                            <th scope="row">{line.label}</th>
                            <td className="fg-muted" data-label={before}>
                                {line.before}
                            </td>
                            <td className="fg-after" data-label={after}>
                                {line.after}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
