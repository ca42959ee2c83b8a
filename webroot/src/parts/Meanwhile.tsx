// Somebody changed the object since the form was opened: who and when, and mine or theirs for each field in which
// we differ. What was chosen is saved over theirs.
import { Alert } from "./Alert";
import { rest } from "../rest/client";
import { useSchema } from "../rest/live";
import { useLoad } from "../rest/useLoad";
import type { Change, ConfigObject, Revision } from "../rest/types";
import { t } from "../words";
import { conflictFields, resolved } from "./conflict";
import { ConflictChoice } from "./ConflictChoice";
import { writable } from "./fields/values";
import { ago, authorName } from "./format";
import { Failed } from "./States";

interface Theirs {
    object: ConfigObject;
    etag: string | null;
    who: string | null;
    at: string | null;
}

interface MeanwhileProps {
    kind: string;
    /** Key of the object; also what it is called. */
    name: string;
    /** Where it is read: the draft's view of it. */
    path: string;
    base: ConfigObject | null;
    mine: ConfigObject;
    busy?: boolean;
    save: (value: ConfigObject, etag: string | null) => void;
}

/** The object as it is now, and the author of the newest revision when that is the one that changed it. */
async function load(kind: string, name: string, path: string, signal: AbortSignal): Promise<Theirs> {
    const [plain = "", query = ""] = path.split("?");
    const { data: object, etag } = await rest.get<ConfigObject>(plain, Object.fromEntries(new URLSearchParams(query)), signal);
    const found: Theirs = { object, etag, who: null, at: null };
    try {
        const latest = (await rest.get<{ items: Revision[] }>("/revisions", { limit: 1 }, signal)).data.items[0];
        if (!latest) return found;
        const changes: Change[] = (await rest.get<Revision>(`/revisions/${latest.revision}`, {}, signal)).data.changes ?? [];
        if (!changes.some((c) => c.kind === kind && (c.key === name || kind === "settings"))) return found;
        return { ...found, who: latest.author, at: latest.created_at };
    } catch {
        return found; // who it was is said when it is known
    }
}

export function Meanwhile({ kind, name, path, base, mine, busy, save }: MeanwhileProps) {
    const schema = useSchema(kind);
    const { data, error, reload } = useLoad<Theirs>(`theirs:${path}`, async (signal) => ({
        data: await load(kind, name, path, signal),
        etag: null,
    }), { afterWrites: false });
    if (error && !data) return <Failed error={error} retry={reload} />;
    if (!schema || !data) return null;
    const theirs = writable(schema.fields, data.object);
    const title = data.at ? t.conflict.titleBy(name, authorName(data.who), ago(data.at)) : t.conflict.title(name);
    return (
        <Alert variant="warning" isInline title={title} className="fg-alert" component="h2">
            <p>{t.conflict.text}</p>
            <ConflictChoice
                key={data.etag}
                fields={conflictFields(schema.fields, base && writable(schema.fields, base), mine, theirs)}
                busy={busy}
                onDone={(chosen) => save(resolved(mine, chosen) ?? theirs, data.etag)}
            />
        </Alert>
    );
}
