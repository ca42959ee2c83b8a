// A partner's page: its history, and trying to connect now.
import { counter } from "../plural";

const count = counter("en");

export const partnerLife = {
    partnerLife: {
        history: "History",
        commits: "Commits that touched this partner",
        revision: (n: number) => `Revision ${n}`,
        noComment: "no comment",
        noCommit: "No commit has touched this partner yet.",
        count: (n: number) => count(n, "commit", "commits"),
        audit: "Show in the audit",
        retry: "Try again now",
        asked: "We are trying.",
        next: (at: string, attempts: string) => `Tried again by itself at ${at}; attempts so far: ${attempts}.`,
        detail: "What was seen",
    },
};
