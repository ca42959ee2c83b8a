// The guided first start.
import { counter } from "../plural";

const count = counter("en-GB");

export const start = {
    start: {
        title: "First steps",
        lead: "From an empty gateway to the first message, one step at a time. Everything lands in your draft; nothing runs before you commit.",
        later: "Later",
        there: "There already",
        saveNext: "Save and continue",
        next: "Continue",
        skip: "Skip this step",
        names: { domain: "Home domain", front_end: "Front end", partner: "First partner", policy: "Who may", federation: "Federation", commit: "Commit" },
        domain: {
            title: "Your domain",
            why: "The SIP domain your people have after the @. Partners will write to them there. You can add more later.",
            label: "Domain",
            another: "Another domain",
            help: "Without sip: and without @.",
        },
        frontEnd: {
            title: "Your SIP server",
            why: "Messages from outside are delivered here, and messages to the outside are accepted only from here. That is what keeps strangers out.",
            host: "Host or address",
            another: "Another front end",
            hostHelp: "The server your domain's people are registered at.",
            transport: "Transport",
            transportHelp: { tls: "Encrypted, both sides show a certificate. Recommended.", tcp: "Not encrypted. The server is known by its address alone; for protected networks.", udp: "Not encrypted and limited to short messages; for protected networks." },
            port: "Port",
            tlsName: "Name in its certificate",
            tlsNameHelp: "An address cannot be compared with a certificate, so the name is needed.",
        },
        partner: {
            title: "Your first partner",
            why: "Only listed partners can reach you, and you can reach only them. Below the choices you see how the two servers will prove themselves to each other.",
        },
        policy: {
            title: "Who of your people may talk to partners?",
            why: "The global policy holds for everybody who has no other. It allows nothing until you say so.",
            label: "Who may",
            who: { everybody: "Everybody", chosen: "People I choose", nobody: "Nobody yet" },
            help: { everybody: "The global policy allows it. Sites and single people can still be excepted.", chosen: "A policy user:partners is made. It has no effect until you grant it under Users.", nobody: "Nothing passes. You can change this at any time." },
        },
        federation: {
            title: "Switch federation on",
            why: "The global switch. While it is off, no port is open, and everything else can be prepared in peace.",
            label: "Federation",
            onHelp: "With the commit the gateway opens its ports and connects to partners.",
            offHelp: "Nothing is open. Switch it on here or under Settings when you are ready.",
        },
        commit: {
            title: "Review and commit",
            why: "Your draft holds everything from the steps before. Look at it once more, then commit: it is checked, prepared and made to run as a whole.",
            nothing: "Nothing waits in your draft.",
            missing: (what: string) => `Still open: ${what}. You can commit all the same and go on later.`,
            certificate: "Without a certificate partners can use neither TLS nor SASL with you:",
            dns: "Partners find you by an SRV record:",
            review: (n: number) => `Review ${count(n, "change", "changes")}`,
            toOverview: "To the overview",
        },
    },
};
