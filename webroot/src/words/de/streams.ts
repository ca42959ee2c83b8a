// Streams: was offen ist, was gerade entsteht, und das Schließen.
import type { streams as english } from "../en/streams";
import { counter, figures } from "../plural";

const count = counter("de");
const figure = figures("de");

export const streams: typeof english = {
    streams: {
        title: "Streams",
        lead: (open: number, limit: number | null, settingUp: number, closing: number) => {
            const first = limit ? `${figure(open)} von höchstens ${figure(limit)} sind offen` : count(open, "Stream ist offen", "Streams sind offen");
            const more = [settingUp && `${figure(settingUp)} im Aufbau`, closing && `${figure(closing)} werden geschlossen`];
            return `${[first, ...more].filter(Boolean).join(", ")}.`;
        },
        search: "Domäne oder Adresse",
        direction: { in: "Ein", out: "Aus" },
        directionLong: { in: "Vom Partner geöffnet", out: "Von uns geöffnet" },
        ours: { in: (domain: string) => `Ein, an ${domain}`, out: (domain: string) => `Aus, von ${domain}` },
        partner: (domain: string) => `Partner: ${domain}`,
        columns: {
            state: "Zustand",
            direction: "Richtung",
            pair: "Domänenpaar",
            peer: "Gegenstelle",
            method: "Methode",
            since: "Seit",
            stanzas: "Stanzas",
            queue: "Warteschlange",
        },
        verdicts: {
            cert_untrusted: "Zertifikat nicht vertrauenswürdig",
            cert_expired: "Zertifikat zurzeit nicht gültig",
            cert_revoked: "Zertifikat gesperrt",
            cert_name_mismatch: "Zertifikat mit anderem Namen",
            cert_purpose: "Zertifikat für anderen Zweck",
            cert_missing: "kein Zertifikat",
        },
        noMethod: "noch keine",
        phase: { open: "Offen", setting_up: "Im Aufbau", closing: "Wird geschlossen" },
        gone: "Geschlossen",
        steps: {
            new: "Beginnt",
            resolving: "Server des Partners wird gesucht",
            connecting: "Verbindung wird hergestellt",
            header: "Wartet auf den Server des Partners",
            negotiating: "Bedingungen werden ausgehandelt",
            starttls: "TLS wird angefragt",
            tls: "TLS wird eingerichtet",
            sasl: "Nachweis durch Zertifikat",
            dialback: "Nachweis durch Rückruf",
        },
        stanzasBoth: (came: string, went: string) => `${came} ein, ${went} aus`,
        waits: (n: number) => `${figure(n)} in Warteschlange`,
        foot: (n: number) => count(n, "Stream", "Streams"),
        all: (n: number) => `Alle ${figure(n)} Streams`,
        empty: "Kein Stream ist offen",
        emptyText: "Ein Stream öffnet sich mit der ersten Nachricht zwischen unseren Benutzern und denen eines Partners, gleich von welcher Seite.",
        toPartners: "Zu den Partnern",
        close: "Schließen",
        closeOne: (pair: string) => `Stream ${pair} schließen`,
        closeQuestion: "Diesen Stream schließen?",
        closeEffect: {
            open: "Beide Server beenden ihn geordnet. Was unterwegs ist, kommt noch an.",
            setting_up: "Der Verbindungsversuch wird aufgegeben.",
            closing: "Er wird bereits geschlossen; wir warten nicht länger auf den Server des Partners.",
        },
        closeQueue: (n: number) => `${count(n, "Nachricht wartet", "Nachrichten warten")} auf ihn und gehen auf einen neuen Stream über.`,
        closeAgain: {
            in: "Der Server des Partners öffnet einen neuen, sobald er etwas zu senden hat.",
            out: "Wir öffnen einen neuen, sobald es etwas zu senden gibt.",
        },
        closeNow: "Stream schließen",
        closeFailed: "Der Stream wurde nicht geschlossen",
    },
};
