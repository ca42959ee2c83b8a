// What the bar says while the gateway does not answer or tells nothing by itself, with a way to try at once. It is tried
// again by itself anyway; whatever is shown is asked for anew as soon as the gateway is there.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useEffect, useState } from "react";
import { Mark } from "../parts/Marks";
import { tellWritten } from "../rest/client";
import { useLive } from "../rest/live";
import { startPush, useUp } from "../rest/push";
import { t } from "../words";

/** Live updates are down for longer than a reconnection takes. */
function usePaused(): boolean {
    const up = useUp();
    const [late, setLate] = useState(false);
    useEffect(() => {
        if (up) return undefined;
        const timer = setTimeout(() => setLate(true), 5000);
        return () => {
            clearTimeout(timer);
            setLate(false);
        };
    }, [up]);
    return !up && late;
}

export function useLost(): "unreachable" | "paused" | null {
    const { status } = useLive();
    const paused = usePaused();
    if (status.error?.status === 0) return "unreachable";
    return paused ? "paused" : null;
}

export function Lost({ what }: { what: "unreachable" | "paused" }) {
    const { status } = useLive();
    const [trying, setTrying] = useState(false);
    const { at, error } = status;
    useEffect(() => setTrying(false), [at, error]);
    const gone = what === "unreachable";
    return (
        <span className={gone ? "fg-lost" : "fg-lost fg-paused"}>
            <span role="status" title={gone ? t.live.triedAgain : t.live.pausedText} className="fg-bar-runs">
                <Mark mood={gone ? "bad" : "warn"} />
                <span className="fg-bar-state">{gone ? t.bar.unreachable : t.live.paused}</span>
            </span>
            <Button
                variant="link"
                isInline
                isDisabled={trying}
                onClick={() => {
                    setTrying(true);
                    startPush();
                    tellWritten();
                }}
            >
                {t.live.tryNow}
            </Button>
        </span>
    );
}
