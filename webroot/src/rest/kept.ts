// Where input that was not saved is kept: by this tab, by address, for one person.

export interface Kept<T> {
    at: number;
    input: T;
}

const place = (address: string) => `fedgate.input:${address}`;

export function read<T>(address: string): Kept<T> | null {
    try {
        const text = sessionStorage.getItem(place(address));
        return text ? (JSON.parse(text) as Kept<T>) : null;
    } catch {
        return null;
    }
}

export function write<T>(address: string, kept: Kept<T> | null): void {
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

const owner = "fedgate.input-of";

/** Says whose input is kept from now on: what somebody else left in this tab goes. */
export function inputBelongsTo(username: string): void {
    try {
        if (sessionStorage.getItem(owner) !== username) forgetInput();
        sessionStorage.setItem(owner, username);
    } catch {
        // Nothing is kept.
    }
}
