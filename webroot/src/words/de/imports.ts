// Import und Export einer ganzen Konfiguration und dessen, was andere Produkte exportieren.
import type { imports as english } from "../en/imports";
import { counter, figures } from "../plural";

const count = counter("de");
const figure = figures("de");

export const imports: typeof english = {
    imports: {
        title: "Import und Export",
        lead: "Alles Importierte kommt in Ihren Entwurf. Der laufende Verkehr ändert sich erst mit der Übernahme.",
        own: "fedgate-Dokument",
        lync: "Lync oder Skype for Business",
        tabs: "Was importiert wird",
        choose: "Datei auswählen…",
        chooseMany: "Dateien auswählen…",
        drop: "oder hier ablegen",
        dropMany: "oder hier ablegen",
        ownTitle: "Konfiguration importieren",
        ownText: "Ein JSON-Dokument, wie es der Export liefert.",
        mode: "Was mit Vorhandenem geschieht",
        modes: { merge: "Zusammenführen", replace: "Ersetzen" },
        modeHelp: {
            merge: "Was im Dokument steht, wird hinzugefügt oder geändert. Alles andere bleibt.",
            replace: "Danach entspricht Ihr Entwurf dem Dokument. Objekte der darin genannten Arten, die es nicht enthält, werden gelöscht.",
        },
        lyncTitle: "Importieren, was ein anderes Produkt exportiert hat",
        lyncText: "Partner, Richtlinien, Benutzer und Gatewayeinstellungen, wie die Verwaltungsshell sie schreibt: CSV, JSON oder CLIXML. Wählen Sie alle Dateien auf einmal; sie werden nacheinander gelesen, Richtlinien vor den Benutzern, denen sie zugewiesen sind.",
        partners: "Partner importieren als",
        partnersHelp: {
            suspended: "Das alte Gateway bedient sie weiter; aktivieren Sie jeden hier, wenn er umzieht.",
            active: "Sobald Sie übernehmen, können hier Nachrichten fließen. Wählen Sie dies, wenn das alte Gateway ausgeschaltet ist.",
        },
        commands: "Befehle für den Export",
        commandLines:
            "Get-CsXmppAllowedPartner | Export-Clixml partner.xml\nGet-CsExternalAccessPolicy | Export-Clixml richtlinien.xml\nGet-CsUser | Select-Object SipAddress, DisplayName, ExternalAccessPolicy | Export-Csv user.csv\nGet-CsXmppGatewayConfiguration | Export-Clixml gateway.xml",
        migration: "Reihenfolge des Umzugs",
        migrationText: [
            "Importieren Sie, sehen Sie die Befunde durch, und übernehmen Sie, solange der Partnerverbund hier noch ausgeschaltet ist.",
            "Lassen Sie beide Gateways nebeneinander bestehen: Ein hier gesperrter Partner wird weiterhin vom alten bedient.",
            "Ziehen Sie Partner für Partner um: hier aktivieren, dann den SRV-Eintrag auf dieses Gateway richten.",
            "Schalten Sie das alte Gateway aus, wenn es keinen Partner mehr bedient.",
        ],
        run: "In den Entwurf importieren",
        again: "Weiteres importieren",
        failed: "Nicht importiert",
        working: "Wird gelesen:",
        result: "In Ihren Entwurf importiert",
        staged: (n: number) => `${count(n, "Objekt", "Objekte")} im Entwurf`,
        unchanged: (n: number) => `${count(n, "Objekt", "Objekte")} unverändert`,
        nothing: "Alles ist wie zuvor; der Entwurf blieb unberührt.",
        kinds: "Jetzt in Ihrem Entwurf",
        review: "Entwurf prüfen",
        findings: "Befunde",
        noFindings: "Es gibt nichts anzumerken.",
        finding: (n: number) => count(n, "Befund", "Befunde"),
        severity: { error: "Nicht importiert", warning: "Prüfen", info: "Hinweis" },
        columns: { severity: "Schweregrad", what: "Objekt", message: "Befund", file: "Datei" },
        record: (n: number) => `Eintrag ${figure(n)}`,
        filter: "Befunde durchsuchen",
        exportTitle: "Export",
        exportText: "Die übernommene Konfiguration als ein JSON-Dokument, ohne Schlüssel und Geheimnisse. Sie lässt sich hier oder auf einem anderen Computer importieren.",
        exportDo: "Herunterladen",
        exportRevision: (n: number) => `Revision ${figure(n)}, die aktive.`,
        exportNothing: "Es wurde noch nichts übernommen.",
    },
};
