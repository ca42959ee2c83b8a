// A commit that was not kept was taken back: says so on every page, and why, until somebody has read it here.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { Mark } from "../parts/Marks";
import { useGet } from "../rest/useLoad";
import type { Page, Revision } from "../rest/types";
import { t } from "../words";
import { Link } from "./route";

const read = "fedgate.read-revert";
/** The gateway's own name as an author: nobody pressed a button. */
const clock = "system";

/** The gateway wrote the comment, in English: its two sentences are known here. */
function reason(comment: string | null): string {
    if (!comment || comment === "Not confirmed in time.") return t.taken.lapsed;
    const partner = /^Taken back by itself: (\S+) worked before /.exec(comment)?.[1];
    return partner ? t.taken.lost(partner, comment) : comment;
}

export function Reverted() {
    // From the list: the revision itself comes with every change in it.
    const data = useGet<Page<Revision>>("/revisions?limit=1").data?.items[0];
    const [seen, setSeen] = useState(() => Number(localStorage.getItem(read)));
    if (!data?.reverts || data.author !== clock || seen >= data.revision) return null;
    const understood = () => {
        localStorage.setItem(read, String(data.revision));
        setSeen(data.revision);
    };
    return (
        <section className="fg-bar fg-taken" role="status">
            <Mark mood="warn" />
            <span className="fg-bar-text">
                <b>{t.taken.title(data.reverts)}.</b> {t.taken.why(reason(data.comment), data.revision)}
            </span>
            <span className="fg-fill" />
            <Link to={`/revisions/${data.reverts}`}>{t.taken.look}</Link>
            <Button variant="secondary" size="sm" onClick={understood}>
                {t.taken.dismiss}
            </Button>
        </section>
    );
}
