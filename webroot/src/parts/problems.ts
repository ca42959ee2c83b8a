// Which problem of an answer belongs to which field of a form.
import { RestError } from "../rest/client";

/** The first part of a JSON pointer: the field. `/additional_domains/3` belongs to `additional_domains`. */
export function fieldErrors(error: unknown): { [name: string]: string } {
    const found: { [name: string]: string } = {};
    if (!(error instanceof RestError)) return found;
    for (const p of error.problem.errors ?? []) {
        const name = (p.pointer ?? "").replace(/^#?\//, "").split("/")[0] ?? "";
        if (name && !found[name]) found[name] = p.message;
    }
    return found;
}

/** Whether every problem has a field on the form that shows it. */
export function allShown(error: unknown, names: string[]): boolean {
    if (!(error instanceof RestError) || !error.problem.errors?.length) return false;
    return Object.keys(fieldErrors(error)).every((name) => names.includes(name));
}

/** Problems by their pointer, for forms that hold objects and lists. */
export function pointerErrors(error: unknown): { [pointer: string]: string } {
    const found: { [pointer: string]: string } = {};
    if (!(error instanceof RestError)) return found;
    for (const p of error.problem.errors ?? []) {
        const pointer = (p.pointer ?? "").replace(/^#/, "");
        if (!found[pointer]) found[pointer] = p.message;
    }
    return found;
}
