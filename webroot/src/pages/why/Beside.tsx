// Beside the answer: what would change it, and the same question the other way round.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import type { ReactNode } from "react";
import { Link } from "../../frame/route";
import { Mark } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";
import { userPath } from "../users/users";
import { explainPath, failed, gateName, innerOf, placeOf } from "./question";
import type { Explanation, Question } from "./question";

interface BesideProps {
    answer: Explanation;
    question: Question;
    ask: (question: Question) => void;
}

function Row({ mood, title, text, children }: { mood: Mood; title: string; text: string; children?: ReactNode }) {
    return (
        <li>
            <Mark mood={mood} />
            <div className="fg-anywhere">
                {title}
                <div className="fg-second">{text}</div>
                {children}
            </div>
        </li>
    );
}

/** The same question against the other of the two: what runs, or the draft. */
function OtherView({ answer, question, ask }: BesideProps) {
    const w = t.why;
    const inDraft = question.view === "draft";
    const other = { ...question, view: inDraft ? "" : "draft" };
    const { data } = useGet<Explanation>(explainPath(other));
    if (!data) return null;
    const same = data.verdict === answer.verdict && data.rule === answer.rule;
    const allow = data.verdict === "allow";
    const decider = data.steps.find(failed);
    const text = allow ? w.allowedShort : w.refusedShort(decider ? gateName(decider.gate) : data.rule);
    const title = inDraft ? (same ? w.runningSame : w.runningOther) : same ? w.draftSame : w.draftOther;
    return (
        <Row mood={same ? "open" : allow ? "good" : "bad"} title={title} text={text}>
            <Button variant="link" isInline onClick={() => ask(other)}>
                {inDraft ? w.changeRunningDo : w.changeDraftDo}
            </Button>
        </Row>
    );
}

function WhatWouldChange(props: BesideProps) {
    const { answer, question } = props;
    const { draft } = useLive();
    const w = t.why;
    const drafted = question.view === "draft" || (draft.data?.summary.count ?? 0) > 0;
    const step = answer.steps.find(failed);
    const place = placeOf(step);
    const inner = step?.gate === "policy" ? innerOf(answer, question) : null;
    return (
        <Panel title={w.change} ruled>
            <Rows>
                {drafted && <OtherView {...props} />}
                {step && (
                    <Row mood="open" title={w.changeObject} text={answer.remedy || step.because}>
                        {place && <Link to={place.path}>{w.changeObjectDo(place.name)}</Link>}
                    </Row>
                )}
                {inner && (
                    <Row mood="open" title={w.onlyOne} text={w.onlyOneText}>
                        <Link to={userPath(inner)} className="fg-mono">
                            {inner}
                        </Link>
                    </Row>
                )}
                {!step && !drafted && <li className="fg-muted">{w.nothingToChange}</li>}
            </Rows>
        </Panel>
    );
}

function OtherWay({ question, ask }: { question: Question; ask: (question: Question) => void }) {
    const swapped = { ...question, from: question.to, to: question.from };
    const { data } = useGet<Explanation>(explainPath(swapped));
    const step = data?.steps.find(failed);
    return (
        <Panel title={t.why.otherWay}>
            <div className="fg-line">
                {data && (
                    <span className="fg-marked">
                        <Mark mood={data.verdict === "allow" ? "good" : "bad"} />
                        <span>{data.verdict === "allow" ? t.why.allowedShort : t.why.refusedShort(step ? gateName(step.gate) : data.rule)}</span>
                    </span>
                )}
                <span className="fg-fill" />
                <Button variant="link" isInline onClick={() => ask(swapped)}>
                    {t.why.swap}
                </Button>
            </div>
        </Panel>
    );
}

export function Beside(props: BesideProps) {
    return (
        <>
            <WhatWouldChange {...props} />
            <OtherWay {...props} />
        </>
    );
}
