// The modules that help.mjs makes from the help texts.
type HelpNode = string | [kind: string, ...rest: (HelpNode | HelpNode[] | HelpNode[][])[]];

interface HelpTopic {
    name: string;
    title: string;
    lead: string;
    load: () => Promise<{ default: HelpNode[] }>;
}

interface HelpEntry {
    topic: string;
    section: string;
    title: string;
    text: string;
}

declare module "help:index" {
    export const groups: { group: string; topics: string[] }[];
    export const help: { [language: string]: { topics: HelpTopic[]; search: () => Promise<{ default: HelpEntry[] }> } };
}
