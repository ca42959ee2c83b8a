// What the server names by stable codes, in the language in use. The server itself speaks English; where a catalogue
// lacks a code, its sentence stands.
//
//   problems: one sentence. {0} and {1} are the last numbers of the server's sentence; one that ends with a colon is
//             followed by what the server's sentence is about (below), or by the whole of it.
//   failures: cause and remedy of the failure catalogue.
//   rules:    why a gate lets something pass or not, and what would change that ("" when nothing need).
import { t } from ".";

export interface Codes {
    problems: { [code: string]: string };
    failures: { [id: string]: [cause: string, remedy: string] };
    rules: { [id: string]: [because: string, remedy: string] };
}

/** What a sentence is about, where the words in front of it say the rest. */
const about: { [code: string]: RegExp } = {
    certificate_name_missing: / does not name (\S+)/,
    domain_is_a_partners: / belongs to the partner (\S+) and /,
    domain_taken: / belongs to the partner (\S+?)(?: already)?\.$/,
    outside_scope: /^(.+?) is outside of what /,
    unknown_reference: /^There is no "(.+)" among /,
};

export function problemWords(code: string | undefined, sentence: string): string {
    const text = code === undefined ? undefined : t.codes.problems[code];
    if (!text) return sentence;
    if (/[:：]$/.test(text)) return `${text} ${about[code!]?.exec(sentence)?.[1] ?? sentence}`;
    const numbers = sentence.match(/-?\d+/g) ?? [];
    const wanted = (text.match(/\{\d\}/g) ?? []).length;
    if (numbers.length < wanted) return sentence;
    return text.replace(/\{(\d)\}/g, (_, i: string) => numbers[numbers.length - wanted + Number(i)] ?? "");
}

/** "fabrikam.com: The partner is suspended.": what it is about stays, the sentence changes. */
function because(rule: string, sentence: string): string {
    const words = t.codes.rules[rule];
    if (!words) return sentence;
    const name = /^(\S+): /.exec(sentence)?.[1];
    return name ? `${name}: ${words[0]}` : words[0];
}

type Answer = { [name: string]: unknown };

function inWords(o: Answer): void {
    const { code, message, cause, remedy, rule, because: why } = o;
    if (typeof code === "string" && typeof message === "string") o.message = problemWords(code, message);
    if (typeof code === "string" && typeof cause === "string" && t.codes.failures[code]) {
        [o.cause, o.remedy] = t.codes.failures[code];
    } else if (typeof rule === "string" && typeof why === "string") {
        o.because = because(rule, why);
        if (remedy) o.remedy = t.codes.rules[rule]?.[1] || remedy;
    }
}

/** Puts everything in an answer that has a code into words; changes the answer itself. */
export function localize(answer: unknown): void {
    if (!Object.keys(t.codes.problems).length) return;
    if (Array.isArray(answer)) answer.forEach(localize);
    else if (answer && typeof answer === "object") {
        Object.values(answer).forEach((part) => part && typeof part === "object" && localize(part));
        inWords(answer as Answer);
    }
}
