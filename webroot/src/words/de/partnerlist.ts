// Die Liste der Partner: Filter, Auswahl, gemeinsame Änderungen.
import { figures } from "../plural";

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
        setTo: "Setzen auf…",
        newValue: (field: string) => `Neuer Wert: ${field}`,
        clears: "Bleibt die Eingabe leer, wird das Feld geleert.",
        drain: "Auslaufen lassen",
    },
};
