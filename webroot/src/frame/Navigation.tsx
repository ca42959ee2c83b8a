// The navigation: all groups open. Only pages that exist stand here.
import { useLive } from "../rest/live";
import { t } from "../words";
import { Link, useRoute } from "./route";

interface Entry {
    to: string;
    text: string;
}

function groups(): { title: string | null; entries: Entry[] }[] {
    const n = t.nav;
    return [
        { title: null, entries: [{ to: "/", text: n.overview }] },
        {
            title: n.federation,
            entries: [
                { to: "/partners", text: n.partners },
                { to: "/policies", text: n.policies },
                { to: "/users", text: n.users },
            ],
        },
        {
            title: n.topology,
            entries: [
                { to: "/domains", text: n.domains },
                { to: "/sites", text: n.sites },
                { to: "/edges", text: n.edges },
                { to: "/front-ends", text: n.frontEnds },
            ],
        },
        {
            title: n.security,
            entries: [
                { to: "/certificates", text: n.certificates },
                { to: "/trust", text: n.trust },
            ],
        },
        {
            title: n.operations,
            entries: [
                { to: "/streams", text: n.streams },
                { to: "/why", text: n.why },
            ],
        },
        {
            title: n.configuration,
            entries: [
                { to: "/draft", text: n.draft },
                { to: "/approvals", text: t.approvals.title },
                { to: "/revisions", text: n.revisions },
                { to: "/import", text: n.imports },
                { to: "/settings", text: n.settings },
            ],
        },
        {
            title: n.administration,
            entries: [
                { to: "/administrators", text: n.administrators },
                { to: "/tokens", text: n.tokens },
                { to: "/audit", text: t.audit.title },
            ],
        },
    ];
}

export function Navigation({ onFollow }: { onFollow: () => void }) {
    const { path } = useRoute();
    const { draft } = useLive();
    const count = draft.data?.summary.count ?? 0;
    const isHere = (to: string) => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`));
    return (
        <nav aria-label={t.nav.label} className="fg-nav">
            {groups().map((group, i) => (
                <section key={i}>
                    {group.title && <h2>{group.title}</h2>}
                    <ul>
                        {group.entries.map((entry) => (
                            <li key={entry.to}>
                                <Link
                                    to={entry.to}
                                    onClick={onFollow}
                                    aria-current={isHere(entry.to) ? "page" : undefined}
                                >
                                    {entry.text}
                                    {entry.to === "/draft" && count > 0 && (
                                        <span className="fg-nav-count">
                                            <span aria-hidden="true">{count}</span>
                                            <span className="fg-hidden">{t.nav.changes(count)}</span>
                                        </span>
                                    )}
                                </Link>
                            </li>
                        ))}
                    </ul>
                </section>
            ))}
        </nav>
    );
}
