// Was seit einer Übernahme geschehen ist.
import type { since as english } from "../en/since";
import { counter } from "../plural";

const count = counter("de");

export const since: typeof english = {
    since: {
        title: "Seit der Übernahme",
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
        noNewFailure: "Kein neuer Fehler seit der Übernahme.",
        newFailures: (n: number) => (n === 1 ? "ist seit der Übernahme gestört." : `und insgesamt ${count(n, "Partner ist", "Partner sind")} seit der Übernahme gestört.`),
        asBefore: (n: number) => (n === 1 ? "ist gestört wie zuvor; diese Übernahme hat daran nichts geändert." : `und insgesamt ${count(n, "Partner ist", "Partner sind")} gestört wie zuvor; diese Übernahme hat daran nichts geändert.`),
    },
};
