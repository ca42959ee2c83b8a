// The changes of one kind: a page of them at a time, however many there are; folded when they are many.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { Link } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { ChangeItem } from "../../parts/ChangeGroup";
import { useLinesReady } from "../../parts/Difference";
import { Pager } from "../../parts/ListTools";
import { Panel } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { usePaging } from "../../parts/usePaging";
import { rest, segment } from "../../rest/client";
import { useSchema } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { Change, Conflict, Draft } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import { SolveConflict } from "./SolveConflict";
import { mark, toggled } from "./selection";
import type { Selection } from "./selection";

const pageSize = 25;
const foldAbove = 10;

function Actions({ change, discard }: { change: Change; discard: () => void }) {
    return (
        <span className="fg-change-actions">
            {change.after && (
                <>
                    <Link to={editPath(change.kind, change.key)} aria-label={t.review.editOne(change.key)}>
                        {t.common.edit}
                    </Link>
                    <span aria-hidden="true"> · </span>
                </>
            )}
            <Button variant="link" isInline onClick={discard} aria-label={t.review.discardOne(change.key)}>
                {t.common.discard}
            </Button>
        </span>
    );
}

interface KindProps {
    kind: string;
    total: number;
    q: string;
    conflicts: Conflict[];
    selection: Selection;
    select: (selection: Selection) => void;
}

export function KindChanges({ kind, total, q, conflicts, selection, select }: KindProps) {
    const schema = useSchema(kind);
    const pages = usePaging(pageSize, kind);
    const [asked, setAsked] = useState<Change | "all" | null>(null);
    const params = new URLSearchParams({ kind, limit: String(pageSize) });
    if (q) params.set("q", q);
    if (pages.cursor) params.set("cursor", pages.cursor);
    const { data, error, at, reload } = useGet<Draft>(`/draft?${params.toString()}`);
    const title = schema?.title ?? kind;
    const changes = data?.changes ?? [];
    const ready = useLinesReady();
    const name = (change: Change) => (change.kind === "settings" ? t.nav.settings : change.key);
    const discard = async () => {
        if (asked === "all") await rest.remove(`/draft?kind=${kind}`);
        else if (asked) await rest.remove(`/draft/changes/${asked.kind}/${segment(asked.key)}`);
    };
    const note = (
        <>
            {t.review.changes(total)}
            {total > 1 && (
                <>
                    {" · "}
                    <Button variant="link" isInline onClick={() => setAsked("all")}>
                        {t.discardKind}
                    </Button>
                </>
            )}
        </>
    );
    return (
        <Panel title={title} note={note} ruled>
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {(!data || !ready) && !error && <Loading lines={3} height="60px" />}
            {data && !changes.length && <p className="fg-muted">{t.noneFound}</p>}
            {ready && changes.map((change) => {
                const conflict = conflicts.find((c) => c.kind === change.kind && c.key === change.key);
                return (
                    <ChangeItem
                        key={change.key}
                        change={change}
                        folded={total > foldAbove}
                        actions={<Actions change={change} discard={() => setAsked(change)} />}
                        before={
                            selection && (
                                <input
                                    type="checkbox"
                                    aria-label={t.commitForm.pick(name(change))}
                                    checked={selection.has(mark(change))}
                                    onChange={(e) => select(toggled(selection, change, e.target.checked))}
                                />
                            )
                        }
                    >
                        {conflict && <SolveConflict conflict={conflict} />}
                    </ChangeItem>
                );
            })}
            {(pages.previous || data?.next_cursor) && (
                <div className="fg-change-pager">
                    {q ? (
                        <>
                            <span className="fg-figures">{t.shown(pages.from + 1, pages.from + changes.length)}</span>
                            <Button variant="link" isDisabled={!pages.previous} onClick={() => pages.previous?.()}>
                                {pages.toFirst ? t.common.first : t.common.previous}
                            </Button>
                            <Button variant="link" isDisabled={!data?.next_cursor} onClick={() => pages.next(data?.next_cursor ?? "")}>
                                {t.common.next}
                            </Button>
                        </>
                    ) : (
                        <Pager
                            from={pages.from + 1}
                            to={pages.from + changes.length}
                            total={total}
                            previous={pages.previous}
                            toFirst={pages.toFirst}
                            next={data?.next_cursor ? () => pages.next(data.next_cursor ?? "") : null}
                        />
                    )}
                </div>
            )}
            {asked && (
                <Ask
                    title={asked === "all" ? t.discardKindQuestion(title, total) : t.discardQuestion(name(asked))}
                    action={t.discardNow}
                    danger
                    run={discard}
                    close={() => setAsked(null)}
                >
                    <p>{t.discardText}</p>
                </Ask>
            )}
        </Panel>
    );
}
