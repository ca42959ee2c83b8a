// One change for one user, many users, or everyone who fits a filter. The server counts first what would happen.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useEffect, useState } from "react";
import { Link } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { Labelled } from "../../parts/Labelled";
import { Mark } from "../../parts/Marks";
import { Failed } from "../../parts/States";
import { rest } from "../../rest/client";
import { t } from "../../words";
import { policyName, useUserPolicies } from "./users";

export type What = "grant" | "ungrant" | "exclude" | "include" | "delete";
export type Target = { users: string[] } | { filter: { [field: string]: string } };

interface Outcome {
    matched: number;
    staged: number;
    unchanged: number;
    rejected: { key: string; code: string; message: string }[];
}

interface Asked {
    what: What;
    policy: string;
    target: Target;
}

/** Stages the change, or with `dry` only counts. */
async function change({ what, policy, target }: Asked, dry: boolean): Promise<Outcome> {
    if (what === "grant" || what === "ungrant") {
        const body = { ...target, policy: what === "grant" ? policy : null, dry_run: dry };
        return (await rest.post<Outcome>("/users/assign", body, dry)).data;
    }
    const whom = "users" in target ? { keys: target.users } : { filter: target.filter };
    const op = what === "delete" ? { op: "delete" } : { op: "patch", value: { xmpp_excluded: what === "exclude" } };
    return (await rest.post<Outcome>("/draft/bulk", { kind: "users", ...whom, ...op, dry_run: dry }, dry)).data;
}

function useCount(asked: Asked): { outcome: Outcome | null; error: unknown } {
    const [state, set] = useState<{ outcome: Outcome | null; error: unknown }>({ outcome: null, error: null });
    const ready = asked.what !== "grant" || asked.policy !== "";
    const key = JSON.stringify(asked);
    useEffect(() => {
        set({ outcome: null, error: null });
        if (!ready) return undefined;
        let current = true;
        change(JSON.parse(key) as Asked, true)
            .then((outcome) => current && set({ outcome, error: null }))
            .catch((error: unknown) => current && set({ outcome: null, error }));
        return () => {
            current = false;
        };
    }, [key, ready]);
    return state;
}

function Whom({ target }: { target: Target }) {
    if ("filter" in target) return <p>{Object.keys(target.filter).length ? t.users.whomFilter : t.users.whomAll}</p>;
    if (target.users.length === 1) return <p className="fg-mono fg-anywhere">{target.users[0]}</p>;
    return (
        <div>
            <p>{t.users.whom(target.users.length)}</p>
            <p className="fg-second fg-mono fg-anywhere">
                {target.users.slice(0, 6).join(", ")} {target.users.length > 6 && t.common.more(target.users.length - 6)}
            </p>
        </div>
    );
}

interface CountedProps {
    what: What;
    policy: string;
    outcome: Outcome;
    /** Goes on without the rejected ones: all is staged or nothing. */
    leaveOut: ((keys: string[]) => void) | null;
}

function Counted({ what, policy, outcome, leaveOut }: CountedProps) {
    const { staged, unchanged, rejected } = outcome;
    return (
        <>
            <p className="fg-marked">
                <Mark mood={staged ? "good" : "open"} />
                <span>{staged ? t.users.will[what](staged, policyName(policy)) : t.users.nobody}</span>
            </p>
            {unchanged > 0 && (
                <p className="fg-marked">
                    <Mark mood="open" />
                    <span>{t.users.already(unchanged)}</span>
                </p>
            )}
            {rejected.length > 0 && (
                <div className="fg-marked">
                    <Mark mood="bad" />
                    <div>
                        {t.users.rejected(rejected.length)}
                        <ul className="fg-anywhere">
                            {rejected.slice(0, 10).map((r) => (
                                <li key={r.key}>
                                    <span className="fg-mono">{r.key}</span>: {r.message}
                                </li>
                            ))}
                        </ul>
                        {rejected.length > 10 && <p>{t.common.more(rejected.length - 10)}</p>}
                        {leaveOut && (
                            <Button variant="link" isInline onClick={() => leaveOut(rejected.map((r) => r.key))}>
                                {t.users.leaveOut}
                            </Button>
                        )}
                    </div>
                </div>
            )}
        </>
    );
}

interface ChooseProps {
    policy: string;
    policies: string[] | null;
    choose: (policy: string) => void;
}

function ChoosePolicy({ policy, policies, choose }: ChooseProps) {
    if (policies && !policies.length) {
        return (
            <p>
                {t.users.noPolicy} <Link to="/policies/new">{t.users.makePolicy}</Link>
            </p>
        );
    }
    return (
        <Labelled label={t.users.policy} help={t.users.policyHelp}>
            {(id, helpId) => (
                <select id={id} className="fg-select" value={policy} onChange={(e) => choose(e.target.value)} aria-describedby={helpId}>
                    <option value="">{t.common.chooseOne}</option>
                    {policies?.map((identity) => (
                        <option key={identity} value={identity}>
                            {policyName(identity)}
                        </option>
                    ))}
                </select>
            )}
        </Labelled>
    );
}

interface DialogueProps {
    what: What;
    target: Target;
    /** A policy chosen already. */
    given?: string;
    close: () => void;
    done?: () => void;
}

export function ChangeUsers({ what, target: wanted, given, close, done }: DialogueProps) {
    const [target, setTarget] = useState(wanted);
    const [policy, choose] = useState(given ?? "");
    const policies = useUserPolicies();
    const asked = { what, policy, target };
    const { outcome, error } = useCount(asked);
    const leaveOut = (keys: string[]) => "users" in target && setTarget({ users: target.users.filter((a) => !keys.includes(a)) });
    const counting = !outcome && !error && (what !== "grant" || policy !== "");
    return (
        <Ask
            title={t.users.dialogue[what]}
            action={what === "delete" ? t.common.removeNow : t.users.stage}
            danger={what === "delete"}
            disabled={!outcome?.staged || outcome.rejected.length > 0}
            close={close}
            run={async () => {
                await change(asked, false);
                done?.();
            }}
        >
            <Whom target={target} />
            {what === "grant" && !given && <ChoosePolicy policy={policy} policies={policies} choose={choose} />}
            <p className="fg-second">{t.users.does[what]}</p>
            <div role="status" className="fg-outcome">
                {counting && <span className="fg-muted">{t.users.counting}</span>}
                {outcome && <Counted what={what} policy={policy} outcome={outcome} leaveOut={"users" in target ? leaveOut : null} />}
            </div>
            {error !== null && <Failed title={t.common.loadFailed} error={error} />}
        </Ask>
    );
}
