// The secret behind dialback keys: set or replaced at once, outside draft and revisions, and never shown.
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { ToggleRow } from "../../parts/Choice";
import { fullTime, span } from "../../parts/format";
import { Labelled, TextField } from "../../parts/Labelled";
import { Mark } from "../../parts/Marks";
import { MayButton } from "../../parts/MayButton";
import { useMay } from "../../parts/may";
import { Panel } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { rest } from "../../rest/client";
import { t } from "../../words";

interface Answer {
    changed_at: string;
    previous_valid_until: string | null;
}

const hour = 3600;
const overlaps = [0, hour, 24 * hour, 7 * 24 * hour];
const shortest = 16;
const longest = 256;

const secretProblem = (secret: string): string | null =>
    secret.length >= shortest && secret.length <= longest && /^[\x20-\x7e]*$/.test(secret) ? null : t.settings.dialback.bad;

function Rotate({ close, done }: { close: () => void; done: (answer: Answer) => void }) {
    const d = t.settings.dialback;
    const [how, setHow] = useState<"made" | "typed">("made");
    const [secret, setSecret] = useState("");
    const [overlap, setOverlap] = useState(String(24 * hour));
    const [error, setError] = useState<unknown>(null);
    const refused = pointerErrors(error)["/secret"];
    const problem = secret ? secretProblem(secret) : null;
    const run = async () => {
        try {
            const body = { overlap: Number(overlap), ...(how === "typed" ? { secret } : {}) };
            done((await rest.post<Answer>("/dialback-secret", body)).data);
        } catch (cause) {
            setError(cause);
            throw cause;
        }
    };
    const texts = overlaps.map((seconds) => ({ value: String(seconds), text: seconds ? span(seconds) : d.noOverlap }));
    return (
        <Ask
            title={d.question}
            action={d.now}
            danger={overlap === "0"}
            failed={d.failed}
            disabled={how === "typed" && secretProblem(secret) !== null}
            run={run}
            close={close}
            wide
        >
            <p>{d.what}</p>
            <Labelled label={d.how} help={how === "made" ? d.madeHelp : undefined} group>
                {(id, helpId) => (
                    <ToggleRow
                        name={id}
                        label={d.how}
                        value={how}
                        options={[
                            { value: "made", text: d.made },
                            { value: "typed", text: d.typed },
                        ]}
                        onChange={setHow}
                        describedBy={helpId}
                    />
                )}
            </Labelled>
            {how === "typed" && (
                <TextField
                    label={d.secret}
                    value={secret}
                    onChange={setSecret}
                    type="password"
                    help={d.typedHelp}
                    error={refused ?? problem}
                    maxLength={longest}
                    autoComplete="new-password"
                    required
                />
            )}
            <Labelled label={d.overlap} help={overlap === "0" ? d.noOverlapHelp : d.overlapHelp} group>
                {(id, helpId) => <ToggleRow name={id} label={d.overlap} value={overlap} options={texts} onChange={setOverlap} describedBy={helpId} />}
            </Labelled>
        </Ask>
    );
}

export function DialbackSecret() {
    const d = t.settings.dialback;
    const may = useMay("accounts");
    const [asking, setAsking] = useState(false);
    const [answer, setAnswer] = useState<Answer | null>(null);
    return (
        // The dialogue's form is a child of the page's in React: what is submitted there ends there.
        <div id="dialback" className="fg-setting-group" onSubmit={(e) => e.stopPropagation()}>
            <Panel title={d.title} note={d.atOnce} ruled>
                <p>{d.text}</p>
                <p className="fg-second fg-setting-help">{d.nodes}</p>
                <MayButton may={may} variant="secondary" type="button" onClick={() => setAsking(true)}>
                    {d.rotate}
                </MayButton>
                {!may.may && <div className="fg-help">{may.why}</div>}
                <div role="status">
                    {answer && (
                        <p className="fg-marked">
                            <Mark mood="good" />
                            <span>{answer.previous_valid_until ? d.doneUntil(fullTime(answer.previous_valid_until)) : d.done}</span>
                        </p>
                    )}
                </div>
            </Panel>
            {asking && <Rotate close={() => setAsking(false)} done={setAnswer} />}
        </div>
    );
}
