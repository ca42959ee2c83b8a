// The input of a form over a loaded object. It follows what is loaded until somebody types; from then on the
// input stays, and the server says (by the entity tag) when the object has become another one meanwhile. What was
// typed outlives a reload of the page: it is offered back.
import { useCallback, useEffect, useState } from "react";
import { same } from "./format";
import { useKept } from "./useKept";
import type { Offer } from "./useKept";

interface Base<T> {
    value: T;
    etag: string | null;
}

export interface Edit<T> {
    input: T | null;
    setInput: (input: T) => void;
    dirty: boolean;
    /** What the input started from. */
    base: T | null;
    /** Tag of the object that the input started from. */
    etag: string | null;
    /** Somebody changed the object since. */
    meanwhile: boolean;
    /** Input of an earlier visit that was not saved. */
    offer: Offer | null;
    /** Gives the input up; what is loaded next takes its place. */
    undo: () => void;
    /** The input, or another value instead, was saved: it is what the next one starts from. */
    saved: (etag: string | null, value?: T) => void;
}

/** @param keep  the part of the input that may outlive the page: without secrets */
export function useEdit<T extends object>(loaded: T | null, etag: string | null, keep?: (input: T) => T): Edit<T> {
    const [address] = useState(() => window.location.pathname);
    const [base, setBase] = useState<Base<T> | null>(null);
    const [input, setInput] = useState<T | null>(null);
    const dirty = base !== null && input !== null && !same(base.value, input);
    const { offer, clear } = useKept<T>(address, input && keep ? keep(input) : input, dirty, (old) => setInput(base ? { ...base.value, ...old } : old));

    useEffect(() => {
        if (loaded === null || dirty) return;
        if (base && base.etag === etag && same(base.value, loaded)) return;
        setBase({ value: loaded, etag });
        setInput(loaded);
    }, [loaded, etag, base, dirty]);

    const undo = useCallback(() => {
        clear();
        setInput(base?.value ?? null);
    }, [base, clear]);
    const saved = useCallback(
        (next: string | null, value?: T) => {
            clear();
            if (value) setInput(value);
            if (value ?? input) setBase({ value: (value ?? input)!, etag: next });
        },
        [input, clear],
    );
    const meanwhile = dirty && !!etag && !!base?.etag && etag !== base.etag && loaded !== null && !same(base.value, loaded);
    return { input, setInput, dirty, base: base?.value ?? null, etag: base?.etag ?? null, meanwhile, offer, undo, saved };
}
