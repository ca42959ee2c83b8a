// Die Liste der Partner: Filter, Auswahl, gemeinsame Änderungen.
import { counter, figures } from "../plural";

const count = counter("de");
const figure = figures("de");
const partners = (n: number) => `${figure(n)} Partner`;

export const partnerList = {
    partnerList: {
        setting: "Eingestellter Zustand",
        change: "Entwurf",
        anyChange: "Irgendeine Änderung",
        moreFilters: "Weitere Filter",
        fewerFilters: "Weniger Filter",
        selected: (n: number) => `${partners(n)} ausgewählt`,
        selectFound: (n: number) => `Alle ${figure(n)} auswählen, die zum Filter passen`,
        selectListed: (n: number) => `Alle ${figure(n)} aufgeführten auswählen`,
        unselect: "Auswahl aufheben",
        editTitle: "Felder der ausgewählten Partner setzen",
        deleteTitle: "Die ausgewählten Partner löschen?",
        stage: "Im Entwurf speichern",
        counting: "Wird gezählt…",
        whom: (n: number) => `Für ${partners(n)}.`,
        whomFilter: "Für jeden Partner, der zum Filter passt.",
        whomAll: "Für jeden aufgeführten Partner.",
        willChange: (n: number) => `${partners(n)} ${n === 1 ? "wird" : "werden"} in Ihrem Entwurf geändert.`,
        willDelete: (n: number) => `${partners(n)} ${n === 1 ? "wird" : "werden"} in Ihrem Entwurf gelöscht.`,
        nobody: "Es würde sich nichts ändern.",
        already: (n: number) => `Bei ${partners(n)} ist es schon so.`,
        rejected: (n: number) => `${partners(n)} ${n === 1 ? "lässt" : "lassen"} sich so nicht ändern; wählen Sie einen anderen Wert, oder nehmen Sie sie aus:`,
        cutOne: (streams: number, queued: number) =>
            `Beim Übernehmen ${streams === 1 ? "wird" : "werden"} ${count(streams, "offener Stream", "offene Streams")} geschlossen, und ${count(queued, "wartende Nachricht geht", "wartende Nachrichten gehen")} an die Absender zurück. Die Kontakte des Partners können unseren Benutzern nicht mehr schreiben.`,
        cutNever: "Der Partner ist noch nicht in Betrieb; es wird nichts getrennt.",
        cutMany: (n: number) =>
            n ? `${partners(n)} davon ${n === 1 ? "ist" : "sind"} gerade verbunden; beim Übernehmen werden diese Streams geschlossen.` : "Keiner davon ist gerade verbunden.",
        setTo: "Setzen auf…",
        newValue: (field: string) => `Neuer Wert: ${field}`,
        clears: "Bleibt die Eingabe leer, wird das Feld geleert.",
        drain: "Auslaufen lassen",
    },
};
