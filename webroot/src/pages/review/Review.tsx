// Review and commit: the draft as before and after, what stands in its way, what becomes of living streams.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useEffect, useState } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { ImpactPanel } from "../../parts/ImpactPanel";
import { Search } from "../../parts/ListTools";
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { StillLoading } from "../../parts/Together";
import { fromTheBeginning } from "../../parts/usePaging";
import { RestError, rest } from "../../rest/client";
import { useLive } from "../../rest/live";
import { useSession } from "../../rest/session";
import { useLoad } from "../../rest/useLoad";
import type { Draft } from "../../rest/types";
import { t } from "../../words";
import { CommitPanel } from "./CommitPanel";
import { KindChanges } from "./KindChanges";
import { OtherDrafts } from "./OtherDrafts";
import type { Selection } from "./selection";
import { ProblemsPanel } from "./SidePanels";
import type { Checked } from "./SidePanels";

const searchAbove = 10;

/** Asks the server what a commit would meet; anew after each change of the draft, and when another revision runs. */
function useCheck(draft: Draft | null, revision: number | undefined, may: boolean) {
    return useLoad<Checked>(may && draft?.summary.count ? `check:${revision}:${draft.summary.count}` : null, async () => {
        try {
            return { data: (await rest.post<Checked>("/draft/check", {}, true)).data, etag: null };
        } catch (e) {
            // A draft that would be refused is an answer too: the problem names everything in the way.
            if (e instanceof RestError && (e.status === 422 || e.status === 409)) return { data: {}, etag: null };
            throw e;
        }
    });
}

export default function Review() {
    const { draft, status } = useLive();
    const { session } = useSession();
    const { hash } = useRoute();
    const [query, setQuery] = useAddressState();
    const [discarding, setDiscarding] = useState(false);
    const [selection, setSelection] = useState<Selection>(null);
    const [committing, setCommitting] = useState(false);
    const data = draft.data;
    const check = useCheck(data, status.data?.revision, !!session?.permissions.change.length);
    const count = data?.summary.count ?? 0;
    const kinds = Object.entries(data?.summary.by_kind ?? {});
    const q = query.get("q") ?? "";

    const reload = draft.reload;
    useEffect(reload, [reload]);

    return (
        <div className="fg-page">
            <PageHeader
                title={t.review.title}
                lead={count ? t.review.lead(session?.username ?? "", status.data?.revision ?? 0) : undefined}
                actions={
                    count ? (
                        <>
                            <Button variant="secondary" onClick={check.reload}>
                                {t.review.check}
                            </Button>
                            <Button variant="link" isDanger onClick={() => setDiscarding(true)}>
                                {t.review.discardAll}
                            </Button>
                        </>
                    ) : undefined
                }
            />
            {draft.error && <Failed error={draft.error} at={data ? draft.at : null} retry={draft.reload} />}
            {!data && !draft.error && <Loading lines={6} height="60px" />}
            {data && !count && committing && (
                <Panel>
                    <p role="status">{t.commitForm.underWay}</p>
                    <Loading lines={2} />
                </Panel>
            )}
            {data && !count && !committing && (
                <div className="fg-column">
                    <Panel>
                        <Empty title={t.review.empty} action={<Link to="/revisions">{t.nav.revisions}</Link>}>
                            {t.review.emptyText}
                        </Empty>
                    </Panel>
                    <OtherDrafts />
                </div>
            )}
            {data && count > 0 && (
                <WithSide
                    main={
                        <>
                            {(count > searchAbove || q) && (
                                <Search value={q} label={t.draftSearch} onSearch={(next) => setQuery({ q: next, ...fromTheBeginning(query) })} />
                            )}
                            {kinds.map(([kind, total]) => (
                                <KindChanges
                                    key={kind}
                                    kind={kind}
                                    total={total}
                                    q={q}
                                    conflicts={data.conflicts}
                                    selection={selection}
                                    select={setSelection}
                                />
                            ))}
                        </>
                    }
                    side={
                        <>
                            <StillLoading when={!!session?.permissions.change.length && !check.data && !check.error} />
                            <ProblemsPanel draft={data} checked={check.data} at={check.at} />
                            <ImpactPanel impact={check.data ? check.data.impact : undefined} />
                            <CommitPanel
                                draft={data}
                                checked={check.data}
                                focus={hash === "commit"}
                                selection={selection}
                                select={setSelection}
                                underWay={setCommitting}
                            />
                            <OtherDrafts />
                        </>
                    }
                />
            )}
            {discarding && (
                <Ask
                    title={t.review.discardAllQuestion(count)}
                    action={t.review.discardAll}
                    danger
                    run={async () => {
                        await rest.remove("/draft");
                    }}
                    close={() => setDiscarding(false)}
                >
                    <p>{t.review.discardAllText}</p>
                </Ask>
            )}
        </div>
    );
}
