// Why?: whether one person can reach another, and which gate decides. Nothing is sent.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { FormEvent } from "react";
import { Link, useAddressState } from "../../frame/route";
import { ToggleRow } from "../../parts/Choice";
import { TextField } from "../../parts/Labelled";
import { Mark } from "../../parts/Marks";
import { PageHeader, Panel, Rows, WithSide } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import { editPath } from "../../routes";
import { t } from "../../words";

type Kind = keyof typeof t.why.kinds;

interface Step {
    gate: string;
    verdict: "pass" | "fail" | "not_asked" | "allow" | "deny";
    because: string;
    object?: string | null;
}

interface Explanation {
    verdict: "allow" | "deny";
    rule: string;
    because?: string | null;
    remedy?: string | null;
    revision: number;
    steps: Step[];
}

interface Question {
    kind: Kind;
    from: string;
    to: string;
    view: string;
}

const passed = (step: Step) => step.verdict === "pass" || step.verdict === "allow";
const failed = (step: Step) => step.verdict === "fail" || step.verdict === "deny";
const gateName = (gate: string) => t.why.gates[gate] ?? gate;

function explainPath({ kind, from, to, view }: Question): string | null {
    if (!from || !to) return null;
    const params = new URLSearchParams({ kind, from, to });
    if (view) params.set("view", view);
    return `/explain?${params.toString()}`;
}

/** The object that a gate looked at, "partners/litware.example": its key in words and where it is edited. */
function objectOf(step: Step | undefined): { name: string; path: string } | null {
    const cut = step?.object?.indexOf("/") ?? -1;
    if (!step?.object || cut < 1) return null;
    const kind = step.object.slice(0, cut);
    const key = step.object.slice(cut + 1);
    return { name: kind === "settings" ? t.nav.settings : key, path: editPath(kind, key) };
}

function StepLine({ step, decides }: { step: Step; decides: boolean }) {
    const object = objectOf(step);
    const asked = passed(step) || failed(step);
    return (
        <li className={`fg-step${decides ? " fg-step-decides" : ""}`} aria-current={decides ? "step" : undefined}>
            <Mark mood={passed(step) ? "good" : failed(step) ? "bad" : "open"} />
            <div className="fg-step-text">
                <h3 className={asked ? "" : "fg-plain"}>{gateName(step.gate)}</h3>
                <p className="fg-second">{asked ? step.because : step.because || t.why.notAsked}</p>
            </div>
            {object && asked && (
                <Link to={object.path} className={object.path === "/settings" ? "" : "fg-mono"}>
                    {object.name}
                </Link>
            )}
        </li>
    );
}

function Answer({ answer, question }: { answer: Explanation; question: Question }) {
    const decider = answer.steps.findIndex(failed);
    const allow = answer.verdict === "allow";
    const step = answer.steps[decider];
    const end = allow
        ? t.why.sentenceAll(answer.revision, answer.steps.length)
        : t.why.sentenceEnd(answer.revision, decider + 1, answer.steps.length);
    return (
        <Panel>
            <div className="fg-verdict">
                <Mark mood={allow ? "good" : "bad"} large />
                <div>
                    <h2>{allow ? t.why.allowed : t.why.refused(step ? gateName(step.gate) : answer.rule)}</h2>
                    <p className="fg-lead">
                        {t.why.sentence[question.kind]} <span className="fg-mono">{question.from}</span> {t.why.sentenceTo}{" "}
                        <span className="fg-mono">{question.to}</span>, {end}
                    </p>
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

function WhatWouldChange({ answer, question, ask }: { answer: Explanation; question: Question; ask: (q: Question) => void }) {
    const { draft } = useLive();
    const drafted = (draft.data?.summary.count ?? 0) > 0;
    const step = answer.steps.find(failed);
    const object = objectOf(step);
    return (
        <Panel title={t.why.change} ruled>
            <Rows>
                {drafted && (
                    <li>
                        <Mark mood="open" />
                        <div>
                            {t.why.changeDraft}
                            <div className="fg-second">{t.why.changeDraftText}</div>
                            <Button
                                variant="link"
                                isInline
                                onClick={() => ask({ ...question, view: question.view ? "" : "draft" })}
                            >
                                {question.view ? t.why.changeRunningDo : t.why.changeDraftDo}
                            </Button>
                        </div>
                    </li>
                )}
                {step && (
                    <li>
                        <Mark mood="open" />
                        <div>
                            {t.why.changeObject}
                            <div className="fg-second">{answer.remedy || step.because}</div>
                            {object && <Link to={object.path}>{t.why.changeObjectDo(object.name)}</Link>}
                        </div>
                    </li>
                )}
                {!step && !drafted && <li className="fg-muted">{t.why.nothingToChange}</li>}
            </Rows>
        </Panel>
    );
}

function OtherWay({ question, ask }: { question: Question; ask: (q: Question) => void }) {
    const swapped = { ...question, from: question.to, to: question.from };
    const { data } = useGet<Explanation>(explainPath(swapped));
    const step = data?.steps.find(failed);
    return (
        <Panel title={t.why.otherWay}>
            <div className="fg-line">
                {data && (
                    <span className="fg-marked">
                        <Mark mood={data.verdict === "allow" ? "good" : "bad"} />
                        {data.verdict === "allow"
                            ? t.why.allowedShort
                            : t.why.refusedShort(step ? gateName(step.gate) : data.rule)}
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

function AskForm({ question, ask }: { question: Question; ask: (q: Question) => void }) {
    const [input, setInput] = useState(question);
    const [tried, setTried] = useState(false);
    const kinds = (Object.keys(t.why.kinds) as Kind[]).map((value) => ({ value, text: t.why.kinds[value] }));
    const missing = (text: string) => (tried && !/^[^@\s]+@[^@\s]+$/.test(text.trim()) ? t.why.addressMissing : null);
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setTried(true);
        if (!/^\S+@\S+$/.test(input.from.trim()) || !/^\S+@\S+$/.test(input.to.trim())) return;
        ask({ ...input, from: input.from.trim(), to: input.to.trim() });
    };
    return (
        <form onSubmit={submit} className="fg-panel fg-why-form" noValidate>
            <div className="fg-field">
                <span className="fg-label">{t.why.what}</span>
                <ToggleRow large name="kind" label={t.why.what} options={kinds} value={input.kind} onChange={(kind) => setInput({ ...input, kind })} />
            </div>
            <TextField label={t.why.from} value={input.from} onChange={(from) => setInput({ ...input, from })} error={missing(input.from)} placeholder={t.why.fromHelp} mono />
            <TextField label={t.why.to} value={input.to} onChange={(to) => setInput({ ...input, to })} error={missing(input.to)} placeholder={t.why.fromHelp} mono />
            <div className="fg-field">
                <span className="fg-label">{t.why.against}</span>
                <ToggleRow
                    large
                    name="view"
                    label={t.why.against}
                    options={[
                        { value: "", text: t.why.running },
                        { value: "draft", text: t.why.draft },
                    ]}
                    value={input.view}
                    onChange={(view) => setInput({ ...input, view })}
                />
            </div>
            <Button type="submit">{t.why.explain}</Button>
        </form>
    );
}

export default function Why() {
    const [query, set] = useAddressState();
    const asked = query.get("kind") as Kind | null;
    const question: Question = {
        kind: asked && asked in t.why.kinds ? asked : "message",
        from: query.get("from") ?? "",
        to: query.get("to") ?? "",
        view: query.get("view") ?? "",
    };
    const { data, error, reload } = useGet<Explanation>(explainPath(question));
    const ask = (q: Question) => {
        set({ ...q });
        reload();
    };
    return (
        <div className="fg-page">
            <PageHeader title={t.why.title} lead={t.why.lead} />
            <AskForm key={JSON.stringify(question)} question={question} ask={ask} />
            {error && <Failed error={error} retry={reload} />}
            {!question.from && <p className="fg-muted">{t.why.empty}</p>}
            {question.from && !data && !error && <Loading lines={7} />}
            {data && (
                <WithSide
                    main={<Answer answer={data} question={question} />}
                    side={
                        <>
                            <WhatWouldChange answer={data} question={question} ask={ask} />
                            <OtherWay question={question} ask={ask} />
                        </>
                    }
                />
            )}
        </div>
    );
}
