// What needs somebody: commits that wait, partners that fail, agreements that end, drafts that nobody owns.
import { Link } from "../../frame/route";
import { ago, authorName, clock, daysLeft, fullTime, shortDate, untilDays } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { Loaded } from "../../rest/useLoad";
import type { Approval, Page, Partner, Status } from "../../rest/types";
import { t } from "../../words";
import { partnerPath } from "../partners/PartnerRow";

interface Need {
    key: string;
    mood: Mood;
    to: string;
    name: string;
    /** A domain, not a sentence. */
    mono?: boolean;
    text: string;
}

interface OtherDraft {
    owner: string;
    name: string;
    changes: number;
    orphaned: boolean;
}

const few = 8;
/** An agreement that ends within so many days is told before. */
const soon = 14;

const usePage = <T,>(path: string | null, every: number): Loaded<Page<T>> => useGet<Page<T>>(path, { every });

const partner = (p: Partner, mood: Mood, why: string, text: string): Need => ({
    key: `${why} ${p.domain}`,
    mood,
    to: partnerPath(p.domain),
    name: p.domain,
    mono: true,
    text,
});

/** Those that fail first, then what a date or the settings say; the server orders them, the earliest date first. */
function usePartnerNeeds(): { needs: Need[]; more: number; loaded: boolean } {
    const list = (filter: string) => `/partners?include=status&limit=${few}&${filter}`;
    const failing = usePage<Partner>(list("status=failing&sort=-last_failure"), 10000).data;
    const agreements = usePage<Partner>("/partners?valid_until=*-*&sort=valid_until&limit=100", 60000).data?.items ?? [];
    const reviews = usePage<Partner>("/partners?review_date=*-*&sort=review_date&limit=100", 60000).data?.items ?? [];
    const clear = usePage<Partner>(list("warnings=unencrypted_always"), 60000).data;
    const past = (at: string | null) => new Date(at!).getTime() <= Date.now();
    const o = t.overview;
    const over = agreements.filter((p) => past(p.valid_until));
    const ending = agreements.filter((p) => !past(p.valid_until) && daysLeft(p.valid_until!) < soon);
    const groups: [Page<Partner> | null, Need[]][] = [
        [failing, (failing?.items ?? []).map((p) => partner(p, "bad", "failing", p.status?.last_failure?.cause ?? t.liveState.failing))],
        [null, over.map((p) => partner(p, "bad", "over", o.agreementEnded(shortDate(new Date(p.valid_until!)))))],
        [null, ending.map((p) => partner(p, "warn", "ends", o.agreementEnds(untilDays(p.valid_until!))))],
        [null, reviews.filter((p) => past(p.review_date)).map((p) => partner(p, "warn", "review", o.reviewDue(shortDate(new Date(p.review_date!)))))],
        [clear, (clear?.items ?? []).map((p) => partner(p, "warn", "clear", t.warning.nothing_encrypted))],
    ];
    const more = groups.reduce((sum, [page, list]) => sum + Math.max(0, (page?.total ?? 0) - list.length), 0);
    return { needs: groups.flatMap(([, list]) => list), more, loaded: !!failing && !!clear };
}

function useCommitNeeds(status: Status | null): Need[] {
    const { session } = useSession();
    const approvals = usePage<Approval>("/approvals?sort=-created_at&limit=100", 10000).data?.items ?? [];
    const drafts = usePage<OtherDraft>(session?.role === "administrator" ? "/drafts" : null, 60000).data?.items ?? [];
    const o = t.overview;
    const pending = status?.pending_confirmation;
    const needs: Need[] = [];
    if (pending) {
        const time = clock(new Date(pending.deadline));
        needs.push({ key: "pending", mood: "warn", to: `/revisions/${pending.revision}`, name: o.revision(pending.revision), text: o.unconfirmed(pending.revision, time) });
    }
    for (const a of approvals.filter((item) => item.state === "waiting" || item.state === "scheduled")) {
        const who = authorName(a.author);
        const text = a.state === "scheduled" && a.at ? o.runsAt(who, fullTime(a.at)) : o.waitsApproval(who, ago(a.created_at));
        needs.push({ key: `commit ${a.id}`, mood: "wait", to: `/approvals/${a.id}`, name: a.comment || o.noComment, text });
    }
    for (const d of drafts.filter((item) => item.orphaned)) {
        needs.push({ key: d.owner, mood: "open", to: "/draft", name: o.leftDraft(d.name), text: o.leftDraftText(d.changes) });
    }
    return needs;
}

export function NeedsCard({ status }: { status: Status | null }) {
    const commits = useCommitNeeds(status);
    const partners = usePartnerNeeds();
    const needs = [...commits, ...partners.needs];
    const total = needs.length + partners.more;
    return (
        <Panel title={t.overview.needs} note={total || undefined} ruled>
            {partners.loaded && !total && (
                <p className="fg-marked">
                    <Mark mood="good" /> {t.overview.needsNothing}
                </p>
            )}
            <Rows>
                {needs.slice(0, few).map((need) => (
                    <li key={need.key}>
                        <Mark mood={need.mood} />
                        <div>
                            <Link to={need.to} className={need.mono ? "fg-mono" : undefined}>
                                {need.name}
                            </Link>
                            <div className="fg-second">{need.text}</div>
                        </div>
                    </li>
                ))}
            </Rows>
            {total > few && <Link to="/partners">{t.common.more(total - few)}</Link>}
        </Panel>
    );
}
