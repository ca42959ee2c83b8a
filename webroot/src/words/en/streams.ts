// Streams: what is open, what comes up, and closing one.
import { counter, figures } from "../plural";

const count = counter("en");
const figure = figures("en");

export const streams = {
    streams: {
        title: "Streams",
        lead: (open: number, limit: number | null, settingUp: number, closing: number) => {
            const first = limit ? `${figure(open)} of at most ${figure(limit)} are open` : count(open, "stream is open", "streams are open");
            const more = [settingUp && `${figure(settingUp)} being set up`, closing && `${figure(closing)} closing`];
            return `${[first, ...more].filter(Boolean).join(", ")}.`;
        },
        search: "Domain or address",
        direction: { in: "In", out: "Out" },
        /** Whose first step it was. */
        directionLong: { in: "Opened by them", out: "Opened by us" },
        ours: { in: (domain: string) => `In, to ${domain}`, out: (domain: string) => `Out, from ${domain}` },
        partner: (domain: string) => `Partner: ${domain}`,
        columns: {
            state: "State",
            direction: "Direction",
            pair: "Domain pair",
            peer: "Peer address",
            method: "Method",
            since: "Since",
            stanzas: "Stanzas",
            queue: "Queue",
        },
        verdicts: {
            cert_untrusted: "certificate not trusted",
            cert_expired: "certificate not valid now",
            cert_revoked: "certificate revoked",
            cert_name_mismatch: "certificate of another name",
            cert_purpose: "certificate of another purpose",
            cert_missing: "no certificate",
        } as { [verdict: string]: string },
        noMethod: "none yet",
        phase: { open: "Open", setting_up: "Setting up", closing: "Closing" },
        gone: "Closed",
        steps: {
            new: "Starting",
            resolving: "Looking up their server",
            connecting: "Connecting",
            header: "Waiting for their server",
            negotiating: "Agreeing on the terms",
            starttls: "Asking for TLS",
            tls: "Setting up TLS",
            sasl: "Proving by certificate",
            dialback: "Proving by dialback",
        } as { [state: string]: string },
        stanzasBoth: (came: string, went: string) => `${came} in, ${went} out`,
        waits: (n: number) => `${figure(n)} waiting`,
        foot: (n: number) => count(n, "stream", "streams"),
        all: (n: number) => `All ${figure(n)} streams`,
        empty: "No stream is open",
        emptyText: "A stream opens with the first message between our users and a partner's, from either side.",
        toPartners: "Go to the partners",
        close: "Close",
        closeOne: (pair: string) => `Close the stream ${pair}`,
        closeQuestion: "Close this stream?",
        closeEffect: {
            open: "Both servers end it in order. What is under way still arrives.",
            setting_up: "The attempt is given up.",
            closing: "It is closing already; we wait no longer for their server.",
        },
        closeQueue: (n: number) => `${count(n, "message waits", "messages wait")} for it and will go to a new stream.`,
        closeAgain: {
            in: "Their server opens a new one as soon as it has something to send.",
            out: "We open a new one as soon as there is something to send.",
        },
        closeNow: "Close the stream",
        closeFailed: "The stream was not closed",
    },
};
