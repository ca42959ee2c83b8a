// Drafts of other administrators and tokens, also of those that are no more: take over, or discard.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { ago } from "../../parts/format";
import { Panel, Rows } from "../../parts/Panel";
import { rest, segment } from "../../rest/client";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { DraftOwner, Page } from "../../rest/types";
import { t } from "../../words";

/** Shown to administrators, only while there is one. */
export function OtherDrafts() {
    const { session } = useSession();
    const may = session?.role === "administrator" && !session.scope;
    const { data } = useGet<Page<DraftOwner>>(may ? "/drafts?limit=1000" : null);
    const [asked, setAsked] = useState<{ draft: DraftOwner; what: "take" | "drop" } | null>(null);
    const list = (data?.items ?? []).filter((d) => d.orphaned || d.name !== session?.username);
    if (!list.length) return null;
    const o = t.others;
    return (
        <Panel title={o.title} ruled>
            <Rows>
                {list.map((draft) => (
                    <li key={draft.owner} className="fg-other-draft">
                        <div className="fg-waiting-text">
                            <div>{draft.name}</div>
                            <div className="fg-second">{o.row(draft.changes, ago(draft.updated_at))}</div>
                            {draft.orphaned && <div className="fg-second">{o.orphaned}</div>}
                            <div className="fg-notice-mends">
                                <Button variant="link" isInline onClick={() => setAsked({ draft, what: "take" })}>
                                    {o.take}
                                </Button>
                                <Button variant="link" isInline isDanger onClick={() => setAsked({ draft, what: "drop" })}>
                                    {o.drop}
                                </Button>
                            </div>
                        </div>
                    </li>
                ))}
            </Rows>
            {asked?.what === "take" && (
                <Ask
                    title={o.takeQuestion(asked.draft.name)}
                    action={o.takeNow}
                    run={async () => {
                        await rest.post(`/drafts/${segment(asked.draft.owner)}/take`);
                    }}
                    close={() => setAsked(null)}
                >
                    <p>{o.takeText(asked.draft.changes)}</p>
                </Ask>
            )}
            {asked?.what === "drop" && (
                <Ask
                    title={o.dropQuestion(asked.draft.name)}
                    action={o.dropNow}
                    danger
                    run={async () => {
                        await rest.remove(`/drafts/${segment(asked.draft.owner)}`);
                    }}
                    close={() => setAsked(null)}
                >
                    <p>{o.dropText(asked.draft.changes)}</p>
                </Ask>
            )}
        </Panel>
    );
}
