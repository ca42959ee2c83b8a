// Whether the audit arrives where it is forwarded to, beside the setting that says where.
import { fullTime } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { Status } from "../../rest/types";
import { t } from "../../words";

export function Forwarding() {
    const told = useLive().status.data;
    const on = !!told?.audit_forwarding && told.audit_forwarding.state !== "off";
    // Events tell when it begins to fail; how much waits is asked for while somebody looks.
    const { data } = useGet<Status>(on ? "/status" : null, { every: 3000 });
    const now = data?.audit_forwarding ?? told?.audit_forwarding;
    if (!on || !now || now.state === "off") return null;
    const w = t.settings.forwarding;
    const error = now.state === "failing" ? now.last_error : null;
    return (
        <div className="fg-setting-state" role="status">
            <Mark mood={error ? "bad" : now.behind ? "warn" : "good"} />
            {error ? (
                <div>
                    <div>
                        <span className="fg-cause">{error.cause}</span> {w.failing(fullTime(error.since))}
                    </div>
                    <div className="fg-second">
                        {error.remedy} {now.behind > 0 && w.waits(now.behind)}
                    </div>
                </div>
            ) : (
                <div>{now.behind ? w.behind(now.behind) : w.ok}</div>
            )}
        </div>
    );
}
