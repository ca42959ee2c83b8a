// Partner: was eine Änderung trennt, wem eine Domäne gehört, was an einer nicht stimmt, und ungeschützte Verbindungen.
import { counter } from "../plural";

const count = counter("de");

export const partnerCare = {
    partnerCare: {
        suspend: "Sperren…",
        suspendOne: (domain: string) => `${domain} sperren?`,
        suspendMany: "Die ausgewählten Partner sperren?",
        suspendNow: "Sperren",
        suspendText: "Die Änderung kommt in Ihren Entwurf. Nach dem Übernehmen kann in keiner Richtung mehr geschrieben werden, bis Sie den Partner wieder aktivieren.",
        cut: (streams: number, queued: number) =>
            `Beim Übernehmen ${streams === 1 ? "wird" : "werden"} ${count(streams, "offener Stream", "offene Streams")} geschlossen, und ${count(queued, "wartende Nachricht geht", "wartende Nachrichten gehen")} an die Absender zurück.`,
        noMore: "Die Kontakte dort können unseren Benutzern nicht mehr schreiben.",
        anew: (n: number) => `${count(n, "offener Stream wird", "offene Streams werden")} zu den neuen Bedingungen neu aufgebaut.`,
        stay: (n: number) => `${count(n, "offener Stream bleibt", "offene Streams bleiben")} bestehen.`,
        taken: (domain: string, partner: string) => `${domain} gehört bereits zum Partner ${partner}.`,
        ours: (domain: string) => `${domain} ist eine unserer eigenen Domänen.`,
        primary: (domain: string) => `${domain} ist bereits die primäre Domäne oben.`,
        outside: (domain: string, why: string) => `${domain} liegt außerhalb dessen, was Ihr Konto ändern darf. ${why}`,
        refused: (n: number) => `${count(n, "Eintrag wurde", "Einträge wurden")} nicht übernommen; berichtigen oder entfernen Sie ${n === 1 ? "ihn" : "sie"} hier:`,
        faults: {
            address: "eine Adresse; lassen Sie alles bis zum @ weg",
            web: "eine Webadresse; geben Sie nur deren Domäne ein",
            ip: "eine IP-Adresse, keine Domäne",
            star: "Muster sind hier nicht möglich; nennen Sie jede Domäne",
            inner: "* darf nur am Anfang oder am Ende stehen",
            long: "länger, als eine Domäne sein kann",
            dots: "zwei Punkte hintereinander oder ein Punkt am Anfang",
            other: "nur Buchstaben, Ziffern, Bindestriche und Punkte",
        },
        clearTitle: "Nichts ist verschlüsselt",
        clearText: "Unterwegs kann jeder alle Nachrichten lesen und verändern, und nur Dialback weist nach, wer spricht. Einige alte öffentliche Dienste wie Google Talk verlangen das; sonst sollte es niemand tun.",
        clearOne: "Unverschlüsselt",
        oneByOne: "Ihr Konto darf nur einige Partner ändern: Wählen Sie sie einzeln aus.",
    },
};
