// One partner: what happens on the link now, and its configuration.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Tab } from "@patternfly/react-core/dist/esm/components/Tabs/Tab";
import { Tabs } from "@patternfly/react-core/dist/esm/components/Tabs/Tabs";
import { TabTitleText } from "@patternfly/react-core/dist/esm/components/Tabs/TabTitleText";
import { useState } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { ago } from "../../parts/format";
import { ClearLabel, DraftLabel, isClear, liveMood, Mark } from "../../parts/Marks";
import { KebabMenu } from "../../parts/Menu";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { PageHeader } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { Page, Partner, Stream } from "../../rest/types";
import { t } from "../../words";
import { Configuration } from "./Configuration";
import { ChangePartners } from "./ChangePartners";
import { History } from "./History";
import { undoPartner, usePartnerActions } from "./PartnerActions";
import { partnerPath } from "./PartnerRow";
import { StatusTab } from "./StatusTab";
import { liveState } from "./usePartners";

const tabs = ["status", "configuration", "history"];

function Lead({ partner }: { partner: Partner }) {
    const state = liveState(partner);
    const failure = partner.status?.last_failure;
    const first =
        state === "failing" && failure
            ? t.partnerDetail.failingSince(t.partnerDetail.direction[failure.direction], ago(failure.at))
            : t.liveState[state];
    const facts = [
        first,
        t.partnerType[partner.partner_type],
        partner.owner && t.partnerDetail.owner(partner.owner),
        partner.ticket,
    ];
    return (
        <span className="fg-marked">
            <Mark mood={liveMood[state]} />
            <span>
                {facts.filter(Boolean).join(" · ")} {isClear(partner) && <ClearLabel />} <DraftLabel mark={partner.draft} long />
            </span>
        </span>
    );
}

export default function PartnerDetail({ domain = "" }: { domain?: string }) {
    const { go } = useRoute();
    const [query, set] = useAddressState();
    const [asking, setAsking] = useState<"delete" | "suspend" | null>(null);
    const key = segment(domain);
    const loaded = useGet<Partner>(`/partners/${key}?view=draft&include=status`, { every: 5000 });
    const streams = useGet<Page<Stream>>(`/streams?partner=${key}&sort=since&limit=100`, { every: 3000 });
    const partner = loaded.data;
    const tab = tabs.find((name) => name === query.get("tab")) ?? "status";
    const rights = useMay("partners", { domains: partner ? [partner.domain, ...partner.additional_domains] : [domain] });
    const [failure, setFailure] = useState<unknown>(null);
    const actions = usePartnerActions({ remove: () => setAsking("delete"), suspend: () => setAsking("suspend"), fail: setFailure });

    const header = (
        <PageHeader
            title={<span className="fg-mono">{domain}</span>}
            name={domain}
            crumbs={[{ to: "/partners", text: t.partners.title }]}
            here={domain}
            lead={partner && <Lead partner={partner} />}
            actions={
                partner && partner.draft !== "removed" ? (
                    <>
                        <MayButton may={rights} onClick={() => go(`${partnerPath(domain)}/edit`)}>
                            {t.partnerDetail.edit}
                        </MayButton>
                        <KebabMenu name={domain} actions={actions(partner).slice(1)} />
                    </>
                ) : undefined
            }
        />
    );
    return (
        <div className="fg-page">
            {header}
            {loaded.error && <Failed error={loaded.error} at={partner ? loaded.at : null} retry={loaded.reload} />}
            {failure !== null && <Failed title={t.common.saveFailed} error={failure} />}
            {!partner && !loaded.error && <Loading />}
            {partner?.draft === "removed" && (
                <p className="fg-notice fg-notice-warn">
                    {t.common.removedHere}{" "}
                    <Button variant="link" isInline onClick={() => void undoPartner(domain)}>
                        {t.common.undoRemove}
                    </Button>
                </p>
            )}
            {partner?.draft === "changed" && (
                <p className="fg-notice fg-notice-draft">
                    {t.partnerDetail.differs} <Link to="/draft">{t.partnerDetail.review}</Link>
                </p>
            )}
            {partner?.draft === "added" && <p className="fg-notice fg-notice-draft">{t.partnerDetail.notCommitted}</p>}
            {partner && (
                <Tabs
                    activeKey={tab}
                    onSelect={(_, next) => set({ tab: next === "status" ? "" : String(next), cursor: "", from: "" })}
                    aria-label={domain}
                    className="fg-tabs"
                >
                    <Tab eventKey="status" title={<TabTitleText>{t.partnerDetail.status}</TabTitleText>}>
                        <StatusTab partner={partner} page={streams.data} />
                    </Tab>
                    <Tab eventKey="configuration" title={<TabTitleText>{t.partnerDetail.configuration}</TabTitleText>}>
                        <Configuration partner={partner} />
                    </Tab>
                    <Tab eventKey="history" title={<TabTitleText>{t.partnerLife.history}</TabTitleText>}>
                        {tab === "history" && <History domain={partner.domain} cursor={query.get("cursor") ?? ""} />}
                    </Tab>
                </Tabs>
            )}
            {asking && partner && (
                <ChangePartners
                    what={asking}
                    target={{ keys: [partner.domain] }}
                    close={() => setAsking(null)}
                    done={asking === "delete" ? () => go("/partners") : undefined}
                />
            )}
        </div>
    );
}
