// What the engine complains about, each with the page where it is mended.
import { Link } from "../../frame/route";
import { Mark } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { editPath } from "../../routes";
import type { Note, Status } from "../../rest/types";
import { t } from "../../words";

type Remark = Note & { pointer?: string };

interface Place {
    to: string;
    name: string;
}

const names: { [kind: string]: () => string } = {
    settings: () => t.nav.settings,
    partners: () => t.nav.partners,
    policies: () => t.nav.policies,
    users: () => t.nav.users,
    domains: () => t.nav.domains,
    sites: () => t.nav.sites,
    edges: () => t.nav.edges,
    front_ends: () => t.nav.frontEnds,
    trust_anchors: () => t.nav.trust,
    certificate_assignments: () => t.nav.certificates,
};

/** Where it is mended; null when there is nothing to open. */
function place({ code, pointer }: Remark): Place | null {
    if (/^(no_(external|internal)_certificate|certificate_|key_)/.test(code)) return { to: "/certificates", name: t.nav.certificates };
    const [, kind = "", key = "", part = ""] = (pointer ?? "").split("/");
    const name = names[kind]?.();
    if (!name) return null;
    if (kind === "settings") return { to: `/settings#${key === "settings" ? part : key}`, name: t.nav.settings };
    return { to: key ? editPath(kind, key) : "/draft", name: key ? `${name}: ${key}` : name };
}

export function Problems({ status }: { status: Status | null }) {
    const remarks: [Mood, Remark][] = [
        ...(status?.engine.problems ?? []).map((p): [Mood, Remark] => ["bad", p]),
        ...(status?.engine.warnings ?? []).map((p): [Mood, Remark] => ["warn", p]),
    ];
    if (!remarks.length) return null;
    return (
        <ul className="fg-panel fg-rows fg-engine-problems" aria-label={t.overview.problems}>
            {remarks.map(([mood, remark], i) => {
                const there = place(remark);
                return (
                    <li key={i}>
                        <Mark mood={mood} />
                        <div className="fg-grow">{remark.message}</div>
                        {there && (
                            <span className="fg-right">
                                <Link to={there.to}>{t.overview.openPage(there.name)}</Link>
                            </span>
                        )}
                    </li>
                );
            })}
        </ul>
    );
}
