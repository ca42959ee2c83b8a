// Beside the review: what stands in the way, and what becomes of the living streams.
import { Link } from "../../frame/route";
import { ago } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import type { Draft, DraftProblem, Impact } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";

/** What POST /draft/check answers, as far as it is shown. */
export interface Checked {
    problems?: DraftProblem[];
    warnings?: DraftProblem[];
    impact?: Impact | null;
}

/** The problems of the draft and those that only the check can find, each once. */
export function problemsOf(draft: Draft, checked: Checked | null): DraftProblem[] {
    return unique([...draft.problems, ...(checked?.problems ?? [])]);
}

function unique(list: DraftProblem[]): DraftProblem[] {
    const seen = new Set<string>();
    return list.filter((p) => {
        const mark = [p.kind, p.key, p.pointer, p.code].join("\u0000");
        return seen.has(mark) ? false : seen.add(mark);
    });
}

export function ProblemRow({ problem, mood }: { problem: DraftProblem; mood: "bad" | "warn" }) {
    return (
        <li>
            <Mark mood={mood} />
            <div>
                {problem.key && (
                    <Link to={editPath(problem.kind, problem.key)} className="fg-mono">
                        {problem.kind === "settings" ? t.nav.settings : problem.key}
                    </Link>
                )}
                <div className="fg-second">{problem.message}</div>
            </div>
        </li>
    );
}

export function ProblemsPanel({ draft, checked, at }: { draft: Draft; checked: Checked | null; at: number | null }) {
    const problems = problemsOf(draft, checked);
    const warnings = unique([...draft.warnings, ...(checked?.warnings ?? [])]);
    return (
        <Panel title={t.review.problems} note={at ? t.review.checked(ago(at)) : undefined} ruled>
            <Rows>
                {!problems.length && !draft.conflicts.length && (
                    <li>
                        <Mark mood="good" />
                        <div>{t.review.nothingStops}</div>
                    </li>
                )}
                {draft.conflicts.map((c) => (
                    <ProblemRow
                        key={`${c.kind}/${c.key}`}
                        mood="bad"
                        problem={{ kind: c.kind, key: c.key, code: "conflict", message: t.review.conflict }}
                    />
                ))}
                {problems.map((p, i) => (
                    <ProblemRow key={i} problem={p} mood="bad" />
                ))}
                {warnings.map((p, i) => (
                    <ProblemRow key={i} problem={p} mood="warn" />
                ))}
            </Rows>
        </Panel>
    );
}
