// What the gateway tells by itself. One stream for all tabs: through a shared worker; where there is none, the tab
// that holds a lock listens and passes on; where there is neither, nothing is told and pages ask every few seconds.
import { useSyncExternalStore } from "react";
import { listen } from "./hub";
import type { Heard, Told } from "./hub";

declare const EVENTS_WORKER: string;

const listeners = new Set<(told: Told) => void>();
const watchers = new Set<() => void>();
let up = false;
let started = false;
let askAgain: () => void = () => undefined;

function hear(message: Heard): void {
    if (message.kind === "event") {
        listeners.forEach((call) => call(message.told));
        return;
    }
    up = message.up;
    watchers.forEach((call) => call());
}

function byWorker(): void {
    const worker = new SharedWorker(EVENTS_WORKER, { name: "fedgate" });
    worker.port.onmessage = (e: MessageEvent<Heard>) => hear(e.data);
    worker.onerror = () => byLock();
    askAgain = () => worker.port.postMessage("again");
    window.addEventListener("pagehide", () => worker.port.postMessage("bye"));
    // A page that comes back from the history is still connected, but was taken off the list.
    window.addEventListener("pageshow", (e) => {
        if (e.persisted) window.location.reload();
    });
}

/** The tab that gets the lock listens, and tells the others. */
function byLock(): void {
    if (!("locks" in navigator) || !("BroadcastChannel" in window)) return;
    const channel = new BroadcastChannel("fedgate.events");
    let hub: ReturnType<typeof listen> | null = null;
    channel.onmessage = (e: MessageEvent<Heard | "known" | "again">) => {
        if (e.data === "known") hub?.known().forEach((message) => channel.postMessage(message));
        else if (e.data === "again") hub?.again();
        else hear(e.data);
    };
    askAgain = () => (hub ? hub.again() : channel.postMessage("again"));
    channel.postMessage("known");
    void navigator.locks.request("fedgate.events", () => {
        hub = listen((message) => {
            hear(message);
            channel.postMessage(message);
        });
        return new Promise(() => undefined); // until this tab is closed
    });
}

/** Called when somebody is signed in: begins to listen, or tries again at once. */
export function startPush(): void {
    if (started) {
        askAgain();
        return;
    }
    started = true;
    if ("SharedWorker" in window) byWorker();
    else byLock();
}

/** Calls back with everything that is told; returns what ends it. */
export function onTold(call: (told: Told) => void): () => void {
    listeners.add(call);
    return () => {
        listeners.delete(call);
    };
}

/** Whether events arrive. */
export function isUp(): boolean {
    return up;
}

function watch(call: () => void): () => void {
    watchers.add(call);
    return () => {
        watchers.delete(call);
    };
}

export function useUp(): boolean {
    return useSyncExternalStore(watch, isUp);
}

/** Whether what is loaded under this key, in general the path of a GET, is made of what an event tells about. */
export function concerns(path: string, event: string): boolean {
    const [plain = "", query = ""] = path.split("?");
    const root = plain.replace(/^\//, "").split("/")[0] ?? "";
    const live = query.includes("status") || (plain.endsWith("/status") && root !== "status");
    switch (event) {
        case "streams":
            return root === "streams" || live || root === "subscriptions";
        case "status": // messages pass
            return root === "streams";
        case "approvals":
            return root === "approvals" || root === "revisions";
        case "accounts":
            return ["admins", "tokens", "sessions"].includes(root);
        case "jobs":
            return root === "jobs";
        case "draft":
        case "revision":
            return !["admins", "tokens", "sessions", "jobs", "streams", "audit", "status", "schema", "negotiation", "profile", "session", "approvals"].includes(root);
        default:
            return false;
    }
}
