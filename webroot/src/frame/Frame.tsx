// Masthead, navigation, change bar, and the page in the middle.
import { Suspense, useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { LiveProvider } from "../rest/live";
import { Loading } from "../parts/States";
import { t } from "../words";
import { ChangeBar } from "./ChangeBar";
import { Masthead } from "./Masthead";
import { Navigation } from "./Navigation";
import { Reverted } from "./Reverted";
import { useRoute } from "./route";

const wide = window.matchMedia("(min-width: 992px)");

export function Frame({ children }: { children: ReactNode }) {
    const { path } = useRoute();
    const [open, setOpen] = useState(wide.matches);
    const before = useRef(path);

    // Who followed a link that went with its page goes on in the new one, not at the top of everything.
    useEffect(() => {
        if (before.current === path) return;
        before.current = path;
        if (document.activeElement === document.body) document.getElementById("content")?.focus({ preventScroll: true });
    }, [path]);

    useEffect(() => {
        const follow = () => setOpen(wide.matches);
        wide.addEventListener("change", follow);
        return () => wide.removeEventListener("change", follow);
    }, []);

    useEffect(() => {
        if (!open || wide.matches) return undefined;
        const escape = (e: KeyboardEvent) => e.key === "Escape" && setOpen(false);
        document.addEventListener("keydown", escape);
        return () => document.removeEventListener("keydown", escape);
    }, [open]);

    return (
        <LiveProvider>
            <a href="#content" className="fg-skip">
                {t.skip}
            </a>
            <div className={`fg-frame${open ? " fg-frame-open" : ""}`}>
                <Masthead open={open} toggle={() => setOpen(!open)} />
                <div id="navigation" className="fg-sidebar" hidden={!open}>
                    <Navigation onFollow={() => !wide.matches && setOpen(false)} />
                </div>
                {open && <div className="fg-shade" onClick={() => setOpen(false)} />}
                <div className="fg-body">
                    <ChangeBar />
                    <Reverted />
                    <main id="content" className="fg-content" tabIndex={-1} key={path}>
                        <Suspense
                            fallback={
                                <div className="fg-page">
                                    <Loading />
                                </div>
                            }
                        >
                            {children}
                        </Suspense>
                    </main>
                </div>
            </div>
        </LiveProvider>
    );
}
