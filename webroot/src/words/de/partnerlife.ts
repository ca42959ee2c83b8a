// Die Seite eines Partners: Verlauf, und sofort erneut verbinden.
import { counter } from "../plural";

const count = counter("de");

export const partnerLife = {
    partnerLife: {
        history: "Verlauf",
        commits: "Übernahmen, die diesen Partner betreffen",
        revision: (n: number) => `Revision ${n}`,
        noComment: "ohne Kommentar",
        noCommit: "Diesen Partner hat noch keine Übernahme betroffen.",
        count: (n: number) => count(n, "Übernahme", "Übernahmen"),
        audit: "Im Überwachungsprotokoll anzeigen",
        retry: "Jetzt erneut versuchen",
        asked: "Die Verbindung wird versucht.",
        next: (at: string, attempts: string) => `Nächster Versuch von selbst: ${at}; bisherige Versuche: ${attempts}.`,
        detail: "Beobachtet wurde",
    },
};
