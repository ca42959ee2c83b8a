// Parts of a page that load by themselves come together, so that none pushes another while somebody begins to read.
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";

/** Longer than this nobody waits for the slowest part. */
const patience = 1000;

/** Says that something is still to come here that has no place of its own yet. */
export function StillLoading({ when }: { when: boolean }) {
    return when ? <span className="fg-loading fg-awaited" /> : null;
}

/**
 * Shows its parts once none of them loads any more, or when it takes too long; from then on they come and go as they
 * are. Until then they can be focused and read aloud, they are only not seen.
 */
export function Together({ children, className }: { children: ReactNode; className?: string }) {
    const whole = useRef<HTMLDivElement>(null);
    const [here, setHere] = useState(false);
    useEffect(() => {
        const node = whole.current;
        if (here || !node) return;
        const look = () => {
            if (!node.querySelector(".fg-loading")) setHere(true);
        };
        const seen = new MutationObserver(look);
        seen.observe(node, { childList: true, subtree: true });
        const timer = setTimeout(() => setHere(true), patience);
        look();
        return () => {
            seen.disconnect();
            clearTimeout(timer);
        };
    }, [here]);
    return (
        <div ref={whole} className={`${className ?? ""}${here ? "" : " fg-gathering"}`}>
            {children}
        </div>
    );
}
