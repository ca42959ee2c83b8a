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
    /** Brings an entry to its final form, or says that it is none. */
    prepare: (text: string) => string | null;
    invalid?: boolean;
}

const folded = 60;

export function Chips({ id, helpId, values, onChange, known, placeholder, disabled, prepare, invalid }: ChipsProps) {
    const [text, setText] = useState("");
    const [dropped, setDropped] = useState<string[]>([]);
    const [all, setAll] = useState(false);

    const take = (raw: string) => {
        const next = new Set(values);
        const bad: string[] = [];
        for (const entry of raw.split(/[\s,;]+/).filter(Boolean)) {
            const ready = prepare(entry);
            if (ready) next.add(ready);
            else bad.push(entry);
        }
        setDropped(bad);
        setText(bad.length === 1 ? bad[0]! : "");
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
    const shown = all ? values : values.slice(0, folded);
    return (
        <div className={`fg-chips${invalid ? " fg-chips-invalid" : ""}`}>
            {shown.map((value) => (
                <Label
                    key={value}
                    isCompact
                    variant="outline"
                    color={known && !known.includes(value) ? "purple" : "grey"}
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
            {dropped.length > 0 && (
                <p className="fg-help fg-error" role="alert">
                    {t.common.dropped(dropped.length)} {dropped.slice(0, 5).join(", ")}
                </p>
            )}
        </div>
    );
}
