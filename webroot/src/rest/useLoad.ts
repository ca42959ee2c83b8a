// Loads something and keeps it fresh while the page is looked at. What was loaded once is shown at once the
// next time; when a reload fails, the old data stays, and its age is known.
import { useCallback, useEffect, useRef, useState } from "react";
import { onWrite, RestError, rest } from "./client";
import { concerns, isUp, onTold, useUp } from "./push";

export interface Loaded<T> {
    data: T | null;
    etag: string | null;
    error: RestError | null;
    at: number | null;
    reload: () => void;
}

interface Kept {
    data: unknown;
    etag: string | null;
    at: number;
}

interface Shown<T> {
    key: string | null;
    data: T | null;
    etag: string | null;
    error: RestError | null;
    at: number | null;
}

const kept = new Map<string, Kept>();
const underWay = new Map<string, Promise<Kept>>();

/** Everything known is of one person's view: it goes when another signs in. */
export function forget(): void {
    kept.clear();
    underWay.clear();
}

/** Keeps an answer that came another way, as if it had been loaded. */
export function put(key: string, data: unknown): void {
    kept.set(key, { data, etag: null, at: Date.now() });
}

type Source<T> = (signal: AbortSignal) => Promise<{ data: T; etag: string | null }>;

interface Timing {
    /** Milliseconds between two loads while nothing is told by events, or of what no event tells about. */
    every?: number;
    afterWrites?: boolean;
    /** It never changes while the panel is open: asked for once, whoever needs it. */
    once?: boolean;
}

/** Loads a thing that never changes: all who ask at the same time share one request. */
function shared(key: string, source: Source<unknown>): Promise<Kept> {
    const old = kept.get(key);
    if (old) return Promise.resolve(old);
    let load = underWay.get(key);
    if (!load) {
        load = source(new AbortController().signal)
            .then(({ data, etag }) => ({ data, etag, at: Date.now() }))
            .finally(() => underWay.delete(key));
        underWay.set(key, load);
    }
    return load;
}

function before<T>(key: string | null): Shown<T> {
    const old = key === null ? undefined : kept.get(key);
    return { key, data: (old?.data as T) ?? null, etag: old?.etag ?? null, error: null, at: old?.at ?? null };
}

/** At most one load in so many milliseconds because of events, however many there are. */
const calm = 2000;

/**
 * Reloads when an event concerns the key, soon after the first and then with pauses. Nothing happens in a hidden
 * tab before it is looked at again.
 */
function useEvents(key: string | null, reload: () => void): void {
    useEffect(() => {
        if (key === null) return undefined;
        let timer: ReturnType<typeof setTimeout> | null = null;
        let stale = false;
        let last = 0;
        const go = () => {
            timer = null;
            stale = document.visibilityState !== "visible";
            if (stale) return;
            last = Date.now();
            reload();
        };
        const off = onTold(({ name }) => {
            // Many panels hear the same at the same moment: they do not all ask at once.
            if (!timer && concerns(key, name)) timer = setTimeout(go, Math.max(last + calm - Date.now(), 50 + Math.random() * 200));
        });
        const back = () => {
            if (stale && document.visibilityState === "visible") go();
        };
        document.addEventListener("visibilitychange", back);
        return () => {
            off();
            if (timer) clearTimeout(timer);
            document.removeEventListener("visibilitychange", back);
        };
    }, [key, reload]);
}

const told = ["streams", "status", "approvals", "accounts", "jobs", "draft", "revision"];

/**
 * @param key  names what is loaded; null loads nothing
 * @param source  loads it
 * @param timing  `every` reloads after so many milliseconds while the page is visible; `afterWrites` (default)
 *                reloads when this panel has changed something
 */
export function useLoad<T>(key: string | null, source: Source<T>, timing: Timing = {}): Loaded<T> {
    const { every = 0, once = false, afterWrites = !once } = timing;
    const [shown, setShown] = useState<Shown<T>>(() => before<T>(key));
    const [round, setRound] = useState(0);
    const current = useRef(source);
    current.current = source;

    const reload = useCallback(() => setRound((n) => n + 1), []);

    useEffect(() => (afterWrites ? onWrite(reload) : undefined), [afterWrites, reload]);

    useEffect(() => {
        if (key === null) return undefined;
        const stop = new AbortController();
        const load = once ? shared(key, current.current) : current.current(stop.signal);
        load.then(({ data, etag }) => {
            if (stop.signal.aborted) return;
            kept.set(key, { data, etag, at: Date.now() });
            setShown({ key, data: data as T, etag, error: null, at: Date.now() });
        })
            .catch((e: unknown) => {
                if (stop.signal.aborted) return;
                const error = e instanceof RestError ? e : new RestError({ title: String(e), status: 0 });
                setShown((old) => (old.key === key ? { ...old, error } : { ...before<T>(key), error }));
            });
        return () => stop.abort();
    }, [key, round, once]);

    const up = useUp();
    const byEvents = key !== null && !once && told.some((name) => concerns(key, name));
    useEvents(byEvents ? key : null, reload);

    useEffect(() => {
        if (!every || key === null || (byEvents && up)) return undefined;
        const timer = setInterval(() => document.visibilityState === "visible" && reload(), every);
        const back = () => document.visibilityState === "visible" && reload();
        document.addEventListener("visibilitychange", back);
        return () => {
            clearInterval(timer);
            document.removeEventListener("visibilitychange", back);
        };
    }, [every, key, reload, byEvents, up]);

    const now = shown.key === key ? shown : before<T>(key);

    // What happened while the connection was down was told to nobody, and what could not be loaded then can be now.
    const wasDown = useRef(!isUp());
    const unreached = useRef(false);
    unreached.current = now.error?.status === 0;
    useEffect(() => {
        if (up && wasDown.current && (byEvents || unreached.current)) reload();
        wasDown.current = !up;
    }, [up, byEvents, reload]);

    return { data: now.data, etag: now.etag, error: now.error, at: now.at, reload };
}

/** `useLoad` of one GET. */
export function useGet<T>(path: string | null, timing?: Timing): Loaded<T> {
    return useLoad<T>(
        path,
        async (signal) => {
            const [plain = "", query = ""] = (path ?? "").split("?");
            return rest.get<T>(plain, Object.fromEntries(new URLSearchParams(query)), signal);
        },
        timing,
    );
}
