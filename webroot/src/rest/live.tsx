// What every page needs to know: what runs, what is drafted, the field tables and the negotiation rows.
import { createContext, useContext, useMemo } from "react";
import type { ReactNode } from "react";
import { language } from "../words";
import { useGet } from "./useLoad";
import type { Loaded } from "./useLoad";
import type { Draft, KindSchema, NegotiationRow, Schema, Status } from "./types";

interface Live {
    status: Loaded<Status>;
    draft: Loaded<Draft>;
}

const Context = createContext<Live | null>(null);

export function LiveProvider({ children }: { children: ReactNode }) {
    const status = useGet<Status>("/status", { every: 5000 });
    const draft = useGet<Draft>("/draft", { every: 30000 });
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
