// A list of short entries as chips: typed, pasted as a list, removed one by one. Drafted ones have a purple rim.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Label } from "@patternfly/react-core/dist/esm/components/Label/Label";
import { useState } from "react";
import type { ClipboardEvent, KeyboardEvent } from "react";
import { t } from "../../words";

interface ChipsProps {
    id: string;
    helpId: string;
    values: string[];
    onChange: (values: string[]) => void;
    /** What runs now; entries not among them belong to the draft. */
    known?: string[];
    placeholder: string;
    disabled?: boolean;
    /** Brings an entry to its final form, or says why it is none. */
    prepare: (text: string) => Prepared;
    invalid?: boolean;
    /** What is wrong with entries that are chips already, by entry. */
    faults?: ReadonlyMap<string, string>;
}

export type Prepared = { value: string } | { fault: string };

const told = 5;

/** Entries that cannot stay, each with its reason; the first few of them. */
function Faults({ lead, faults }: { lead?: string; faults: [entry: string, why: string][] }) {
    if (!faults.length) return null;
    return (
        <div className="fg-help fg-error fg-chip-faults" role="alert">
            {lead}
            <ul>
                {faults.slice(0, told).map(([entry, why]) => (
                    <li key={entry}>{why}</li>
                ))}
                {faults.length > told && <li>{t.common.more(faults.length - told)}</li>}
            </ul>
        </div>
    );
}

const folded = 60;

export function Chips({ id, helpId, values, onChange, known, placeholder, disabled, prepare, invalid, faults }: ChipsProps) {
    const [text, setText] = useState("");
    const [refused, setRefused] = useState<[string, string][]>([]);
    const [all, setAll] = useState(false);

    const take = (raw: string) => {
        const next = new Set(values);
        const bad = new Map<string, string>();
        for (const entry of raw.split(/[\s,;]+/).filter(Boolean)) {
            const ready = prepare(entry);
            if ("value" in ready) next.add(ready.value);
            else bad.set(entry, `${entry}: ${ready.fault}`);
        }
        setRefused([...bad]);
        setText([...bad.keys()].join(" ")); // to be corrected
        if (next.size !== values.length) onChange([...next]);
    };
    const key = (e: KeyboardEvent<HTMLInputElement>) => {
        if (["Enter", ",", " ", ";"].includes(e.key) && text.trim()) {
            e.preventDefault();
            take(text);
        } else if (e.key === "Backspace" && !text && values.length) {
            onChange(values.slice(0, -1));
        }
    };
    const paste = (e: ClipboardEvent<HTMLInputElement>) => {
        e.preventDefault();
        take(text + e.clipboardData.getData("text"));
    };
    const wrong = values.filter((value) => faults?.has(value));
    const shown = all ? values : values.filter((value, i) => i < folded || faults?.has(value));
    return (
        <div className={`fg-chips${invalid || wrong.length || refused.length ? " fg-chips-invalid" : ""}`}>
            {shown.map((value) => (
                <Label
                    key={value}
                    isCompact
                    variant="outline"
                    color={faults?.has(value) ? "red" : known && !known.includes(value) ? "purple" : "grey"}
                    title={faults?.get(value)}
                    className="fg-chip"
                    onClose={disabled ? undefined : () => onChange(values.filter((v) => v !== value))}
                    closeBtnAriaLabel={t.common.removeItem(value)}
                >
                    {value}
                </Label>
            ))}
            {values.length > shown.length && (
                <Button variant="link" isInline onClick={() => setAll(true)}>
                    {t.common.more(values.length - shown.length)}
                </Button>
            )}
            <input
                id={id}
                value={text}
                onChange={(e) => setText(e.target.value)}
                onKeyDown={key}
                onPaste={paste}
                onBlur={() => text.trim() && take(text)}
                placeholder={placeholder}
                aria-describedby={helpId}
                disabled={disabled}
                autoComplete="off"
                spellCheck={false}
            />
            <Faults lead={t.partnerCare.refused(refused.length)} faults={refused} />
            <Faults faults={wrong.map((value) => [value, faults?.get(value) ?? ""])} />
        </div>
    );
}
