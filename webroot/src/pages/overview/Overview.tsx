// Overview: what runs, what needs a person, what is still to be set up, what was done last.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useRoute } from "../../frame/route";
import { BodyLogWarning } from "../../parts/BodyLogWarning";
import { span } from "../../parts/format";
import { PageHeader } from "../../parts/Panel";
import { Failed } from "../../parts/States";
import { StillLoading, Together } from "../../parts/Together";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, StreamPage } from "../../rest/types";
import { t } from "../../words";
import type { PartnerPage } from "../partners/usePartners";
import { CertificateCard, CommitCard } from "./Cards";
import { CounterCard } from "./Counters";
import { Engine, Federation, PartnerFigure, StreamFigure } from "./Figures";
import { NeedsCard } from "./Needs";
import { Problems } from "./Problems";
import { SetupCard } from "./SetupCard";

export default function Overview() {
    const { go } = useRoute();
    const { status } = useLive();
    const running = useGet<ConfigObject>("/settings");
    const drafted = useGet<ConfigObject>("/settings?view=draft");
    const partners = useGet<PartnerPage>("/partners?include=status&limit=1", { every: 10000 });
    const streams = useGet<StreamPage>("/streams?limit=1", { every: 5000 });
    const limit = running.data?.connection_limit;
    const up = status.data ? span(status.data.uptime) : "";
    const lead = !status.data
        ? "\u00a0"
        : status.data.home_domain
          ? t.overview.gateway(status.data.home_domain, up)
          : t.overview.gatewayBare(up);
    return (
        <div className="fg-page fg-tall-head">
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
            <BodyLogWarning running={running.data} drafted={drafted.data} link />
            <Together>
                <StillLoading when={!status.data && !status.error} />
                <StillLoading when={[running, drafted, partners, streams].some((l) => !l.data && !l.error)} />
                <section className="fg-panel fg-figures-row" aria-label={t.overview.title}>
                    <Federation running={running.data} drafted={drafted.data} />
                    <Engine status={status.data} />
                    <PartnerFigure partners={partners.data} />
                    <StreamFigure streams={streams.data} limit={typeof limit === "number" ? limit : null} />
                </section>
                <Problems status={status.data} />
                <div className="fg-two-one">
                    <CounterCard status={status.data} />
                    <NeedsCard status={status.data} />
                </div>
                <div className="fg-thirds">
                    <SetupCard />
                    <CertificateCard />
                    <CommitCard />
                </div>
            </Together>
        </div>
    );
}
