// The four figures at the top: federation, engine, partners, streams.
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/Switch";
import { useState } from "react";
import { Link } from "../../frame/route";
import { number, same } from "../../parts/format";
import { MayReason } from "../../parts/MayReason";
import { Marked } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { errorText } from "../../parts/States";
import { rest } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Status, StreamPage } from "../../rest/types";
import { t } from "../../words";
import type { PartnerPage } from "../partners/usePartners";

interface Port {
    name: string;
    address: string;
}

/** "5269, 23456": each port once, whatever addresses it is open on. */
function portNumbers(ports: Port[]): string {
    const found = new Set(ports.map((p) => p.address.replace(/^.*:/, "")));
    return [...found].sort((a, b) => Number(a) - Number(b)).join(", ");
}

export function Federation({ running, drafted }: { running: ConfigObject | null; drafted: ConfigObject | null }) {
    const may = useMay("settings");
    const ports = useGet<{ items: Port[] }>("/status/ports", { every: 15000 }).data?.items ?? [];
    const [error, setError] = useState<unknown>(null);
    const on = !!running?.federation_enabled;
    const will = !!drafted?.federation_enabled;
    const toggle = (next: boolean) => {
        setError(null);
        rest.patch("/settings", { federation_enabled: next }).catch((cause: unknown) => setError(cause));
    };
    const differs = !!running && !!drafted && !same(running.federation_enabled, drafted.federation_enabled);
    const numbers = portNumbers(ports);
    const state = !running ? "" : on && numbers ? t.overview.portsOpen(numbers) : t.overview.federationOff;
    return (
        <div className="fg-figure">
            <h2>{t.overview.federation}</h2>
            <div className="fg-figure-main">
                <MayReason may={may}>
                    <Switch
                        id="federation"
                        aria-label={t.overview.toggle}
                        isChecked={will}
                        isDisabled={!may.may || !drafted}
                        onChange={(_, next) => toggle(next)}
                    />
                </MayReason>
                {on ? t.on : t.off}
            </div>
            <p className="fg-second">
                {error !== null ? (
                    <span className="fg-cause">{errorText(error)}</span>
                ) : differs ? (
                    <Link to="/draft" className="fg-drafted">
                        {t.overview.federationDraft(will)}
                    </Link>
                ) : (
                    state
                )}
            </p>
        </div>
    );
}

export function Engine({ status }: { status: Status | null }) {
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

export function PartnerFigure({ partners }: { partners: PartnerPage | null }) {
    const { failing = 0, connected = 0 } = partners?.counts ?? {};
    const total = partners?.total ?? 0;
    const text = t.overview.partnersText(failing, connected, total - failing - connected);
    return (
        <div className="fg-figure">
            <h2>{t.overview.partners}</h2>
            <div className="fg-figure-main">
                <Link to="/partners">{partners ? number(total) : ""}</Link>
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
                {partners && text.rest}
            </p>
        </div>
    );
}

export function StreamFigure({ streams, limit }: { streams: StreamPage | null; limit: number | null }) {
    const { open = 0, waiting = 0 } = streams?.counts ?? {};
    const facts = [limit ? t.overview.streamsOf(limit) : "", waiting ? t.overview.waiting(waiting) : ""].filter(Boolean);
    return (
        <div className="fg-figure">
            <h2>{t.overview.streams}</h2>
            <div className="fg-figure-main">
                <Link to="/streams">{streams ? number(open) : ""}</Link>
            </div>
            <p className="fg-second">{facts.join(" · ")}</p>
        </div>
    );
}
