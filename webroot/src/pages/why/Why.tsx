// Why?: whether one person can reach another, and which gate decides. Nothing is sent. The question is the address of
// the page, so that it can be sent to somebody and gone back to.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { FormEvent } from "react";
import { useRoute } from "../../frame/route";
import { ToggleRow } from "../../parts/Choice";
import { TextField } from "../../parts/Labelled";
import { pointerErrors } from "../../parts/problems";
import { PageHeader, WithSide } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";
import { Answer } from "./Answer";
import { Beside } from "./Beside";
import { explainPath, isAddress, whyPath } from "./question";
import type { Explanation, Kind, Question } from "./question";

interface FormProps {
    question: Question;
    /** What the server found wrong, by "/from" and "/to". */
    errors: { [pointer: string]: string };
    ask: (question: Question) => void;
}

function AskForm({ question, errors, ask }: FormProps) {
    const w = t.why;
    const asked = JSON.stringify(question);
    const [shown, setShown] = useState(asked);
    const [input, setInput] = useState(question);
    const [tried, setTried] = useState(false);
    // Another question by a link or by the way back; the form stays, and with it the focus.
    if (shown !== asked) {
        setShown(asked);
        setInput(question);
        setTried(false);
    }
    const kinds = (Object.keys(w.kinds) as Kind[]).map((value) => ({ value, text: w.kinds[value] }));
    const fault = (name: "from" | "to") => {
        if (tried && !isAddress(input[name])) return w.addressMissing;
        return input[name].trim() === question[name] ? (errors[`/${name}`] ?? null) : null;
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setTried(true);
        if (isAddress(input.from) && isAddress(input.to)) ask({ ...input, from: input.from.trim(), to: input.to.trim() });
    };
    return (
        <form onSubmit={submit} className="fg-panel fg-why-form" noValidate>
            <div className="fg-field">
                <span className="fg-label">{w.what}</span>
                <ToggleRow large name="kind" label={w.what} options={kinds} value={input.kind} onChange={(kind) => setInput({ ...input, kind })} />
            </div>
            <TextField label={w.from} value={input.from} onChange={(from) => setInput({ ...input, from })} error={fault("from")} placeholder={w.fromHelp} mono />
            <TextField label={w.to} value={input.to} onChange={(to) => setInput({ ...input, to })} error={fault("to")} placeholder={w.fromHelp} mono />
            <div className="fg-field">
                <span className="fg-label">{w.against}</span>
                <ToggleRow
                    large
                    name="view"
                    label={w.against}
                    options={[
                        { value: "", text: w.running },
                        { value: "draft", text: w.draft },
                    ]}
                    value={input.view}
                    onChange={(view) => setInput({ ...input, view })}
                />
            </div>
            <Button type="submit">{w.explain}</Button>
        </form>
    );
}

function questionOf(query: URLSearchParams): Question {
    const kind = query.get("kind") ?? "";
    return {
        kind: kind in t.why.kinds ? (kind as Kind) : "message",
        from: query.get("from") ?? "",
        to: query.get("to") ?? "",
        view: query.get("view") === "draft" ? "draft" : "",
    };
}

export default function Why() {
    const { query, go } = useRoute();
    const question = questionOf(query);
    const path = explainPath(question);
    const { data, error, at, reload } = useGet<Explanation>(path);
    const ask = (next: Question) => {
        if (explainPath(next) === path) reload();
        else go(whyPath({ ...next }));
    };
    const errors = pointerErrors(error);
    const stands = "/from" in errors || "/to" in errors; // beside the field
    return (
        <div className="fg-page">
            <PageHeader title={t.why.title} lead={t.why.lead} />
            <AskForm question={question} errors={errors} ask={ask} />
            {error && !stands && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!path && <p className="fg-muted">{t.why.empty}</p>}
            {path && !data && !error && <Loading lines={7} />}
            {data && (
                <WithSide
                    main={<Answer answer={data} question={question} />}
                    side={<Beside answer={data} question={question} ask={ask} />}
                />
            )}
        </div>
    );
}
