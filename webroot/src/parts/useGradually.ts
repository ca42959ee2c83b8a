// A long list in two steps: what fits on a screen at once, the rest right after it is drawn, without holding up a key or
// a click in between.
import { startTransition, useEffect, useState } from "react";

/** So many rows fill an ordinary screen. */
const screenful = 20;

/** @param key  names the list: another one begins with its first rows again */
export function useGradually<T>(items: T[], key: string): T[] {
    const [wholeOf, setWholeOf] = useState<string | null>(null);
    const whole = wholeOf === key || items.length <= screenful;
    useEffect(() => {
        if (!whole) startTransition(() => setWholeOf(key));
    }, [whole, key]);
    return whole ? items : items.slice(0, screenful);
}
