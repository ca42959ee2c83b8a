// Wie sich die Systemsteuerung verhält: gleichzeitige Änderungen, lange Arbeiten, Berechtigungen, frühere Eingaben,
// und ob die Seite noch etwas vom Gateway hört.
import type { behaviour as english } from "../en/behaviour";
import { counter } from "../plural";
import { begin } from "../german";

const count = counter("de");

export const behaviour: typeof english = {
    conflict: {
        title: (name: string) => `Jemand hat ${name} inzwischen geändert`,
        titleBy: (name: string, who: string, when: string) => `${begin(who)} hat ${name} inzwischen geändert (${when})`,
        text: "Ihre Eingaben sind noch da. Wählen Sie bei jedem Unterschied; gespeichert wird erst, wenn Sie es sagen.",
        before: "Vorher",
        mine: "Ihr Wert",
        theirs: "Fremder Wert",
        both: "von beiden geändert",
        onlyMine: "nur von Ihnen geändert",
        onlyTheirs: "nur von der anderen Person geändert",
        allMine: "Überall Ihr Wert",
        allTheirs: "Überall der fremde Wert",
        left: (n: number) => `${count(n, "Unterschied ist", "Unterschiede sind")} noch zu entscheiden.`,
        decided: "Alle Unterschiede sind entschieden.",
        save: "Auswahl speichern",
        whole: "Das ganze Objekt",
        there: "Behalten",
        gone: "Gelöscht",
        same: "Es gibt keinen Unterschied mehr: Sie haben beide dasselbe eingegeben.",
    },
    jobs: {
        title: "Laufende Arbeiten",
        running: (n: number) => count(n, "Auftrag läuft", "Aufträge laufen"),
        kinds: {
            users_import: "Import von Benutzern",
        },
        states: { running: "Läuft", done: "Fertig", failed: "Fehlgeschlagen", cancelled: "Abgebrochen" },
        progress: (done: string, total: string) => `${done} von ${total}`,
        soFar: (done: string) => `bisher ${done}`,
        starting: "Beginnt…",
        cancel: "Abbrechen",
        cancelOne: (name: string) => `Abbrechen: ${name}`,
        cancelling: "Wird abgebrochen…",
        dismiss: "Ausblenden",
        dismissOne: (name: string) => `Ausblenden: ${name}`,
        lost: "Dieser Auftrag ist nicht mehr bekannt: Das Gateway wurde neu gestartet, oder er ist schon lange beendet.",
    },
    may: {
        scope: (what: string) => `Ihr Konto darf nur Folgendes ändern: ${what}.`,
        scopeSites: (names: string) => `die Standorte ${names} mit ihren Benutzern`,
        scopePartners: (patterns: string) => `die Partner ${patterns}`,
        and: " und ",
    },
    kept: {
        title: "Es gibt Eingaben von Ihnen, die nicht gespeichert wurden",
        text: (when: string) => `Sie wurden ${when} hier gemacht. Kennwörter und Schlüssel wurden nicht aufbewahrt.`,
        restore: "Eingaben wiederherstellen",
        forget: "Verwerfen",
    },
    live: {
        tryNow: "Jetzt versuchen",
        triedAgain: "Es wird alle paar Sekunden erneut versucht.",
        paused: "Laufende Aktualisierung unterbrochen",
        pausedText: "Die Verbindung für laufende Aktualisierungen ist unterbrochen. Diese Seite fragt alle paar Sekunden nach.",
    },
};
