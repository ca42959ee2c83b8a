// Input that was not saved, kept by this tab for the address it was typed at, so that a reload, a closed tab or a
// crash loses nothing. Secrets never get here: the forms that hold them do not ask for it.
import { useCallback, useEffect, useState } from "react";

interface Kept<T> {
    at: number;
    input: T;
}

const place = (address: string) => `fedgate.input:${address}`;

function read<T>(address: string): Kept<T> | null {
    try {
        const text = sessionStorage.getItem(place(address));
        return text ? (JSON.parse(text) as Kept<T>) : null;
    } catch {
        return null;
    }
}

function write<T>(address: string, kept: Kept<T> | null): void {
    try {
        if (kept) sessionStorage.setItem(place(address), JSON.stringify(kept));
        else sessionStorage.removeItem(place(address));
    } catch {
        // A browser that keeps nothing, or has no room: the form works without it.
    }
}

/** Nothing of one person's input is offered to another. */
export function forgetInput(): void {
    try {
        for (const name of Object.keys(sessionStorage)) if (name.startsWith(place(""))) sessionStorage.removeItem(name);
    } catch {
        // Nothing was kept.
    }
}

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
