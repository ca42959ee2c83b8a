// Rows that keep their places while somebody points at them: live updates change what they say, never where they
// stand. What is gone stays as gone, what is new comes last, until the pointer or the focus has left.
import { useEffect, useMemo, useState } from "react";
import type { FocusEvent } from "react";

export interface Steady<T> {
    item: T;
    gone: boolean;
}

type Key<T> = (item: T) => string | number;

function arrange<T>(before: T[], now: T[], key: Key<T>): Steady<T>[] {
    const fresh = new Map(now.map((item) => [key(item), item]));
    const known = new Set(before.map(key));
    return [
        ...before.map((old) => ({ item: fresh.get(key(old)) ?? old, gone: !fresh.has(key(old)) })),
        ...now.filter((item) => !known.has(key(item))).map((item) => ({ item, gone: false })),
    ];
}

/**
 * @param items  as the server orders them now; null while that is not known
 * @param scope  what was asked for: another question, another order
 * @returns the rows to draw, and the handlers of the element around them
 */
export function useSteady<T>(items: T[] | null, key: Key<T>, scope: string) {
    const [held, setHeld] = useState(false);
    const [base, setBase] = useState<{ scope: string; items: T[] } | null>(null);
    useEffect(() => {
        if (!held) setBase(null);
        else if (items) setBase((old) => (old?.scope === scope ? old : { scope, items }));
    }, [held, items, scope]);
    const rows = useMemo(
        () => arrange(held && base?.scope === scope ? base.items : [], items ?? [], key),
        [held, base, items, scope, key],
    );
    const hold = {
        onPointerEnter: () => setHeld(true),
        onPointerLeave: () => setHeld(false),
        onFocus: (e: FocusEvent) => e.target.matches(":focus-visible") && setHeld(true),
        onBlur: (e: FocusEvent) => !e.currentTarget.contains(e.relatedTarget) && setHeld(false),
    };
    return { rows, hold };
}

/** What was known last, while the next is on its way. */
export function useLast<T>(value: T | null): T | null {
    const [last, setLast] = useState(value);
    if (value !== null && value !== last) setLast(value);
    return value ?? last;
}
