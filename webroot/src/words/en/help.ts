// Help: the pages around the texts in help/.
import { counter, figures } from "../plural";

const count = counter("en-GB");
const figure = figures("en-GB");

export const help = {
    help: {
        title: "Help",
        lead: "Everything here is part of the program and works without internet.",
        open: "Help for this page",
        search: "Search the help",
        found: (n: number) => `${count(n, "place", "places")} found`,
        nothing: "Nothing found",
        nothingMore: "Try fewer or other words.",
        noTopic: "There is no such topic",
        all: "All topics",
        linkHere: "Link to this section",
        combinations: "All combinations",
        groups: { start: "First steps", tasks: "Tasks", operate: "Operation", reference: "Reference" },
        none: "none",
        allowed: "Allowed",
        preset: "Default",
        required: "Must be given.",
        atMost: (n: number) => `${figure(n)} at most`,
        tls: "TLS negotiation",
        sasl: "SASL negotiation",
        dialback: "Dialback",
        result: "What results",
        roles: "Roles",
        anybody: "without signing in",
        parameters: "Parameters",
        request: "Request",
        filterCalls: "Filter the calls",
        calls: (n: number) => count(n, "call", "calls"),
    },
};
