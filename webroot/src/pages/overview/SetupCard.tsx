// What a gateway needs before the first message can cross, and what of it is there.
import type { ReactNode } from "react";
import { Link } from "../../frame/route";
import { Mark } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { Page } from "../../rest/types";
import { t } from "../../words";
import { allows, onlyDrafted, useSetup } from "../start/useSetup";

interface Step {
    name: string;
    done: boolean;
    /** Done, but only in the draft. */
    drafted?: boolean;
    detail: ReactNode;
    to: string;
    todo: string;
}

function useSteps(): Step[] {
    const { session } = useSession();
    const { domains, frontEnds, policies, assigned, partners, settings } = useSetup();
    const seesAdmins = session?.role === "administrator";
    const admins = useGet<Page<unknown>>(seesAdmins ? "/admins" : null).data;
    const allowing = policies.filter(allows);
    const o = t.overview;
    const steps: Step[] = [
        {
            name: o.homeDomain,
            done: domains.length > 0,
            drafted: onlyDrafted(domains),
            detail: <span className="fg-mono">{String(domains[0]?.domain ?? "")}</span>,
            to: "/domains/new",
            todo: o.addDomain,
        },
        {
            name: o.frontEnd,
            done: frontEnds.length > 0,
            drafted: onlyDrafted(frontEnds),
            detail: frontEnds.map((f) => `${String(f.name)}, ${String(f.transport).toUpperCase()}`).slice(0, 2).join("; "),
            to: "/front-ends/new",
            todo: o.addFrontEnd,
        },
        {
            name: o.certificate,
            done: assigned.length > 0,
            drafted: onlyDrafted(assigned),
            detail: assigned.map((a) => String(a.usage)).slice(0, 3).join(", "),
            to: "/certificates",
            todo: o.addCertificate,
        },
        {
            name: o.partner,
            done: partners > 0,
            detail: o.listed(partners),
            to: "/partners/new",
            todo: o.addPartner,
        },
        {
            name: o.policy,
            done: allowing.length > 0,
            detail: allowing.map((p) => String(p.identity)).slice(0, 2).join(", "),
            to: "/policies/edit/global",
            todo: o.allowPolicy,
        },
        {
            name: o.federationStep,
            done: !!settings?.federation_enabled,
            detail: t.on,
            to: "/settings",
            todo: o.enable,
        },
    ];
    if (seesAdmins) {
        steps.push({
            name: o.second,
            done: (admins?.total ?? admins?.items.length ?? 0) > 1,
            detail: "",
            to: "/administrators",
            todo: o.addSecond,
        });
    }
    return steps;
}

export function SetupCard() {
    const steps = useSteps();
    const done = steps.filter((s) => s.done).length;
    return (
        <Panel title={t.overview.setupTitle} note={t.overview.done(done, steps.length)} ruled>
            {done < steps.length && (
                <p className="fg-setup-guide">
                    <Link to="/start">{t.overview.guide}</Link>
                </p>
            )}
            <Rows>
                {steps.map((step) => (
                    <li key={step.name}>
                        <Mark mood={step.done ? "good" : "open"} />
                        <span className="fg-grow">{step.name}</span>
                        <span className="fg-second fg-right">
                            {!step.done && <Link to={step.to}>{step.todo}</Link>}
                            {step.done && (step.drafted ? <span className="fg-drafted">{t.overview.inDraft}</span> : step.detail)}
                        </span>
                    </li>
                ))}
            </Rows>
        </Panel>
    );
}
