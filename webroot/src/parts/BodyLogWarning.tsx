// Message texts are being written to the log: said loudly, for as long as it is so.
import { Alert } from "./Alert";
import { useEffect, useState } from "react";
import { Link } from "../frame/route";
import type { ConfigObject } from "../rest/types";
import { t } from "../words";
import { fullTime, untilText } from "./format";

/** The end of what runs, while it has not come; null when nothing is written. */
function useRunning(running: ConfigObject | null): { partner: string | null; until: string } | null {
    const log = running?.log_message_bodies;
    const until = typeof log === "object" && log !== null && !Array.isArray(log) ? String(log.until) : null;
    const left = until ? new Date(until).getTime() - Date.now() : 0;
    const [, again] = useState(0);
    useEffect(() => {
        if (left <= 0) return undefined;
        const timer = setTimeout(() => again((n) => n + 1), Math.min(left, 60000) + 50);
        return () => clearTimeout(timer);
    });
    if (!until || left <= 0) return null;
    const { partner } = log as ConfigObject;
    return { partner: typeof partner === "string" ? partner : null, until };
}

interface WarningProps {
    /** The settings that run. */
    running: ConfigObject | null;
    /** The draft, when it ends it already. */
    drafted?: ConfigObject | null;
    /** A link to the settings; not on that page itself. */
    link?: boolean;
}

export function BodyLogWarning({ running, drafted, link }: WarningProps) {
    const b = t.settings.body;
    const now = useRunning(running);
    if (!now) return null;
    const ends = !!drafted && drafted.log_message_bodies === null;
    return (
        <Alert variant="danger" isInline className="fg-alert" title={now.partner ? b.runsOne(now.partner) : b.runsAll} component="h2">
            <p>
                {b.runsUntil(fullTime(now.until), untilText(now.until))} {b.runsText}
            </p>
            {ends ? (
                <p>
                    <Link to="/draft" className="fg-drafted">
                        {b.endsInDraft}
                    </Link>
                </p>
            ) : (
                link && (
                    <p>
                        <Link to="/settings#logging">{b.toSettings}</Link>
                    </p>
                )
            )}
        </Alert>
    );
}
