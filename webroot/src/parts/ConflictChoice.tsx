// Mine or theirs, for each field in which they differ. What only one of us changed is chosen already; what both
// changed must be decided before it can be saved.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useId, useState } from "react";
import type { ReactNode } from "react";
import type { Value } from "../rest/types";
import { t } from "../words";
import { obvious } from "./conflict";
import type { Chosen, ConflictField, Side } from "./conflict";
import { pemText, valueText } from "./format";

interface ChoiceProps {
    fields: ConflictField[];
    /** The chosen value of each field, by its name. */
    onDone: (value: Chosen) => void;
    doneText?: string;
    busy?: boolean;
}

function words({ name, field }: ConflictField, value: Value): ReactNode {
    if (name === "") return value === null ? t.conflict.gone : t.conflict.there;
    if (field?.write_only) return value ? t.review.set : t.review.notSet;
    if (field?.type === "pem" && typeof value === "string") return pemText(value);
    if (Array.isArray(value) && value.length > 8) {
        const some = value.slice(0, 8).map((v) => valueText(field?.items, v)).join(", ");
        return `${t.review.items(value.length)}: ${some}, ${t.common.more(value.length - 8)}`;
    }
    return valueText(field, value);
}

function SideCard({ side, field, group, chosen, choose }: { side: Side; field: ConflictField; group: string; chosen: boolean; choose: () => void }) {
    return (
        <label className={`fg-side-card${chosen ? " fg-chosen" : ""}`}>
            <input type="radio" name={group} checked={chosen} onChange={choose} />
            <span className="fg-side-whose">{t.conflict[side]}</span>
            <span className="fg-side-value">{words(field, field[side])}</span>
        </label>
    );
}

function FieldChoice({ field, chosen, choose }: { field: ConflictField; chosen: Side | undefined; choose: (side: Side) => void }) {
    const id = useId();
    const clear = obvious(field);
    const who = clear === null ? t.conflict.both : clear === "mine" ? t.conflict.onlyMine : t.conflict.onlyTheirs;
    return (
        <fieldset className="fg-conflict-field" role="radiogroup" aria-labelledby={id}>
            <legend id={id}>
                {field.label} <span className="fg-note">{who}</span>
            </legend>
            {field.name !== "" && (
                <div className="fg-note fg-conflict-base">
                    {t.conflict.before}: {words(field, field.base)}
                </div>
            )}
            <div className="fg-conflict-sides">
                <SideCard side="mine" field={field} group={id} chosen={chosen === "mine"} choose={() => choose("mine")} />
                <SideCard side="theirs" field={field} group={id} chosen={chosen === "theirs"} choose={() => choose("theirs")} />
            </div>
        </fieldset>
    );
}

export function ConflictChoice({ fields, onDone, doneText, busy }: ChoiceProps) {
    const [picked, setPicked] = useState<{ [name: string]: Side }>({});
    const sideOf = (field: ConflictField) => picked[field.name] ?? obvious(field) ?? undefined;
    const everywhere = (side: Side) => setPicked(Object.fromEntries(fields.map((f) => [f.name, side])));
    const left = fields.filter((f) => !sideOf(f)).length;
    // What needs a decision stands first.
    const ordered = [...fields].sort((a, b) => Number(obvious(a) !== null) - Number(obvious(b) !== null));
    const done = () => onDone(Object.fromEntries(fields.map((f) => [f.name, f[sideOf(f)!]])));
    return (
        <div className="fg-conflict">
            {fields.length > 1 && (
                <div className="fg-notice-mends">
                    <Button variant="link" isInline onClick={() => everywhere("mine")}>
                        {t.conflict.allMine}
                    </Button>
                    <Button variant="link" isInline onClick={() => everywhere("theirs")}>
                        {t.conflict.allTheirs}
                    </Button>
                </div>
            )}
            {!fields.length && <p>{t.conflict.same}</p>}
            {ordered.map((field) => (
                <FieldChoice
                    key={field.name}
                    field={field}
                    chosen={sideOf(field)}
                    choose={(side) => setPicked({ ...picked, [field.name]: side })}
                />
            ))}
            <div className="fg-conflict-foot">
                <Button onClick={done} isDisabled={busy || left > 0} isLoading={busy}>
                    {doneText ?? t.conflict.save}
                </Button>
                <span className="fg-note" role="status">
                    {left ? t.conflict.left(left) : t.conflict.decided}
                </span>
            </div>
        </div>
    );
}
