// Someone committed another change of an object of my draft: chosen field by field, here in the review. What is
// chosen is put into the draft again, on top of what runs now; where all of it is theirs, my change goes.
import { useState } from "react";
import { ConflictChoice } from "../../parts/ConflictChoice";
import { conflictFields, resolved } from "../../parts/conflict";
import type { Chosen } from "../../parts/conflict";
import { same } from "../../parts/format";
import { Failed } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useSchema } from "../../rest/live";
import type { Conflict } from "../../rest/types";
import { t } from "../../words";

export function SolveConflict({ conflict }: { conflict: Conflict }) {
    const schema = useSchema(conflict.kind);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    if (!schema) return null;
    const { kind, key, base, mine, theirs } = conflict;
    const fields = conflictFields(schema.fields, base, mine, theirs);
    const path = kind === "settings" ? "/settings" : `/${kind}/${segment(key)}`;

    const settle = async (chosen: Chosen) => {
        const result = resolved(mine, chosen);
        const allTheirs = fields.every((f) => same(chosen[f.name] ?? null, f.theirs));
        if (allTheirs || (!result && !theirs)) await rest.remove(`/draft/changes/${kind}/${segment(key)}`);
        else if (result) await rest.put(path, result);
        else await rest.remove(path);
    };
    const done = (chosen: Chosen) => {
        setBusy(true);
        setError(null);
        settle(chosen)
            .catch((cause: unknown) => setError(cause))
            .finally(() => setBusy(false));
    };
    return (
        <div className="fg-notice fg-notice-bad">
            <b>{t.review.conflict}</b>
            <p>{t.solveConflict}</p>
            {error !== null && <Failed title={t.common.saveFailed} error={error} />}
            <ConflictChoice fields={fields} onDone={done} doneText={t.solveNow} busy={busy} />
        </div>
    );
}
