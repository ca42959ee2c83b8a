// How a kind's objects are named, and what a list of them shows.
import { valueText } from "../../parts/format";
import type { ConfigObject, Field, KindSchema, Value } from "../../rest/types";
import { t } from "../../words";

export type Item = ConfigObject & { draft?: "added" | "changed" | "removed" };

export function keyOf(schema: KindSchema, item: Item): string {
    return String(item[schema.key?.name ?? ""] ?? "");
}

/** Short fields make columns; long ones are for the form. At most five, so that rows stay on one line. */
export function columns(schema: KindSchema): Field[] {
    const long = ["pem", "object"];
    return schema.fields.filter((f) => !long.includes(f.type) && f.name !== schema.key?.name && !f.write_only).slice(0, 5);
}

export function cellText(field: Field, value: Value | undefined): string {
    if (field.name === "policy" && value === null) return t.objects.automatic;
    const text = valueText(field, value);
    return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export const isNone = (field: Field, value: Value | undefined): boolean =>
    value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length) || (field.type === "bool" && !value);
