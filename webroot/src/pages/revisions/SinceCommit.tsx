// What has happened since a commit: to the partners it touched, and to everything else. Stands on the revision that runs,
// while somebody has to decide whether it stays.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "../../frame/route";
import { ago, fullTime } from "../../parts/format";
import { Mark, Marked, Muted } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { Panel, Rows } from "../../parts/Panel";
import { errorText } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { Failure, Page, Partner, Revision, Stream } from "../../rest/types";
import { t } from "../../words";

interface Status {
    state: string;
    last_success: string | null;
    last_failure: Failure | null;
    streams: Stream[];
}

/** More would be a list nobody reads while a countdown runs. */
const most = 12;

const after = (at: string | null | undefined, since: string) => !!at && new Date(at) >= new Date(since);

interface Outcome {
    mood: Mood;
    text: string;
    at: string | null;
}

function outcome(status: Status, since: string): Outcome {
    const w = t.since;
    const { last_failure: failure, last_success: success } = status;
    if (status.state === "suspended") return { mood: "paused", text: t.liveState.suspended, at: null };
    if (failure && after(failure.at, since) && !(success && success > failure.at)) {
        return { mood: "bad", text: failure.cause, at: failure.at };
    }
    if (after(success, since)) return { mood: "good", text: w.works, at: success };
    return { mood: "wait", text: w.nothingYet, at: null };
}

function TryNow({ domain }: { domain: string }) {
    const may = useMay("operate");
    const [said, setSaid] = useState<string | null>(null);
    if (!may.may) return null;
    const run = () => {
        rest.post(`/partners/${segment(domain)}/retry`)
            .then(() => setSaid(t.since.trying))
            .catch((cause: unknown) => setSaid(errorText(cause)));
    };
    if (said) return <span role="status">{said}</span>;
    return (
        <Button variant="link" isInline onClick={run}>
            {t.since.tryNow}
        </Button>
    );
}

function PartnerLine({ domain, since, isNew }: { domain: string; since: string; isNew: boolean }) {
    const { data } = useGet<Status>(`/partners/${segment(domain)}/status`, { every: 3000 });
    const w = t.since;
    const streams = data?.streams.filter((s) => s.phase === "open").length ?? 0;
    const found = data ? outcome(data, since) : null;
    return (
        <tr>
            <th scope="row" className="fg-mono">
                <Link to={`/partners/${segment(domain)}`}>{domain}</Link>
            </th>
            <td data-label={w.what}>{streams ? w.streams(streams) : isNew ? w.first : w.noStream}</td>
            <td data-label={w.result}>
                {found && <Marked mood={found.mood}>{found.text}</Marked>} {found?.mood === "wait" && <TryNow domain={domain} />}
            </td>
            <td data-label={w.when} title={fullTime(found?.at)}>
                {found?.at ? ago(found.at) : <Muted>{t.never}</Muted>}
            </td>
        </tr>
    );
}

function Partners({ revision }: { revision: Revision }) {
    const w = t.since;
    const touched = (revision.changes ?? []).filter((c) => c.kind === "partners" && c.after);
    if (!touched.length) return null;
    return (
        <Panel title={w.title} note={w.live}>
            <div className="fg-scroll">
                <table className="fg-diff fg-since" aria-label={w.title}>
                    <thead>
                        <tr>
                            {[w.object, w.what, w.result, w.when].map((text) => (
                                <th key={text} scope="col">
                                    {text}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {touched.slice(0, most).map((c) => (
                            <PartnerLine key={c.key} domain={c.key} since={revision.created_at} isNew={!c.before} />
                        ))}
                    </tbody>
                </table>
            </div>
            {touched.length > most && <p className="fg-muted">{t.common.more(touched.length - most)}</p>}
        </Panel>
    );
}

function Names({ partners }: { partners: Partner[] }): ReactNode {
    return partners.slice(0, 3).map((p, i) => (
        <span key={p.domain}>
            {i > 0 && ", "}
            <Link to={`/partners/${segment(p.domain)}`} className="fg-mono">
                {p.domain}
            </Link>
        </span>
    ));
}

function Else({ revision }: { revision: Revision }) {
    const w = t.since;
    const touched = new Set((revision.changes ?? []).filter((c) => c.kind === "partners").map((c) => c.key));
    const streams = useGet<Page<Stream>>("/streams?phase=open&sort=-since&limit=1000", { every: 5000 }).data;
    const failing = useGet<Page<Partner>>("/partners?include=status&status=failing&limit=100", { every: 5000 }).data;
    if (!streams || !failing) return null;
    const stayed = streams.total - streams.items.filter((s) => after(s.since, revision.created_at)).length;
    const others = failing.items.filter((p) => !touched.has(p.domain));
    const fresh = others.filter((p) => after(p.status?.last_failure?.at, revision.created_at) && after(p.status?.last_success, dayBefore(revision)));
    const before = others.filter((p) => !fresh.includes(p));
    return (
        <Panel title={w.elseTitle} ruled>
            <Rows>
                <li>
                    <Mark mood="good" />
                    <div>{w.stayed(stayed)}</div>
                </li>
                <li>
                    <Mark mood={fresh.length ? "bad" : "good"} />
                    <div>
                        {fresh.length ? (
                            <>
                                <Names partners={fresh} /> {w.newFailures(fresh.length)}
                            </>
                        ) : (
                            w.noNewFailure
                        )}
                    </div>
                </li>
                {before.length > 0 && (
                    <li>
                        <Mark mood="bad" />
                        <div>
                            <Names partners={before} /> {w.asBefore(before.length)}
                        </div>
                    </li>
                )}
            </Rows>
        </Panel>
    );
}

/** A partner that worked within the day before counts as one that the commit may have hurt. */
function dayBefore(revision: Revision): string {
    return new Date(new Date(revision.created_at).getTime() - 24 * 3600 * 1000).toISOString();
}

export function SinceCommit({ revision }: { revision: Revision }) {
    return (
        <>
            <Partners revision={revision} />
            <Else revision={revision} />
        </>
    );
}
