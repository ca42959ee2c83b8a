// Hilfe: die Seiten um die Texte in help/.
import type { help as english } from "../en/help";
import { counter, figures } from "../plural";

const count = counter("de");
const figure = figures("de");

export const help: typeof english = {
    help: {
        title: "Hilfe",
        lead: "Alles hier ist Teil des Programms und kommt ohne Internet aus.",
        open: "Hilfe zu dieser Seite",
        search: "Hilfe durchsuchen",
        found: (n: number) => `${count(n, "Stelle", "Stellen")} gefunden`,
        nothing: "Nichts gefunden",
        nothingMore: "Versuchen Sie es mit weniger oder anderen Wörtern.",
        noTopic: "Dieses Thema gibt es nicht",
        all: "Alle Themen",
        linkHere: "Link zu diesem Abschnitt",
        combinations: "Alle Kombinationen",
        groups: { start: "Erste Schritte", tasks: "Aufgaben", operate: "Betrieb", reference: "Nachschlagen" },
        none: "nichts",
        allowed: "Zulässig",
        preset: "Standardwert",
        required: "Muss angegeben werden.",
        atMost: (n: number) => `höchstens ${figure(n)}`,
        tls: "TLS-Aushandlung",
        sasl: "SASL-Aushandlung",
        dialback: "Rückruf (Dialback)",
        result: "Ergebnis",
        roles: "Rollen",
        anybody: "ohne Anmeldung",
        parameters: "Parameter",
        request: "Anfrage",
        filterCalls: "Aufrufe filtern",
        calls: (n: number) => count(n, "Aufruf", "Aufrufe"),
    },
};
