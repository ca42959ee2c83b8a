// First steps: a short guided path from an empty gateway to a commit. Nothing is remembered but the configuration itself:
// a step is done when what it is for is there, so that the path can be left and taken up again at any time.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import type { ReactNode } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { useMay } from "../../parts/may";
import { Mark } from "../../parts/Marks";
import { PageHeader, Panel } from "../../parts/Panel";
import { Loading } from "../../parts/States";
import { useLive } from "../../rest/live";
import { t } from "../../words";
import { DomainStep, FederationStep, FrontEndStep, PartnerStep, PolicyStep } from "./steps";
import { allows, useSetup } from "./useSetup";
import type { Setup } from "./useSetup";

const names = ["domain", "front_end", "partner", "policy", "federation", "commit"] as const;
type Name = (typeof names)[number];

function isDone(name: Name, setup: Setup, waiting: number): boolean {
    switch (name) {
        case "domain":
            return setup.domains.length > 0;
        case "front_end":
            return setup.frontEnds.length > 0;
        case "partner":
            return setup.partners > 0;
        case "policy":
            return setup.policies.some(allows);
        case "federation":
            return setup.settings?.federation_enabled === true;
        case "commit":
            return waiting === 0 && setup.domains.length > 0;
    }
}

function Commit({ setup, waiting }: { setup: Setup; waiting: number }) {
    const { go } = useRoute();
    const s = t.start.commit;
    const missing = names.filter((name) => name !== "commit" && !isDone(name, setup, waiting));
    return (
        <div className="fg-start-form">
            <h2>{s.title}</h2>
            <p className="fg-start-why">{waiting ? s.why : s.nothing}</p>
            {missing.length > 0 && (
                <p className="fg-second">{s.missing(missing.map((name) => t.start.names[name]).join(", "))}</p>
            )}
            {!setup.assigned.length && (
                <p className="fg-second">
                    {s.certificate} <Link to="/certificates">{t.nav.certificates}</Link>
                </p>
            )}
            <p className="fg-second">
                {s.dns} <Link to="/help/getting-started#dns">{t.help.title}</Link>
            </p>
            <div className="fg-start-actions">
                {waiting > 0 ? (
                    <Button onClick={() => go("/draft")}>{s.review(waiting)}</Button>
                ) : (
                    <Button onClick={() => go("/")}>{s.toOverview}</Button>
                )}
            </div>
        </div>
    );
}

function StepList({ setup, waiting, current }: { setup: Setup; waiting: number; current: Name }) {
    return (
        <ol className="fg-start-steps" aria-label={t.start.title}>
            {names.map((name) => (
                <li key={name} className={name === current ? "fg-start-current" : ""}>
                    <Link to={`/start?step=${name}`} aria-current={name === current ? "step" : undefined}>
                        <Mark mood={isDone(name, setup, waiting) ? "good" : "open"} />
                        <span>{t.start.names[name]}</span>
                    </Link>
                </li>
            ))}
        </ol>
    );
}

export default function Start() {
    const setup = useSetup();
    const { draft } = useLive();
    const [state, set] = useAddressState();
    const may = useMay("settings");
    const waiting = draft.data?.summary.count ?? 0;
    const asked = names.find((name) => name === state.get("step"));
    const current = asked ?? names.find((name) => !isDone(name, setup, waiting)) ?? "commit";
    const next = () => set({ step: names[names.indexOf(current) + 1] ?? "commit" });
    const step = { next, blocked: may.why };
    const pages: { [name in Name]: () => ReactNode } = {
        domain: () => <DomainStep {...step} domains={setup.domains} />,
        front_end: () => <FrontEndStep {...step} domains={setup.domains} frontEnds={setup.frontEnds} />,
        partner: () => <PartnerStep {...step} partners={setup.partners} settings={setup.settings} />,
        policy: () => <PolicyStep {...step} policies={setup.policies} />,
        federation: () => <FederationStep {...step} settings={setup.settings} />,
        commit: () => <Commit setup={setup} waiting={waiting} />,
    };
    return (
        <div className="fg-page">
            <PageHeader title={t.start.title} lead={t.start.lead} actions={<Link to="/">{t.start.later}</Link>} />
            {!setup.loaded ? (
                <Loading lines={6} />
            ) : (
                <div className="fg-start">
                    <StepList setup={setup} waiting={waiting} current={current} />
                    <Panel key={current}>{pages[current]()}</Panel>
                </div>
            )}
        </div>
    );
}
