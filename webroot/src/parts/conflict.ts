// Three versions of one object, field by field: what it was (base), mine, and what somebody else made of it.
import type { ConfigObject, Field, Value } from "../rest/types";
import { t } from "../words";
import { same } from "./format";

export interface ConflictField {
    /** Path of the field: "description", "limits/stanza_size"; "" is the object as a whole. */
    name: string;
    label: string;
    base: Value;
    mine: Value;
    theirs: Value;
    /** Says how the values are put into words. */
    field?: Field;
}

export type Side = "mine" | "theirs";
export type Chosen = { [name: string]: Value };

const isRecord = (value: Value | undefined): value is ConfigObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);

function walk(fields: Field[], base: ConfigObject | null, mine: ConfigObject, theirs: ConfigObject, path: string, label: string): ConflictField[] {
    return fields.flatMap((field) => {
        if (field.read_only) return [];
        const [b, m, t2] = [base, mine, theirs].map((o) => o?.[field.name] ?? null) as [Value, Value, Value];
        if (same(m, t2)) return [];
        const name = path + field.name;
        const text = label ? `${label} · ${field.label}` : field.label;
        if (field.fields && isRecord(m) && isRecord(t2)) return walk(field.fields, isRecord(b) ? b : null, m, t2, `${name}/`, text);
        return [{ name, label: text, base: b, mine: m, theirs: t2, field }];
    });
}

/** Where mine and theirs differ. An object that one of us deleted differs as a whole. */
export function conflictFields(
    fields: Field[],
    base: ConfigObject | null,
    mine: ConfigObject | null,
    theirs: ConfigObject | null,
): ConflictField[] {
    if (mine && theirs) return walk(fields, base, mine, theirs, "", "");
    return mine || theirs ? [{ name: "", label: t.conflict.whole, base, mine, theirs }] : [];
}

/** The side that needs no question, because only one of us changed the field; null when both did. */
export function obvious(field: ConflictField): Side | null {
    if (same(field.base, field.theirs)) return "mine";
    if (same(field.base, field.mine)) return "theirs";
    return null;
}

/** `mine` with the chosen values; null when the choice was that the object goes. */
export function resolved(mine: ConfigObject | null, chosen: Chosen): ConfigObject | null {
    if ("" in chosen) return chosen[""] as ConfigObject | null;
    const out = structuredClone(mine ?? {});
    for (const [name, value] of Object.entries(chosen)) {
        const path = name.split("/");
        const last = path.pop()!;
        let at: ConfigObject = out;
        for (const part of path) at = (at[part] ??= {}) as ConfigObject;
        at[last] = value;
    }
    return out;
}
