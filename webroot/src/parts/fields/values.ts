// Starting values of fields, and what a field's range says, from the field tables.
import type { ConfigObject, Field, Value } from "../../rest/types";
import { t } from "../../words";
import { valueText } from "../format";

/** What a field holds in a new object. */
export function initial(field: Field): Value {
    if (field.default !== undefined) return field.default;
    if (field.nullable) return null;
    switch (field.type) {
        case "bool":
            return false;
        case "integer":
            return field.min ?? 0;
        case "list":
            return [];
        case "object":
            return initialObject(field.fields ?? []);
        case "enum":
            return field.enum?.[0]?.value ?? "";
        default:
            return "";
    }
}

export function initialObject(fields: Field[]): ConfigObject {
    return Object.fromEntries(fields.filter((f) => !f.read_only).map((f) => [f.name, initial(f)]));
}

/** Help, then range, then default: what stands below a field. */
export function helpText(field: Field): string {
    const parts = [field.help ?? ""];
    if (field.type === "integer" && field.min !== undefined && field.max !== undefined) {
        parts.push(t.objects.range(field.min, field.max));
    } else if (field.type === "integer" && field.min !== undefined) {
        parts.push(t.objects.from(field.min));
    }
    const simple = ["integer", "enum"].includes(field.type);
    if (simple && field.default !== undefined && field.default !== null) {
        parts.push(t.objects.defaultIs(valueText({ ...field, unit: undefined }, field.default)));
    }
    return parts.filter(Boolean).join(" ");
}

/** The part of an object that may be sent: what is only shown stays out. */
export function writable(fields: Field[], value: ConfigObject): ConfigObject {
    const out: ConfigObject = {};
    for (const field of fields) {
        if (field.read_only || !(field.name in value)) continue;
        out[field.name] = value[field.name]!;
    }
    return out;
}
