// What has happened since a commit.
import { counter } from "../plural";

const count = counter("en-GB");

export const since = {
    since: {
        title: "Since the commit",
        live: "updates live",
        object: "Object",
        what: "What happened",
        result: "Result",
        when: "When",
        works: "Works",
        nothingYet: "No traffic yet.",
        tryNow: "Try now",
        trying: "Trying…",
        first: "New, no connection yet",
        noStream: "No stream now",
        streams: (n: number) => count(n, "stream", "streams"),
        elseTitle: "Everything else",
        stayed: (n: number) => `${count(n, "stream", "streams")} stayed up.`,
        noNewFailure: "No new failure since the commit.",
        newFailures: (n: number) => (n === 1 ? "fails since the commit." : `and in total ${count(n, "partner fails", "partners fail")} since the commit.`),
        asBefore: (n: number) => (n === 1 ? "fails as before; this commit did not touch it." : `and in total ${count(n, "partner fails", "partners fail")} as before; this commit did not touch them.`),
    },
};
