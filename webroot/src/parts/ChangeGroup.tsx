// The changes of one kind, one under the other: used by the review (with actions) and by a revision.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Label } from "@patternfly/react-core/dist/esm/components/Label/Label";
import { useState } from "react";
import type { ReactNode } from "react";
import { useSchema } from "../rest/live";
import type { Change } from "../rest/types";
import { t } from "../words";
import { DifferenceTable, opOf, useLines } from "./Difference";
import { Panel } from "./Panel";
import { StillLoading } from "./Together";

interface OneProps {
    change: Change;
    actions?: ReactNode;
    /** Heads of the columns where no draft is shown. */
    heads?: [string, string, string];
    children?: ReactNode;
    /** Stands before it, for a selection. */
    before?: ReactNode;
    /** Its fields show only when asked for: one of many. */
    folded?: boolean;
}

export function ChangeItem({ change, actions, heads, children, before, folded }: OneProps) {
    const [open, setOpen] = useState(!folded);
    const lines = useLines(change);
    const op = opOf(change);
    const fields = lines?.length ?? 0;
    const note = { added: fields ? t.review.defaults : t.review.allDefaults, changed: t.review.fields(fields), removed: t.review.gone }[op];
    return (
        <article className="fg-change">
            <div className="fg-change-head">
                {before}
                <Label isCompact variant="outline" color={heads ? "grey" : "purple"} className="fg-draft">
                    {t.review.op[op]}
                </Label>
                {change.kind === "settings" ? <h3>{t.nav.settings}</h3> : <h3 className="fg-mono">{change.key}</h3>}
                <span className="fg-note">{lines && note}</span>
                <span className="fg-fill" />
                {folded && lines && lines.length > 0 && !open && (
                    <Button variant="link" isInline aria-label={t.foldShow(change.key)} onClick={() => setOpen(true)}>
                        {t.review.fields(lines.length)}
                    </Button>
                )}
                {actions}
            </div>
            {children}
            <StillLoading when={!lines} />
            {open && lines && lines.length > 0 && <DifferenceTable lines={lines} name={change.kind === "settings" ? t.nav.settings : change.key} heads={heads} />}
        </article>
    );
}

interface GroupProps {
    kind: string;
    changes: Change[];
    actions?: (change: Change) => ReactNode;
    extra?: (change: Change) => ReactNode;
    heads?: [string, string, string];
}

export function ChangeGroup({ kind, changes, actions, extra, heads }: GroupProps) {
    const schema = useSchema(kind);
    return (
        <Panel title={schema?.title ?? kind} note={t.review.changes(changes.length)} ruled>
            {changes.map((change) => (
                <ChangeItem key={change.key} folded={changes.length > 10} change={change} actions={actions?.(change)} heads={heads}>
                    {extra?.(change)}
                </ChangeItem>
            ))}
        </Panel>
    );
}

/** Changes by kind, in the order they are listed in. */
export function byKind(changes: Change[]): [string, Change[]][] {
    const groups = new Map<string, Change[]>();
    for (const change of changes) groups.set(change.kind, [...(groups.get(change.kind) ?? []), change]);
    return [...groups];
}
