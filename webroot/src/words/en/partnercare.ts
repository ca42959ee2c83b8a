// Partners: what a change cuts, whose a domain is, what is wrong with one, and links that nothing protects.
import { counter } from "../plural";

const count = counter("en");

export const partnerCare = {
    partnerCare: {
        suspend: "Suspend…",
        suspendOne: (domain: string) => `Suspend ${domain}?`,
        suspendMany: "Suspend the selected partners?",
        suspendNow: "Suspend",
        suspendText: "It goes into your draft. After the commit nobody can write in either direction until you activate it again.",
        cut: (streams: number, queued: number) =>
            `The commit closes ${count(streams, "live stream", "live streams")} and returns ${count(queued, "waiting message", "waiting messages")} to the senders.`,
        noMore: "Their contacts can write to our users no more.",
        anew: (n: number) => `${count(n, "live stream is", "live streams are")} set up anew on the new terms.`,
        stay: (n: number) => `${count(n, "live stream stays", "live streams stay")} up.`,
        taken: (domain: string, partner: string) => `${domain} belongs to the partner ${partner} already.`,
        ours: (domain: string) => `${domain} is one of our own domains.`,
        primary: (domain: string) => `${domain} is the primary domain above.`,
        outside: (domain: string, why: string) => `${domain} is outside of what your account may change. ${why}`,
        refused: (n: number) => `${count(n, "entry was", "entries were")} not taken; correct or remove ${n === 1 ? "it" : "them"} here:`,
        faults: {
            address: "an address; leave out everything up to the @",
            web: "a web address; enter only its domain",
            ip: "an IP address, not a domain",
            star: "no pattern is possible here; name each domain",
            inner: "* can stand at the beginning or at the end only",
            long: "longer than a domain can be",
            dots: "two dots in a row, or a dot at the beginning",
            other: "letters, digits, hyphens and dots only",
        },
        clearTitle: "Nothing is encrypted",
        clearText: "Anyone on the way can read and change every message, and only dialback tells who is speaking. Some old public services, such as Google Talk, ask for it; everybody else should not.",
        clearOne: "Unencrypted",
        oneByOne: "Your account may change some partners only: select them one by one.",
    },
};
