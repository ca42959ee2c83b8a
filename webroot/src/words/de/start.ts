// Der geführte Anfang.
import type { start as english } from "../en/start";
import { counter } from "../plural";

const count = counter("de");

export const start: typeof english = {
    start: {
        title: "Erste Schritte",
        lead: "Vom leeren Gateway zur ersten Nachricht, Schritt für Schritt. Alles landet in Ihrem Entwurf; aktiv wird nichts, bevor Sie es übernehmen.",
        later: "Später",
        there: "Schon da",
        saveNext: "Speichern und weiter",
        next: "Weiter",
        skip: "Diesen Schritt überspringen",
        names: { domain: "Eigene Domäne", front_end: "Front-End-Server", partner: "Erster Partner", policy: "Wer darf", federation: "Partnerverbund", commit: "Übernehmen" },
        domain: {
            title: "Ihre Domäne",
            why: "Die SIP-Domäne, die in den Adressen Ihrer Benutzer hinter dem @ steht. Unter ihr erreichen Partner Ihre Benutzer. Weitere können Sie später hinzufügen.",
            label: "Domäne",
            another: "Weitere Domäne",
            help: "Ohne sip: und ohne @.",
        },
        frontEnd: {
            title: "Ihr SIP-Server",
            why: "Nachrichten von außen werden hier zugestellt, und Nachrichten nach außen werden nur von hier angenommen. Das hält Fremde fern.",
            host: "Host oder Adresse",
            another: "Weiterer Front-End-Server",
            hostHelp: "Der Server, an dem die Benutzer Ihrer Domäne angemeldet sind.",
            transport: "Transportprotokoll",
            transportHelp: { tls: "Verschlüsselt, beide Seiten weisen ein Zertifikat vor. Empfohlen.", tcp: "Nicht verschlüsselt. Der Server wird allein an seiner Adresse erkannt; für geschützte Netze.", udp: "Nicht verschlüsselt und nur für kurze Nachrichten; für geschützte Netze." },
            port: "Portnummer",
            tlsName: "Name in seinem Zertifikat",
            tlsNameHelp: "Eine Adresse lässt sich nicht mit einem Zertifikat vergleichen, deshalb wird der Name gebraucht.",
        },
        partner: {
            title: "Ihr erster Partner",
            why: "Nur aufgeführte Partner erreichen Sie, und Sie erreichen nur diese. Unter der Auswahl sehen Sie, wie sich die beiden Server einander ausweisen.",
        },
        policy: {
            title: "Wer von Ihren Benutzern darf Partnern schreiben?",
            why: "Die globale Richtlinie gilt für alle, die keine andere haben. Sie erlaubt nichts, bis Sie etwas zulassen.",
            label: "Wer darf",
            who: { everybody: "Alle", chosen: "Ausgewählte", nobody: "Noch niemand" },
            help: { everybody: "Die globale Richtlinie erlaubt es. Standorte und einzelne Benutzer lassen sich ausnehmen.", chosen: "Die Richtlinie user:partners wird angelegt. Sie bewirkt nichts, bis Sie sie unter „Benutzer“ zuweisen.", nobody: "Es wird nichts übermittelt. Sie können das jederzeit ändern." },
        },
        federation: {
            title: "Partnerverbund einschalten",
            why: "Der Hauptschalter. Solange er aus ist, ist kein Port offen, und alles andere lässt sich in Ruhe vorbereiten.",
            label: "Partnerverbund",
            onHelp: "Mit der Übernahme öffnet das Gateway seine Ports und verbindet sich mit Partnern.",
            offHelp: "Nichts ist offen. Schalten Sie ihn hier oder unter „Einstellungen“ ein, wenn Sie so weit sind.",
        },
        commit: {
            title: "Prüfen und übernehmen",
            why: "Ihr Entwurf enthält alles aus den Schritten davor. Sehen Sie ihn noch einmal an, und übernehmen Sie ihn dann: Er wird als Ganzes geprüft, vorbereitet und aktiviert.",
            nothing: "In Ihrem Entwurf wartet nichts.",
            missing: (what: string) => `Noch offen: ${what}. Sie können trotzdem übernehmen und später weitermachen.`,
            certificate: "Ohne Zertifikat können Partner mit Ihnen weder TLS noch SASL nutzen:",
            dns: "Partner finden Sie über einen SRV-Eintrag:",
            review: (n: number) => `${count(n, "Änderung", "Änderungen")} ansehen`,
            toOverview: "Zur Übersicht",
        },
    },
};
