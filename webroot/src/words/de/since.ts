// Was seit einem Commit geschehen ist.
import type { since as english } from "../en/since";
import { counter } from "../plural";

const count = counter("de");

export const since: typeof english = {
    since: {
        title: "Seit dem Commit",
        live: "wird laufend aktualisiert",
        object: "Objekt",
        what: "Was geschah",
        result: "Ergebnis",
        when: "Wann",
        works: "Funktioniert",
        nothingYet: "Noch kein Verkehr.",
        tryNow: "Jetzt versuchen",
        trying: "Wird versucht…",
        first: "Neu, noch keine Verbindung",
        noStream: "Zurzeit kein Stream",
        streams: (n: number) => count(n, "Stream", "Streams"),
        elseTitle: "Alles Übrige",
        stayed: (n: number) => `${count(n, "Stream blieb", "Streams blieben")} bestehen.`,
        noNewFailure: "Kein neuer Fehler seit dem Commit.",
        newFailures: (n: number) => (n === 1 ? "scheitert seit dem Commit." : `und insgesamt ${count(n, "Partner scheitert", "Partner scheitern")} seit dem Commit.`),
        asBefore: (n: number) => (n === 1 ? "scheitert wie zuvor; dieser Commit hat daran nichts geändert." : `und insgesamt ${count(n, "Partner scheitert", "Partner scheitern")} wie zuvor; dieser Commit hat daran nichts geändert.`),
    },
};
