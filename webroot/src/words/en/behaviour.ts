// How the panel behaves: what two people changed at once, work that takes long, who may do what, what was typed
// before, and whether the page still hears from the gateway.
import { counter } from "../plural";

const count = counter("en");

export const behaviour = {
    conflict: {
        title: (name: string) => `Someone else changed ${name} meanwhile`,
        titleBy: (name: string, who: string, when: string) => `${who} changed ${name} meanwhile (${when})`,
        text: "Your input is still here. Choose for each difference; nothing is saved before you say so.",
        before: "Before",
        mine: "Yours",
        theirs: "Theirs",
        both: "changed by both",
        onlyMine: "changed only by you",
        onlyTheirs: "changed only by them",
        allMine: "Yours everywhere",
        allTheirs: "Theirs everywhere",
        left: (n: number) => `${count(n, "difference is", "differences are")} still to be decided.`,
        decided: "Every difference is decided.",
        save: "Save what is chosen",
        whole: "The whole object",
        there: "Keep it",
        gone: "Deleted",
        same: "There is no difference any more: both of you typed the same.",
    },
    jobs: {
        title: "Work in progress",
        running: (n: number) => `${count(n, "job runs", "jobs run")}`,
        kinds: {
            users_import: "Import of users",
        } as { [what: string]: string },
        states: { running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" },
        progress: (done: string, total: string) => `${done} of ${total}`,
        soFar: (done: string) => `${done} so far`,
        starting: "Starting…",
        cancel: "Cancel",
        cancelOne: (name: string) => `Cancel: ${name}`,
        cancelling: "Cancelling…",
        dismiss: "Clear",
        dismissOne: (name: string) => `Clear: ${name}`,
        lost: "This job is not known any more: the gateway was started anew, or it ended long ago.",
    },
    may: {
        scope: (what: string) => `Your account may change only ${what}.`,
        scopeSites: (names: string) => `the sites ${names} with their users`,
        scopePartners: (patterns: string) => `the partners ${patterns}`,
        and: " and ",
    },
    kept: {
        title: "There is input of yours that was not saved",
        text: (when: string) => `It was typed here ${when}. Passwords and keys were not kept.`,
        restore: "Restore what you typed",
        forget: "Discard it",
    },
    live: {
        tryNow: "Try now",
        triedAgain: "It is tried again every few seconds.",
        paused: "Live updates are paused",
        pausedText: "The connection for live updates is down. This page asks again every few seconds.",
    },
};
