// The input of a form over a loaded object. It follows what is loaded until somebody types; from then on the
// input stays, and the server says (by the entity tag) when the object has become another one meanwhile.
import { useCallback, useEffect, useState } from "react";
import { same } from "./format";

interface Base<T> {
    value: T;
    etag: string | null;
}

export interface Edit<T> {
    input: T | null;
    setInput: (input: T) => void;
    dirty: boolean;
    /** Tag of the object that the input started from. */
    etag: string | null;
    /** Gives the input up; what is loaded next takes its place. */
    undo: () => void;
    /** The input was saved: it is what the next one starts from. */
    saved: (etag: string | null) => void;
}

export function useEdit<T>(loaded: T | null, etag: string | null): Edit<T> {
    const [base, setBase] = useState<Base<T> | null>(null);
    const [input, setInput] = useState<T | null>(null);
    const dirty = base !== null && input !== null && !same(base.value, input);

    useEffect(() => {
        if (loaded === null || dirty) return;
        if (base && base.etag === etag && same(base.value, loaded)) return;
        setBase({ value: loaded, etag });
        setInput(loaded);
    }, [loaded, etag, base, dirty]);

    const undo = useCallback(() => setInput(base?.value ?? null), [base]);
    const saved = useCallback(
        (next: string | null) => {
            if (input !== null) setBase({ value: input, etag: next });
        },
        [input],
    );
    return { input, setInput, dirty, etag: base?.etag ?? null, undo, saved };
}
