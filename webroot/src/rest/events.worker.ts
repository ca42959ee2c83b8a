// The shared worker: one event stream for all tabs of this browser.
import { listen } from "./hub";

interface Scope {
    onconnect: ((e: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
const hub = listen((message) => ports.forEach((port) => port.postMessage(message)));

(self as unknown as Scope).onconnect = (e) => {
    const port = e.ports[0]!;
    ports.add(port);
    port.onmessage = (m: MessageEvent<string>) => {
        if (m.data === "bye") ports.delete(port);
        else hub.again();
    };
    hub.known().forEach((message) => port.postMessage(message));
};
