// A partner's tab Status: the failure with cause and remedy, the streams, the certificate they show.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "../../frame/route";
import { ago, fullTime } from "../../parts/format";
import { Mark, MethodLabels, Muted } from "../../parts/Marks";
import { Facts, Panel, WithSide } from "../../parts/Panel";
import { StreamTable } from "../../parts/StreamTable";
import { useLive } from "../../rest/live";
import type { Failure, Page, Partner, Stream } from "../../rest/types";
import { t } from "../../words";
import { Retry } from "./Retry";

const d = () => t.partnerDetail;

function CopyText({ text }: { text: string }) {
    const [done, setDone] = useState(false);
    const copy = () => {
        navigator.clipboard
            .writeText(text)
            .then(() => setDone(true))
            .catch(() => setDone(false));
    };
    return (
        <Button variant="link" isInline onClick={copy}>
            {done ? t.common.copied : d().copy}
        </Button>
    );
}

function FailureCard({ partner, failure, waiting }: { partner: Partner; failure: Failure; waiting: number }) {
    const home = useLive().status.data?.home_domain ?? "";
    return (
        <section className="fg-panel fg-failure">
            <div className="fg-failure-title">
                <Mark mood="bad" />
                <h2>{failure.cause}</h2>
            </div>
            <Facts
                rows={[
                    [d().when, `${ago(failure.at)}, ${d().direction[failure.direction]}`],
                    [d().remedy, failure.remedy],
                    ...(failure.detail
                        ? [[t.partnerLife.detail, <span key="d" className="fg-anywhere">{failure.detail}</span>] as [string, ReactNode]]
                        : []),
                    [d().effect, waiting ? d().waits(waiting) : d().nothingWaits],
                ]}
            />
            <Retry domain={partner.domain} />
            <CopyText text={d().copyText(home, partner.domain, fullTime(failure.at), failure.cause, failure.remedy)} />
        </section>
    );
}

function Quiet({ partner }: { partner: Partner }) {
    const failure = partner.status?.last_failure;
    return (
        <Panel title={d().howWeConnect} ruled>
            <Facts
                rows={[
                    [t.partners.method, <MethodLabels key="m" methods={partner.methods} />],
                    [d().lastSuccess, ago(partner.status?.last_success)],
                    [
                        d().lastFailure,
                        failure ? `${ago(failure.at)}, ${d().direction[failure.direction]}: ${failure.cause}` : d().noFailure,
                    ],
                ]}
            />
            {partner.draft !== "added" && partner.state === "active" && <Retry domain={partner.domain} />}
        </Panel>
    );
}

function Certificate({ streams }: { streams: Stream[] }) {
    const seen = streams.find((s) => s.certificate && s.certificate.verdict !== "none")?.certificate;
    return (
        <Panel title={d().certificate} ruled>
            {seen ? (
                <Facts
                    rows={[
                        [
                            d().names,
                            seen.names?.length ? (
                                <span className="fg-mono fg-anywhere">{seen.names.join(", ")}</span>
                            ) : (
                                <Muted>{t.none}</Muted>
                            ),
                        ],
                        [d().verdict, d().verdicts[seen.verdict] ?? seen.verdict],
                    ]}
                />
            ) : (
                <p className="fg-muted">{d().certificateNone}</p>
            )}
        </Panel>
    );
}

/** The first of its streams; all of them stand in the list of streams, when there are more. */
export function StatusTab({ partner, page }: { partner: Partner; page: Page<Stream> | null }) {
    const streams = page?.items ?? [];
    const more = page && page.total > streams.length;
    const failing = partner.status?.state === "failing" && partner.status.last_failure;
    const waiting = streams.reduce((sum, s) => sum + s.queue, 0);
    const open = streams.filter((s) => s.phase === "open").length;
    return (
        <div className="fg-column">
            <WithSide
                main={
                    failing ? <FailureCard partner={partner} failure={failing} waiting={waiting} /> : <Quiet partner={partner} />
                }
                side={<Certificate streams={streams} />}
            />
            <Panel title={d().streams} note={d().streamsCount(open, streams.length - open, partner.connection_limit)}>
                {streams.length ? (
                    <StreamTable streams={streams} scope={partner.domain} />
                ) : (
                    <p className="fg-muted">{d().noStreams}</p>
                )}
                {more && <Link to={`/streams?partner=${encodeURIComponent(partner.domain)}`}>{t.streams.all(page.total)}</Link>}
            </Panel>
        </div>
    );
}
