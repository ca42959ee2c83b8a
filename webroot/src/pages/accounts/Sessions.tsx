// Where an account is signed in, and ending what one does not know.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { ago, fullTime } from "../../parts/format";
import { Marked } from "../../parts/Marks";
import { Rows } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { rest } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { Page } from "../../rest/types";
import { t } from "../../words";

interface SessionItem {
    id: number;
    admin: string;
    created_at: string;
    last_seen: string;
    address: string;
    user_agent: string;
    current: boolean;
}

/** "Firefox on Linux" of the long line a browser calls itself. */
function browserName(agent: string): string {
    const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(agent)?.[1] ?? "";
    const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1] ?? "";
    const name = ({ Edg: "Edge", OPR: "Opera" } as { [short: string]: string })[browser] ?? browser;
    return [name, system.replace("Mac OS X", "macOS")].filter(Boolean).join(", ") || agent.slice(0, 60);
}

export function Sessions({ username }: { username: string }) {
    const { data, error, at, reload } = useGet<Page<SessionItem>>("/sessions?limit=1000");
    const [failed, setFailed] = useState<unknown>(null);
    const w = t.sessions;
    const items = (data?.items ?? []).filter((s) => s.admin === username);
    const end = (id: number) => {
        setFailed(null);
        rest.remove(`/sessions/${id}`).catch((cause: unknown) => setFailed(cause));
    };
    return (
        <>
            {(failed ?? error) !== null && <Failed error={failed ?? error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={2} />}
            {data && !items.length && <p className="fg-muted">{w.none}</p>}
            <Rows>
                {items.map((session) => (
                    <li key={session.id}>
                        <div className="fg-grow">
                            <div>
                                {browserName(session.user_agent)} <span className="fg-mono fg-second">{session.address}</span>
                            </div>
                            <div className="fg-second" title={fullTime(session.created_at)}>
                                {w.since(ago(session.created_at))} · {w.seen(ago(session.last_seen))}
                            </div>
                        </div>
                        {session.current ? (
                            <Marked mood="good">{w.current}</Marked>
                        ) : (
                            <Button variant="secondary" size="sm" onClick={() => end(session.id)} aria-label={w.endOf(browserName(session.user_agent), session.address)}>
                                {w.end}
                            </Button>
                        )}
                    </li>
                ))}
            </Rows>
            {items.some((s) => !s.current) && items.length > 2 && <p className="fg-note fg-list-note">{w.hint}</p>}
        </>
    );
}
