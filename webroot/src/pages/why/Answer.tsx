// The verdict, and the chain of gates that led to it.
import { Link } from "../../frame/route";
import { Mark } from "../../parts/Marks";
import { Panel } from "../../parts/Panel";
import { t } from "../../words";
import { failed, gateName, passed, placeOf } from "./question";
import type { Explanation, Question, Step } from "./question";

function StepLine({ step, decides }: { step: Step; decides: boolean }) {
    const asked = passed(step) || failed(step);
    const place = asked ? placeOf(step) : null;
    return (
        <li className={`fg-step${decides ? " fg-step-decides" : ""}`} aria-current={decides ? "step" : undefined}>
            <Mark mood={passed(step) ? "good" : failed(step) ? "bad" : "open"} />
            <div className="fg-step-text">
                <h3 className={asked ? "" : "fg-plain"}>{gateName(step.gate)}</h3>
                <p className="fg-second fg-anywhere">{asked ? step.because : step.because || t.why.notAsked}</p>
                {decides && step.rule && (
                    <p className="fg-second">
                        {t.why.rule} <span className="fg-mono">{step.rule}</span>
                    </p>
                )}
            </div>
            {place && (
                <Link to={place.path} className={`fg-step-object${place.mono ? " fg-mono" : ""}`}>
                    {place.name}
                </Link>
            )}
        </li>
    );
}

function Sentence({ answer, question, decider }: { answer: Explanation; question: Question; decider: number }) {
    const w = t.why;
    const of = answer.steps.length;
    const base = question.view === "draft" ? w.inDraft : w.inRevision(answer.revision);
    return (
        <p className="fg-lead">
            {w.sentence[question.kind]} <span className="fg-mono">{question.from}</span> {w.sentenceTo}{" "}
            <span className="fg-mono">{question.to}</span>
            {["", base, decider < 0 ? w.sentenceAll(of) : w.sentenceEnd(decider + 1, of)].join(w.comma)}
        </p>
    );
}

export function Answer({ answer, question }: { answer: Explanation; question: Question }) {
    const decider = answer.steps.findIndex(failed);
    const step = answer.steps[decider];
    const allow = answer.verdict === "allow";
    return (
        <Panel>
            <div className="fg-verdict" role="status">
                <Mark mood={allow ? "good" : "bad"} large />
                <div>
                    <h2>{allow ? t.why.allowed : t.why.refused(step ? gateName(step.gate) : answer.rule)}</h2>
                    <Sentence answer={answer} question={question} decider={decider} />
                </div>
            </div>
            <ol className="fg-steps">
                {answer.steps.map((s, i) => (
                    <StepLine key={s.gate} step={s} decides={i === decider} />
                ))}
            </ol>
        </Panel>
    );
}
