// How far a waiting commit is, as icon and word.
import { Marked } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import type { Approval } from "../../rest/types";
import { t } from "../../words";

const mood: { [state in Approval["state"]]: Mood } = {
    waiting: "wait",
    scheduled: "wait",
    committed: "good",
    rejected: "open",
    failed: "bad",
};

export function ApprovalMark({ state }: { state: Approval["state"] }) {
    return <Marked mood={mood[state]}>{t.approvals.state[state]}</Marked>;
}
