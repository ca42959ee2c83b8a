// The settings as single fields in groups: a field of fields is taken apart, so that each has its own mark, its own
// way back to the default and its own difference from what runs.
import { same, valueText } from "../../parts/format";
import { initial } from "../../parts/fields/values";
import type { ConfigObject, Field, KindSchema, Value } from "../../rest/types";
import { t } from "../../words";

export interface Leaf {
    /** "limits/depth": a JSON pointer without its first stroke. */
    path: string;
    field: Field;
}

export interface Group {
    id: string;
    title: string;
    help: string;
    leaves: Leaf[];
}

/** Fields by subject. What no group names stands in the last one, so that none is ever missing. */
const order: [keyof typeof t.settings.groups, string[]][] = [
    ["general", ["federation_enabled", "four_eyes"]],
    ["timing", ["connection_limit", "partner_connection_limit", "keepalive_interval", "stream_establishment_timeout", "stream_inactivity_timeout", "subscription_refresh_interval"]],
    ["listeners", ["listeners"]],
    ["limits", ["limits"]],
    ["dns", ["dns"]],
    ["tls", ["tls"]],
    ["logging", ["log_message_bodies", "audit_syslog"]],
];

/** A field that is an object and always there is its fields; one that can be off is one thing. */
function apart(field: Field, above = ""): Leaf[] {
    const path = above + field.name;
    if (field.read_only) return [];
    if (field.type !== "object" || field.nullable) return [{ path, field }];
    return (field.fields ?? []).flatMap((sub) => apart(sub, `${path}/`));
}

export function groups(schema: KindSchema): Group[] {
    const find = (names: string[]) => names.flatMap((name) => schema.fields.filter((f) => f.name === name));
    const named = new Set(order.flatMap(([, names]) => names));
    const rest = schema.fields.filter((f) => !named.has(f.name));
    const make = (id: string, title: string, fields: Field[]): Group => {
        const only = fields.length === 1 && fields[0]!.type === "object" && !fields[0]!.nullable ? fields[0]! : null;
        return { id, title, help: only?.help ?? "", leaves: fields.flatMap((f) => apart(f)) };
    };
    return [
        ...order.map(([id, names]) => make(id, t.settings.groups[id], find(names))),
        make("more", t.settings.unknownGroup, rest),
    ].filter((group) => group.leaves.length > 0);
}

const isObject = (value: Value | undefined): value is ConfigObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);

export function valueAt(object: ConfigObject, { path, field }: Leaf): Value {
    let value: Value | undefined = object;
    for (const name of path.split("/")) value = isObject(value) ? value[name] : undefined;
    return value ?? (field.nullable ? null : initial(field));
}

export function withValue(object: ConfigObject, path: string, value: Value): ConfigObject {
    const [name = "", ...below] = path.split("/");
    if (!below.length) return { ...object, [name]: value };
    const part = object[name];
    return { ...object, [name]: withValue(isObject(part) ? part : {}, below.join("/"), value) };
}

export const standard = ({ field }: Leaf): Value => (field.nullable && field.default === undefined ? null : initial(field));

export const isStandard = (leaf: Leaf, object: ConfigObject): boolean => same(valueAt(object, leaf), standard(leaf));

/** One entry of a list of SIP ports in few words; anything else as everywhere. */
export function leafText(leaf: Leaf, value: Value): string {
    const item = leaf.field.items;
    if (!Array.isArray(value) || item?.type !== "object") return valueText(leaf.field, value);
    if (!value.length) return t.none;
    return value
        .map((entry) =>
            Object.entries(isObject(entry) ? entry : {})
                .map(([name, part]) => valueText(item.fields?.find((f) => f.name === name), part))
                .join(", "),
        )
        .join("; ");
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Seconds that are a whole number of larger units deserve to be said in these. */
export function isRound(seconds: number): boolean {
    if (seconds < 2 * minute) return seconds === minute;
    if (seconds < hour) return seconds % minute === 0;
    return seconds < 2 * day ? seconds % minute === 0 : seconds % day === 0;
}
