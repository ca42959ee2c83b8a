// Overview: what runs, what needs a person, what is still to be set up, what was done last.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/Switch";
import { useState } from "react";
import { Link, useRoute } from "../../frame/route";
import { number, same, span } from "../../parts/format";
import { Mark, Marked } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { PageHeader } from "../../parts/Panel";
import { Failed, errorText } from "../../parts/States";
import { isOpen } from "../../parts/StreamTable";
import { rest } from "../../rest/client";
import { useLive } from "../../rest/live";
import { useMayChange } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Page, Status, Stream } from "../../rest/types";
import { t } from "../../words";
import type { PartnerPage } from "../partners/usePartners";
import { CertificateCard, CommitCard, CounterCard, NeedsCard } from "./Cards";
import { SetupCard } from "./SetupCard";

function Federation({ running, drafted }: { running: ConfigObject | null; drafted: ConfigObject | null }) {
    const { may } = useMayChange("settings");
    const [error, setError] = useState<unknown>(null);
    const on = !!running?.federation_enabled;
    const will = !!drafted?.federation_enabled;
    const toggle = (next: boolean) => {
        setError(null);
        rest.patch("/settings", { federation_enabled: next }).catch((cause: unknown) => setError(cause));
    };
    const differs = !!running && !!drafted && !same(running.federation_enabled, drafted.federation_enabled);
    return (
        <div className="fg-figure">
            <h2>{t.overview.federation}</h2>
            <div className="fg-figure-main">
                <Switch
                    id="federation"
                    aria-label={t.overview.toggle}
                    isChecked={will}
                    isDisabled={!may || !drafted}
                    onChange={(_, next) => toggle(next)}
                />
                {on ? t.on : t.off}
            </div>
            <p className="fg-second">
                {error !== null ? (
                    <span className="fg-cause">{errorText(error)}</span>
                ) : differs ? (
                    <Link to="/draft" className="fg-drafted">
                        {t.overview.federationDraft(will)}
                    </Link>
                ) : on ? (
                    t.overview.federationOn
                ) : (
                    t.overview.federationOff
                )}
            </p>
        </div>
    );
}

function Engine({ status }: { status: Status | null }) {
    if (!status) return <div className="fg-figure" />;
    const moods: { [state: string]: Mood } = { running: "good", degraded: "warn", stopped: "open" };
    const latest = status.applied_revision === status.revision;
    return (
        <div className="fg-figure">
            <h2>{t.overview.engine}</h2>
            <div className="fg-figure-main">
                <Marked mood={moods[status.engine.state] ?? "open"}>{t.overview.engineState[status.engine.state]}</Marked>
            </div>
            <p className="fg-second">
                {latest
                    ? t.overview.engineLatest(status.applied_revision)
                    : t.overview.engineBehind(status.applied_revision, status.revision)}
            </p>
        </div>
    );
}

function PartnerFigure({ partners }: { partners: PartnerPage | null }) {
    const { failing = 0, connected = 0 } = partners?.counts ?? {};
    const text = t.overview.partnersText(failing, connected, (partners?.total ?? 0) - failing - connected);
    return (
        <div className="fg-figure">
            <h2>{t.overview.partners}</h2>
            <div className="fg-figure-main">
                <Link to="/partners">{partners ? number(partners.total) : ""}</Link>
            </div>
            <p className="fg-second">
                {text.failing && (
                    <>
                        <Link to="/partners?state=failing" className="fg-cause">
                            {text.failing}
                        </Link>
                        {" · "}
                    </>
                )}
                {text.rest}
            </p>
        </div>
    );
}

function StreamFigure({ streams, limit }: { streams: Page<Stream> | null; limit: number | null }) {
    const items = streams?.items ?? [];
    const waiting = items.reduce((sum, s) => sum + s.queue, 0);
    const facts = [limit ? t.overview.streamsOf(limit) : "", waiting ? t.overview.waiting(waiting) : ""].filter(Boolean);
    return (
        <div className="fg-figure">
            <h2>{t.overview.streams}</h2>
            <div className="fg-figure-main">
                <Link to="/streams">{streams ? number(items.filter(isOpen).length) : ""}</Link>
            </div>
            <p className="fg-second">{facts.join(" · ")}</p>
        </div>
    );
}

export default function Overview() {
    const { go } = useRoute();
    const { status } = useLive();
    const running = useGet<ConfigObject>("/settings");
    const drafted = useGet<ConfigObject>("/settings?view=draft");
    const partners = useGet<PartnerPage>("/partners?include=status&limit=1", { every: 10000 });
    const streams = useGet<Page<Stream>>("/streams?limit=1000", { every: 5000 });
    const limit = running.data?.connection_limit;
    const up = status.data ? span(status.data.uptime) : "";
    const lead = !status.data
        ? undefined
        : status.data.home_domain
          ? t.overview.gateway(status.data.home_domain, up)
          : t.overview.gatewayBare(up);
    const engine = status.data?.engine;
    const remarks = [
        ...(engine?.problems ?? []).map((p) => ({ mood: "bad" as Mood, text: p.message })),
        ...(engine?.warnings ?? []).map((p) => ({ mood: "warn" as Mood, text: p.message })),
    ];
    return (
        <div className="fg-page">
            <PageHeader
                title={t.overview.title}
                lead={lead}
                actions={
                    <Button variant="secondary" onClick={() => go("/why")}>
                        {t.overview.why}
                    </Button>
                }
            />
            {status.error && <Failed error={status.error} at={status.data ? status.at : null} retry={status.reload} />}
            <section className="fg-panel fg-figures-row">
                <Federation running={running.data} drafted={drafted.data} />
                <Engine status={status.data} />
                <PartnerFigure partners={partners.data} />
                <StreamFigure streams={streams.data} limit={typeof limit === "number" ? limit : null} />
            </section>
            {remarks.length > 0 && (
                <ul className="fg-panel fg-rows fg-engine-problems">
                    {remarks.map((remark, i) => (
                        <li key={i}>
                            <Mark mood={remark.mood} />
                            <div>{remark.text}</div>
                        </li>
                    ))}
                </ul>
            )}
            <div className="fg-two-one">
                <CounterCard status={status.data} />
                <NeedsCard />
            </div>
            <div className="fg-thirds">
                <SetupCard />
                <CertificateCard />
                <CommitCard />
            </div>
        </div>
    );
}
