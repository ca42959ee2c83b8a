// One policy in the list: what it allows, and to whom it applies.
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import Check from "@patternfly/react-icons/dist/esm/icons/check-icon";
import Cross from "@patternfly/react-icons/dist/esm/icons/times-icon";
import { Link } from "../../frame/route";
import { DraftLabel, Mark, Muted } from "../../parts/Marks";
import { KebabMenu } from "../../parts/Menu";
import type { Action } from "../../parts/Menu";
import { StillLoading } from "../../parts/Together";
import { editPath } from "../../routes";
import { t } from "../../words";
import { policyName } from "../users/users";
import { affectedPath, flags, scopeOf, shortName, useCounts } from "./policies";
import type { Flag, Policy } from "./policies";

/** Only the first two gate something; XMPP needs both. */
function Allowed({ policy, flag }: { policy: Policy; flag: Flag }) {
    const on = policy[flag];
    const idle = flag === "public_cloud_access" || flag === "outside_access";
    const vain = flag === "xmpp_access" && on && !policy.federation_access;
    const Icon = on ? Check : Cross;
    return (
        <span className={on && !idle ? "fg-allowed" : "fg-allowed fg-muted"} title={idle ? t.policies.gatesNothing : undefined}>
            {vain ? <Mark mood="warn" /> : <Icon aria-hidden="true" />} {on ? t.policies.allowed : t.policies.refused}
            {vain && <span className="fg-second">{t.policies.noEffect}</span>}
        </span>
    );
}

export function Affected({ identity }: { identity: string }) {
    const { data, error } = useCounts(identity);
    const w = t.policies;
    if (!data) {
        return (
            <span className="fg-muted fg-count-space">
                … <StillLoading when={!error} />
            </span>
        );
    }
    const scope = scopeOf(identity);
    if (scope === "user" && !data.granted) return <Muted>{w.notGranted}</Muted>;
    if (scope === "site" && !data.affected) return <Muted>{w.affectsNobody}</Muted>;
    return <Link to={affectedPath(identity)}>{scope === "global" ? w.affectsGlobal(data.affected) : w.affects(data.affected)}</Link>;
}

function Name({ policy }: { policy: Policy }) {
    const scope = scopeOf(policy.identity);
    const name = scope === "site" ? shortName(policy.identity) : policyName(policy.identity);
    return (
        <>
            <Link to={editPath("policies", policy.identity)}>{name}</Link> <DraftLabel mark={policy.draft} />
            {policy.description && <div className="fg-second">{policy.description}</div>}
        </>
    );
}

export function PolicyRow({ policy, actions }: { policy: Policy; actions: Action[] }) {
    return (
        <Tr>
            <Td dataLabel={t.policies.columns.policy} className="fg-anywhere">
                <Name policy={policy} />
            </Td>
            {flags.map((flag) => (
                <Td key={flag} dataLabel={t.policies.flags[flag]}>
                    <Allowed policy={policy} flag={flag} />
                </Td>
            ))}
            <Td dataLabel={t.policies.columns.affects}>
                <Affected identity={policy.identity} />
            </Td>
            <Td className="fg-kebab">
                <KebabMenu name={policyName(policy.identity)} actions={actions} />
            </Td>
        </Tr>
    );
}

export function PolicyBlock({ policy, actions }: { policy: Policy; actions: Action[] }) {
    const may = policy.federation_access && policy.xmpp_access;
    return (
        <li className="fg-block">
            <Mark mood={may ? "good" : "open"} />
            <div className="fg-block-text fg-anywhere">
                <Name policy={policy} />
                <div className="fg-second">{may ? t.policies.mayXmpp : t.policies.mayNotXmpp}</div>
                <div className="fg-second">
                    <Affected identity={policy.identity} />
                </div>
            </div>
            <KebabMenu name={policyName(policy.identity)} actions={actions} />
        </li>
    );
}
