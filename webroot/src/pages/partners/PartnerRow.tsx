// One partner in the list: a row of the table, or a block on a narrow screen.
// The cells are plain elements with PatternFly's classes: its components cost a list of fifty as much as all they show.
import type { TdHTMLAttributes } from "react";
import { Link } from "../../frame/route";
import { ago, fullTime } from "../../parts/format";
import { DraftLabel, LiveMark, Mark, MethodLabels, Muted, liveMood, shortWarning } from "../../parts/Marks";
import type { May } from "../../parts/may";
import { KebabMenu } from "../../parts/Menu";
import type { Action } from "../../parts/Menu";
import type { Partner } from "../../rest/types";
import { t } from "../../words";
import { liveState } from "./usePartners";

type CellProps = TdHTMLAttributes<HTMLTableCellElement> & { label?: string };

function Td({ label, className = "", ...rest }: CellProps) {
    return <td {...rest} className={`pf-v6-c-table__td ${className}`} data-label={label} />;
}

interface RowProps {
    partner: Partner;
    selected: boolean;
    select: (on: boolean) => void;
    actions: Action[];
    /** Whether it may be changed, and so selected; and why not. */
    rights: May;
}

export const partnerPath = (domain: string) => `/partners/${encodeURIComponent(domain)}`;

function More({ domains }: { domains: string[] }) {
    if (!domains.length) return null;
    const text = domains.length === 1 ? t.partners.oneMore(domains[0]!) : t.partners.moreDomains(domains.length);
    return (
        <div className="fg-second fg-mono" title={domains.slice(0, 20).join("\n")}>
            {text}
        </div>
    );
}

function Warning({ text }: { text: string | null }) {
    if (!text) return null;
    return (
        <div className="fg-second fg-warned">
            <Mark mood="warn" /> {text}
        </div>
    );
}

export function PartnerRow({ partner, selected, select, actions, rights }: RowProps) {
    const failure = partner.status?.last_failure;
    const success = partner.status?.last_success;
    return (
        <tr className={selected ? "pf-v6-c-table__tr fg-selected" : "pf-v6-c-table__tr"}>
            <Td className="fg-check">
                <input
                    type="checkbox"
                    checked={selected}
                    disabled={!rights.may || partner.draft === "removed"}
                    title={rights.why ?? undefined}
                    onChange={(e) => select(e.target.checked)}
                    aria-label={t.common.select(partner.domain)}
                />
            </Td>
            <Td label={t.partners.columns.state} className="fg-nowrap">
                <LiveMark state={liveState(partner)} />
            </Td>
            <Td label={t.partners.columns.domain}>
                <Link to={partnerPath(partner.domain)} className="fg-mono">
                    {partner.domain}
                </Link>{" "}
                <DraftLabel mark={partner.draft} />
                <More domains={partner.additional_domains} />
            </Td>
            <Td label={t.partners.columns.type} className="fg-nowrap">
                {t.partnerType[partner.partner_type]}
            </Td>
            <Td label={t.partners.columns.methods}>
                <MethodLabels methods={partner.methods} />
                <Warning text={shortWarning(partner)} />
            </Td>
            <Td label={t.partners.columns.success} className="fg-nowrap" title={fullTime(success)}>
                {success ? ago(success) : <Muted>{t.never}</Muted>}
            </Td>
            <Td label={t.partners.columns.failure} title={fullTime(failure?.at)}>
                {failure ? (
                    <>
                        {ago(failure.at)}
                        <div className="fg-second">{failure.cause}</div>
                    </>
                ) : (
                    <Muted>{t.partners.noFailure}</Muted>
                )}
            </Td>
            <Td className="fg-kebab">
                <KebabMenu name={partner.domain} actions={actions} />
            </Td>
        </tr>
    );
}

export function PartnerBlock({ partner, selected, select, actions, rights }: RowProps) {
    const state = liveState(partner);
    const facts = [t.liveState[state], t.partnerType[partner.partner_type]];
    if (partner.status?.last_success) facts.push(ago(partner.status.last_success));
    return (
        <li className={selected ? "fg-block fg-selected" : "fg-block"}>
            <input
                type="checkbox"
                checked={selected}
                disabled={!rights.may || partner.draft === "removed"}
                title={rights.why ?? undefined}
                onChange={(e) => select(e.target.checked)}
                aria-label={t.common.select(partner.domain)}
            />
            <Mark mood={liveMood[state]} />
            <div className="fg-block-text">
                <Link to={partnerPath(partner.domain)} className="fg-mono">
                    {partner.domain}
                </Link>{" "}
                <DraftLabel mark={partner.draft} long />
                <div className="fg-second">{facts.join(" · ")}</div>
                <MethodLabels methods={partner.methods} />
                {state === "failing" && partner.status?.last_failure && (
                    <div className="fg-second fg-cause">{partner.status.last_failure.cause}</div>
                )}
                <Warning text={shortWarning(partner)} />
            </div>
            <KebabMenu name={partner.domain} actions={actions} />
        </li>
    );
}
