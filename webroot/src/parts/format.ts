// Times, spans and values as people read them.
import type { Field, Value } from "../rest/types";
import { t } from "../words";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const two = (n: number) => String(n).padStart(2, "0");

export function clock(at: Date): string {
    return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function shortDate(at: Date): string {
    const sameYear = at.getFullYear() === new Date().getFullYear();
    return at.toLocaleDateString(t.locale, { day: "numeric", month: "short", year: sameYear ? undefined : "numeric" });
}

export function fullTime(at: string | null | undefined): string {
    return at ? new Date(at).toLocaleString(t.locale) : "";
}

/** "4 s ago", "38 min ago", "yesterday 17:42", "3 days ago", then the date. */
export function ago(at: string | number | null | undefined, now = Date.now()): string {
    if (at === null || at === undefined) return t.never;
    const when = new Date(at);
    const seconds = Math.max(0, Math.round((now - when.getTime()) / 1000));
    if (Number.isNaN(seconds)) return t.never;
    if (seconds < 2) return t.time.now;
    if (seconds < minute) return t.time.seconds(seconds);
    if (seconds < hour) return t.time.minutes(Math.floor(seconds / minute));
    const yesterday = new Date(now - day * 1000).toDateString() === when.toDateString();
    if (yesterday && seconds > 6 * hour) return t.time.yesterday(clock(when));
    if (seconds < day) return t.time.hours(Math.floor(seconds / hour));
    if (seconds < 7 * day) return t.time.days(Math.floor(seconds / day));
    return shortDate(when);
}

/** A length of time: "3 h 12 min", "12 days". */
export function span(seconds: number): string {
    if (seconds < minute) return t.time.longSeconds(Math.floor(seconds));
    if (seconds < hour) return t.time.longMinutes(Math.floor(seconds / minute));
    if (seconds < 2 * day) return t.time.longHours(Math.floor(seconds / hour), Math.floor((seconds % hour) / minute));
    return t.time.longDays(Math.floor(seconds / day));
}

export function since(at: string, now = Date.now()): string {
    return span(Math.max(0, (now - new Date(at).getTime()) / 1000));
}

export function daysLeft(at: string): number {
    return Math.floor((new Date(at).getTime() - Date.now()) / (day * 1000));
}

export function untilDays(at: string): string {
    const left = daysLeft(at);
    return left < 0 ? t.time.ended(-left - 1) : t.time.inDays(left);
}

/** How long until then: "in 40 min", "in 3 h 12 min". */
export function untilText(at: string, now = Date.now()): string {
    return t.time.inSpan(span(Math.max(0, (new Date(at).getTime() - now) / 1000)));
}

export function number(n: number): string {
    return n.toLocaleString(t.locale);
}

/** The size of a file: "640 B", "12 kB", "3.4 MB". */
export function bytes(n: number): string {
    const steps: [number, string][] = [[1e9, "gigabyte"], [1e6, "megabyte"], [1e3, "kilobyte"], [1, "byte"]];
    const [size, name] = steps.find(([at]) => n >= at) ?? [1, "byte"];
    const digits = size > 1e3 ? 1 : 0;
    return (n / size).toLocaleString(t.locale, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits });
}

/** Numbers that name something are written without separators. */
const names = (field: Field | undefined) => !!field && /(^|_)port$/.test(field.name);

export function unit(field: Field): string {
    return field.unit ? (t.objects.units[field.unit] ?? field.unit) : "";
}

/** One value in words, by its field. */
export function valueText(field: Field | undefined, value: Value | undefined): string {
    if (value === null || value === undefined || value === "") return t.none;
    if (typeof value === "boolean") return value ? t.on : t.off;
    if (typeof value === "number" && names(field)) return String(value);
    if (typeof value === "number") return field && unit(field) ? `${number(value)} ${unit(field)}` : number(value);
    if (typeof value === "string" && field?.type === "datetime") return fullTime(value);
    if (typeof value === "string" && field?.type === "date") return shortDate(new Date(value));
    if (typeof value === "string") return field?.enum?.find((e) => e.value === value)?.label ?? value;
    if (Array.isArray(value)) {
        if (!value.length) return t.none;
        return value.map((entry) => valueText(field?.items, entry)).join(", ");
    }
    const fields = field?.fields ?? [];
    return Object.entries(value)
        .map(([name, part]) => {
            const sub = fields.find((f) => f.name === name);
            return `${sub?.label ?? name} ${valueText(sub, part)}`;
        })
        .join(", ");
}

/** The first line of a file in PEM tells enough in a table. */
export function pemText(pem: string): string {
    const n = (pem.match(/-----BEGIN/g) ?? []).length;
    return n ? `PEM, ${n}` : t.none;
}

export function same(a: unknown, b: unknown): boolean {
    return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([k, v]) => [k, sorted(v)]));
}

/** Who did something: a person, the console of the gateway's machine, or the gateway itself. */
export function authorName(author: string | null | undefined): string {
    if (!author || author === "system") return t.product;
    return /^local:\d+$/.test(author) ? t.revisions.local : author;
}
