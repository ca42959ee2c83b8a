// What every page needs to know: what runs, what is drafted, the field tables and the negotiation rows.
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { language } from "../words";
import { localize } from "../words/codes";
import { onTold, useUp } from "./push";
import { useGet } from "./useLoad";
import type { Loaded } from "./useLoad";
import type { Draft, KindSchema, NegotiationRow, Schema, Status } from "./types";

interface Live {
    status: Loaded<Status>;
    draft: Loaded<Draft>;
}

const Context = createContext<Live | null>(null);

/** What an event of the status tells. */
interface Told {
    revision: number;
    applied_revision: number;
    state: string;
    problems: number;
    warnings: number;
    audit_forwarding: string;
    pending_revision: number | null;
    counters: { [name: string]: number };
}

/** The status: loaded anew when something changed but the counters, which come with the event. */
function useStatus(): Loaded<Status> {
    const [told, setTold] = useState<Told | null>(null);
    const up = useUp();
    const loaded = useGet<Status>("/status", { every: told && up ? 60000 : 5000 });
    const { reload } = loaded;
    const mark = told && [told.revision, told.applied_revision, told.state, told.problems, told.warnings, told.audit_forwarding, told.pending_revision].join();
    useEffect(
        () =>
            onTold(({ name, data }) => {
                if (name === "status") setTold(data as Told);
                else if (name === "end" || name === "hello") setTold(null);
            }),
        [],
    );
    useEffect(() => {
        if (mark) reload();
    }, [mark, reload]);
    const data = useMemo(
        () => (loaded.data && told ? { ...loaded.data, counters: told.counters } : loaded.data),
        [loaded.data, told],
    );
    return { ...loaded, data };
}

export function LiveProvider({ children }: { children: ReactNode }) {
    const status = useStatus();
    const draft = useGet<Draft>("/draft?limit=1", { every: 30000 });
    const value = useMemo(() => ({ status, draft }), [status, draft]);
    return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useLive(): Live {
    const live = useContext(Context);
    if (!live) throw new Error("no live provider");
    return live;
}

/** The field table of a kind; null until it is there. */
export function useSchema(kind: string): KindSchema | null {
    const { data } = useGet<Schema>(`/schema?lang=${language}`, { once: true });
    return data?.kinds[kind] ?? null;
}

/** All field tables; null until they are there. */
export function useSchemas(): Schema["kinds"] | null {
    return useGet<Schema>(`/schema?lang=${language}`, { once: true }).data?.kinds ?? null;
}

/** The failures a status can name; null until they are there. */
export function useFailures(): Schema["failures"] | null {
    const failures = useGet<Schema>(`/schema?lang=${language}`, { once: true }).data?.failures;
    return useMemo(() => {
        const words = failures?.map((failure) => ({ ...failure })) ?? null;
        localize(words); // the tables of /schema come in our language, the catalogue of failures in English
        return words;
    }, [failures]);
}

export function useNegotiation(): NegotiationRow[] | null {
    return useGet<{ rows: NegotiationRow[] }>(`/negotiation?lang=${language}`, { once: true }).data?.rows ?? null;
}

export function findRow(
    rows: NegotiationRow[] | null,
    terms: { tls: unknown; sasl: unknown; dialback: unknown },
): NegotiationRow | null {
    const same = (row: NegotiationRow) =>
        row.tls === terms.tls && row.sasl === terms.sasl && row.dialback === terms.dialback;
    return rows?.find(same) ?? null;
}
