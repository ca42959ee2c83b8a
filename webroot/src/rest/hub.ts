// One connection to the event stream, and what it told last. Runs in the shared worker of all tabs, or in the tab
// that leads where there is no such worker.

export interface Told {
    name: string;
    data: unknown;
}

export type Heard = { kind: "event"; told: Told } | { kind: "connection"; up: boolean };

const names = ["hello", "status", "streams", "revision", "approvals", "accounts", "draft", "jobs", "end"];
const address = `/api/v1/events/stream?events=${names.slice(1, -1).join(",")}`;
const again = 1000;
const slowest = 10000;

/** Starts listening; `heard` gets everything. The answer: what is known, a second try at once, and the end. */
export function listen(heard: (message: Heard) => void) {
    const last = new Map<string, unknown>();
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let up = false;
    let pause = again;

    const connection = (now: boolean) => {
        if (up !== now) heard({ kind: "connection", up: now });
        up = now;
    };
    const stop = () => {
        source?.close();
        source = null;
        clearTimeout(timer);
    };
    const take = (name: string, text: string) => {
        const data = JSON.parse(text) as unknown;
        last.set(name, data);
        heard({ kind: "event", told: { name, data } });
        if (name !== "end") return;
        // Signed out, or another role: whoever signs in again says so.
        last.clear();
        stop();
        connection(false);
    };
    const start = () => {
        stop();
        const opened = new EventSource(address);
        source = opened;
        for (const name of names) {
            opened.addEventListener(name, (e) => {
                connection(true);
                pause = again;
                take(name, (e as MessageEvent<string>).data);
            });
        }
        opened.onerror = () => {
            connection(false);
            // Refused, not only interrupted: an event source tries no more by itself.
            if (opened.readyState !== EventSource.CLOSED) return;
            timer = setTimeout(start, pause);
            pause = Math.min(2 * pause, slowest);
        };
    };
    start();
    return {
        known: (): Heard[] => [
            ...[...last].map(([name, data]): Heard => ({ kind: "event", told: { name, data } })),
            { kind: "connection", up },
        ],
        again: () => {
            if (!up) start();
        },
        stop,
    };
}
