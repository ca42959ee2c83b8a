// The one way to the REST interface: adds the CSRF token, turns problem+json into RestError, and asks for a new
// sign-in when the session has ended, then sends the same request again, so that no input is lost.
import { localize, problemWords } from "../words/codes";
import { get, takeEarly } from "./early";
import type { Page, Problem, Session } from "./types";

const base = "/api/v1";

/** The server answers these in the language that is asked for. */
const inTheirWords = /^\/(schema|negotiation)\b/;

export class RestError extends Error {
    readonly status: number;
    readonly problem: Problem;

    constructor(problem: Problem) {
        super(problem.detail || problem.title);
        this.status = problem.status;
        this.problem = problem;
    }
}

export interface Answer<T> {
    data: T;
    etag: string | null;
    status: number;
}

type Query = { [name: string]: string | number | boolean | null | undefined };

interface Options {
    query?: Query;
    body?: unknown;
    /** A file, sent as it is. */
    file?: Blob;
    ifMatch?: string | null;
    createOnly?: boolean;
    quiet?: boolean;
    signal?: AbortSignal;
}

let csrf = "";
let signInAgain: (() => Promise<void>) | null = null;
const written = new Set<() => void>();

/** The session's provider says here who asks for the password when a session has ended. */
export function onSessionEnd(ask: (() => Promise<void>) | null): void {
    signInAgain = ask;
}

export function setToken(session: Session | null): void {
    csrf = session ? session.csrf_token : "";
}

/** Calls back after each successful write; returns what ends it. */
export function onWrite(call: () => void): () => void {
    written.add(call);
    return () => {
        written.delete(call);
    };
}

/** Says that work begun earlier has changed something by now: what is shown is asked for again. */
export function tellWritten(): void {
    written.forEach((call) => call());
}

/** One segment of a path. Domains keep their characters; anything else is escaped. */
export function segment(key: string): string {
    return encodeURIComponent(key);
}

function address(path: string, query?: Query): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
        if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
    }
    const text = params.toString();
    return `${base}${path}${text ? `?${text}` : ""}`;
}

async function send(method: string, path: string, options: Options): Promise<Response> {
    if (method === "GET") {
        const from = address(path, options.query);
        return (await takeEarly(from)) ?? get(from, options.signal);
    }
    const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
    headers["X-CSRF-Token"] = csrf;
    if (options.body !== undefined) headers["Content-Type"] = "application/json";
    if (options.file) headers["Content-Type"] = options.file.type || "application/octet-stream";
    if (options.ifMatch) headers["If-Match"] = options.ifMatch;
    if (options.createOnly) headers["If-None-Match"] = "*";
    return fetch(address(path, options.query), {
        method,
        headers,
        body: options.file ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
        signal: options.signal,
        credentials: "same-origin",
        cache: "no-store",
    });
}

async function problemOf(response: Response): Promise<Problem> {
    const type = response.headers.get("Content-Type") ?? "";
    if (type.includes("json")) {
        try {
            const body = (await response.json()) as Problem;
            localize(body.errors);
            body.detail = body.detail && problemWords(body.code, body.detail);
            return { ...body, title: body.title || response.statusText, status: response.status };
        } catch {
            // Falls through: a broken body is answered by the status alone.
        }
    }
    return { title: response.statusText || `HTTP ${response.status}`, status: response.status };
}

async function request<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
    let response: Response;
    try {
        response = await send(method, path, options);
        const ended = response.status === 401 && !path.startsWith("/session") && path !== "/setup";
        if (ended && signInAgain) {
            await signInAgain();
            response = await send(method, path, options);
        }
    } catch (e) {
        if (e instanceof DOMException && e.name === "AbortError") throw e;
        throw new RestError({ title: "unreachable", status: 0 });
    }
    if (!response.ok) throw new RestError(await problemOf(response));
    const text = await response.text();
    const data = (text ? JSON.parse(text) : null) as T;
    if (!inTheirWords.test(path)) localize(data);
    if (method !== "GET" && !options.quiet) tellWritten();
    return { data, etag: response.headers.get("ETag"), status: response.status };
}

export const rest = {
    get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>("GET", path, { query, signal }),
    /** `quiet` for a POST that only asks and changes nothing. */
    post: <T>(path: string, body?: unknown, quiet = false) => request<T>("POST", path, { body: body ?? {}, quiet }),
    /** Sends a file; `quiet` when the server only looks at it. */
    upload: <T>(path: string, file: Blob, query?: Query, quiet = false) => request<T>("POST", path, { file, query, quiet }),
    put: <T>(path: string, body: unknown, match: { ifMatch?: string | null; createOnly?: boolean } = {}) =>
        request<T>("PUT", path, { body, ...match }),
    patch: <T>(path: string, body: unknown, match: { ifMatch?: string | null } = {}) =>
        request<T>("PATCH", path, { body, ...match }),
    remove: (path: string) => request<null>("DELETE", path),
};

/** All pages of a collection, up to `most` items; `total` says how many there are. */
export async function all<T>(path: string, query: Query, most: number, signal?: AbortSignal): Promise<Page<T>> {
    const items: T[] = [];
    let cursor: string | null = null;
    let total = 0;
    do {
        const page: Page<T> = (await rest.get<Page<T>>(path, { ...query, limit: 1000, cursor }, signal)).data;
        items.push(...page.items);
        total = page.total ?? items.length;
        cursor = page.next_cursor;
    } while (cursor && items.length < most);
    return { items, next_cursor: cursor, total };
}
