// What the start of the panel (src/start.ts) has asked for before the panel itself is here. Each answer is taken once;
// what nobody takes soon is forgotten, as it may be another one by then.

const base = "/api/v1";
const fresh = 5000;
const pause = 250;

interface Early {
    at: number;
    answers: Map<string, Promise<Response>>;
}

declare global {
    interface Window {
        fgEarly?: Early;
    }
}

/** How every GET is sent; once more when no answer came: a connection that was kept may have ended just then. */
export async function get(address: string, signal?: AbortSignal): Promise<Response> {
    const ask = () =>
        fetch(address, {
            headers: { Accept: "application/json, application/problem+json" },
            signal,
            credentials: "same-origin",
            cache: "no-store",
        });
    try {
        return await ask();
    } catch (e) {
        if (signal?.aborted) throw e;
        await new Promise((go) => setTimeout(go, pause));
        return ask();
    }
}

function keep(path: string): Promise<Response> {
    const early = (window.fgEarly ??= { at: performance.now(), answers: new Map() });
    const answer = get(`${base}${path}`);
    answer.catch(() => undefined); // whoever takes it is told
    early.answers.set(`${base}${path}`, answer);
    return answer;
}

/** Asks who is signed in and then, if somebody is, for these, paths below the base. */
export function askEarly(paths: string[]): void {
    keep("/session")
        .then((session) => session.ok && paths.forEach(keep))
        .catch(() => undefined);
}

/** The answer to a GET that was asked for early; null when it was not, when it is old, or when it is no good one. */
export async function takeEarly(address: string): Promise<Response | null> {
    const early = window.fgEarly;
    const answer = early?.answers.get(address);
    if (!early || !answer) return null;
    early.answers.delete(address);
    if (performance.now() - early.at > fresh) return null;
    const response = await answer.catch(() => null);
    return response?.ok ? response : null;
}

/** Nobody is signed in any more: nothing of theirs is left. */
export function forgetEarly(): void {
    delete window.fgEarly;
}
