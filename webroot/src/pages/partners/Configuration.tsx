// A partner's tab Configuration: every field, as text.
import { number, shortDate } from "../../parts/format";
import { MethodLabels, Muted } from "../../parts/Marks";
import { Facts, Panel } from "../../parts/Panel";
import type { ConfigObject, Partner } from "../../rest/types";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";

const orNone = (text: string | null | undefined) => (text ? text : <Muted>{t.none}</Muted>);
const day = (text: string | null) => (text ? shortDate(new Date(text)) : <Muted>{t.none}</Muted>);

const limit = (own: number | null, standard: unknown) => {
    if (own !== null) return number(own);
    return typeof standard === "number" ? t.partnerDetail.fromSettings(number(standard)) : orNone(null);
};

export function Configuration({ partner }: { partner: Partner }) {
    const f = t.partnerForm;
    const standard = useGet<ConfigObject>("/settings").data?.partner_connection_limit;
    return (
        <div className="fg-thirds">
            <Panel title={t.partnerDetail.general} ruled>
                <Facts
                    rows={[
                        [f.description, orNone(partner.description)],
                        [t.partnerDetail.type, t.partnerType[partner.partner_type]],
                        [f.state, t.partnerState[partner.state]],
                        [f.owner, orNone(partner.owner)],
                        [f.ticket, orNone(partner.ticket)],
                    ]}
                />
            </Panel>
            <Panel title={t.partnerDetail.security} ruled>
                <Facts
                    rows={[
                        [f.tls, t.need[partner.tls]],
                        [f.sasl, t.need[partner.sasl]],
                        [f.dialback, partner.dialback ? f.dialbackOn : f.dialbackOff],
                        [t.partners.method, <MethodLabels key="m" methods={partner.methods} />],
                    ]}
                />
            </Panel>
            <Panel title={f.advanced} ruled>
                <Facts
                    rows={[
                        [f.proxy, partner.proxy ? <span className="fg-mono">{partner.proxy}</span> : orNone(null)],
                        [f.limit, limit(partner.connection_limit, standard)],
                        [f.keepalive, partner.keepalive ? t.on : t.off],
                        [f.validUntil, day(partner.valid_until)],
                        [f.reviewDate, day(partner.review_date)],
                    ]}
                />
            </Panel>
            <Panel title={t.partnerDetail.domains} note={String(partner.additional_domains.length + 1)} ruled className="fg-wide">
                <p className="fg-mono fg-domain-list">{[partner.domain, ...partner.additional_domains].join("  ")}</p>
            </Panel>
        </div>
    );
}
