// Input that was not saved, kept by this tab for the address it was typed at, so that a reload, a closed tab or a
// crash loses nothing. Secrets never get here: the forms that hold them do not ask for it.
import { useCallback, useEffect, useState } from "react";
import { read, write } from "../rest/kept";
import type { Kept } from "../rest/kept";

export interface Offer {
    /** When it was typed. */
    at: number;
    restore: () => void;
    forget: () => void;
}

/**
 * Keeps `input` while it is `dirty`; offers what an earlier visit left.
 * @param address  names the form; null keeps nothing
 */
export function useKept<T>(address: string | null, input: T | null, dirty: boolean, restore: (input: T) => void) {
    const [old, setOld] = useState<Kept<T> | null>(() => (address === null ? null : read<T>(address)));

    const text = dirty && input !== null ? JSON.stringify(input) : null;
    useEffect(() => {
        if (address === null || text === null) return undefined;
        const timer = setTimeout(() => write(address, { at: Date.now(), input: JSON.parse(text) as T }), 200);
        return () => clearTimeout(timer);
    }, [address, text]);

    const clear = useCallback(() => {
        if (address !== null) write(address, null);
        setOld(null);
    }, [address]);

    const offer: Offer | null =
        old && !dirty
            ? {
                  at: old.at,
                  restore: () => {
                      restore(old.input);
                      setOld(null);
                  },
                  forget: clear,
              }
            : null;
    return { offer, clear };
}
