// Which rows of a list that is never all here are marked, over all its pages; or everything that fits the filter
// that was set then.
import { useState } from "react";

export type Filter = { [field: string]: string };

export interface Selection {
    everything: boolean;
    count: number;
    has: (key: string) => boolean;
    mark: (keys: string[], on: boolean) => void;
    markEverything: () => void;
    clear: () => void;
    /** As the server's bulk requests take it. */
    target: () => Target;
}

export type Target = { keys: string[] } | { filter: Filter };

export function useSelection(filter: Filter, total: number): Selection {
    const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
    const [allOf, setAllOf] = useState<string | null>(null);
    const fitting = JSON.stringify(filter);
    const everything = allOf === fitting;
    return {
        everything,
        count: everything ? total : marked.size,
        has: (key) => everything || marked.has(key),
        mark: (keys, on) => {
            const next = new Set(marked);
            keys.forEach((key) => (on ? next.add(key) : next.delete(key)));
            setMarked(next);
            setAllOf(null);
        },
        markEverything: () => setAllOf(fitting),
        clear: () => {
            setMarked(new Set());
            setAllOf(null);
        },
        target: () => (everything ? { filter } : { keys: [...marked] }),
    };
}
