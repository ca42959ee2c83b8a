// Which topic explains which page; check-help.mjs proves that none is forgotten.
const topics: [page: string, topic: string][] = [
    ["/", "getting-started"],
    ["/partners", "partners"],
    ["/policies", "policies"],
    ["/users", "users"],
    ["/domains", "topology"],
    ["/sites", "topology"],
    ["/edges", "topology"],
    ["/front-ends", "topology"],
    ["/topology", "topology"],
    ["/import", "migration"],
    ["/certificates", "certificates"],
    ["/trust", "certificates"],
    ["/streams", "troubleshooting"],
    ["/why", "troubleshooting"],
    ["/draft", "commit"],
    ["/revisions", "commit"],
    ["/approvals", "commit"],
    ["/settings", "settings"],
    ["/administrators", "accounts"],
    ["/tokens", "accounts"],
    ["/profile", "accounts"],
    ["/audit", "audit"],
    ["/start", "getting-started"],
];

/** The topic of the page at a path, or null where there is none. */
export function topicOf(path: string): string | null {
    const first = `/${path.split("/")[1] ?? ""}`;
    return topics.find(([page]) => page === first)?.[1] ?? null;
}
