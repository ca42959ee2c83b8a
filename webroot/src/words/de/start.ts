// Der geführte Anfang.
import type { start as english } from "../en/start";
import { counter } from "../plural";

const count = counter("de");

export const start: typeof english = {
    start: {
        title: "Erste Schritte",
        lead: "Vom leeren Gateway zur ersten Nachricht, Schritt für Schritt. Alles landet in Ihrem Entwurf; nichts läuft, bevor Sie committen.",
        later: "Später",
        there: "Schon da",
        saveNext: "Speichern und weiter",
        next: "Weiter",
        skip: "Diesen Schritt überspringen",
        names: { domain: "Eigene Domäne", front_end: "Front-End", partner: "Erster Partner", policy: "Wer darf", federation: "Verbund", commit: "Committen" },
        domain: {
            title: "Ihre Domäne",
            why: "Die SIP-Domäne, die bei Ihren Leuten hinter dem @ steht. Dorthin werden Partner ihnen schreiben. Weitere können Sie später hinzufügen.",
            label: "Domäne",
            another: "Weitere Domäne",
            help: "Ohne sip: und ohne @.",
        },
        frontEnd: {
            title: "Ihr SIP-Server",
            why: "Nachrichten von außen werden hier zugestellt, und Nachrichten nach außen werden nur von hier angenommen. Das hält Fremde fern.",
            host: "Host oder Adresse",
            another: "Weiteres Front-End",
            hostHelp: "Der Server, an dem die Leute Ihrer Domäne angemeldet sind.",
            transport: "Transportprotokoll",
            transportHelp: { tls: "Verschlüsselt, beide Seiten zeigen ein Zertifikat. Empfohlen.", tcp: "Nicht verschlüsselt. Der Server wird allein an seiner Adresse erkannt; für geschützte Netze.", udp: "Nicht verschlüsselt und nur für kurze Nachrichten; für geschützte Netze." },
            port: "Portnummer",
            tlsName: "Name in seinem Zertifikat",
            tlsNameHelp: "Eine Adresse lässt sich nicht mit einem Zertifikat vergleichen, deshalb wird der Name gebraucht.",
        },
        partner: {
            title: "Ihr erster Partner",
            why: "Nur eingetragene Partner erreichen Sie, und Sie nur diese. Unter der Auswahl sehen Sie, wie sich die beiden Server einander ausweisen.",
        },
        policy: {
            title: "Wer von Ihren Leuten darf mit Partnern sprechen?",
            why: "Die globale Richtlinie gilt für alle, die keine andere haben. Sie erlaubt nichts, bis Sie es sagen.",
            label: "Wer darf",
            who: { everybody: "Alle", chosen: "Ausgewählte", nobody: "Noch niemand" },
            help: { everybody: "Die globale Richtlinie erlaubt es. Standorte und Einzelne lassen sich ausnehmen.", chosen: "Eine Richtlinie user:partners wird angelegt. Sie wirkt erst, wenn Sie sie unter Benutzer zuweisen.", nobody: "Nichts geht durch. Sie können das jederzeit ändern." },
        },
        federation: {
            title: "Verbund einschalten",
            why: "Der globale Schalter. Solange er aus ist, ist kein Port offen, und alles andere lässt sich in Ruhe vorbereiten.",
            label: "Verbund",
            onHelp: "Mit dem Commit öffnet das Gateway seine Ports und verbindet sich mit Partnern.",
            offHelp: "Nichts ist offen. Schalten Sie ihn hier oder unter Einstellungen ein, wenn Sie so weit sind.",
        },
        commit: {
            title: "Prüfen und committen",
            why: "Ihr Entwurf enthält alles aus den Schritten davor. Sehen Sie ihn noch einmal an und committen Sie dann: Er wird als Ganzes geprüft, vorbereitet und in Kraft gesetzt.",
            nothing: "In Ihrem Entwurf wartet nichts.",
            missing: (what: string) => `Noch offen: ${what}. Sie können trotzdem committen und später weitermachen.`,
            certificate: "Ohne Zertifikat können Partner mit Ihnen weder TLS noch SASL nutzen:",
            dns: "Partner finden Sie über einen SRV-Eintrag:",
            review: (n: number) => `${count(n, "Änderung", "Änderungen")} ansehen`,
            toOverview: "Zur Übersicht",
        },
    },
};
