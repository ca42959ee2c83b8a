// Whether the screen is so narrow that rows become blocks.
import { useEffect, useState } from "react";

const narrow = window.matchMedia("(max-width: 767px)");

export function useNarrow(): boolean {
    const [is, set] = useState(narrow.matches);
    useEffect(() => {
        const follow = () => set(narrow.matches);
        narrow.addEventListener("change", follow);
        return () => narrow.removeEventListener("change", follow);
    }, []);
    return is;
}
