// The fields that can be set for many partners at once: each stays as it is until something is chosen.
import { Labelled } from "../../parts/Labelled";
import type { ConfigObject } from "../../rest/types";
import { t } from "../../words";
import { endOf } from "./form";

/** By field: the value chosen, "" for clear; a field that is not there stays as it is. */
export type Chosen = { [name: string]: string };

interface Part {
    name: string;
    label: string;
    /** Choices; without them a text is entered. */
    options?: { [value: string]: string };
    type?: "date" | "number" | "text";
}

function parts(): Part[] {
    const f = t.partnerForm;
    const truth = { true: t.on, false: t.off };
    return [
        { name: "partner_type", label: t.partners.type, options: t.partnerType },
        { name: "state", label: f.state, options: t.partnerState },
        { name: "tls", label: f.tls, options: t.need },
        { name: "sasl", label: f.sasl, options: t.need },
        { name: "dialback", label: f.dialback, options: truth },
        { name: "keepalive", label: f.keepalive, options: truth },
        { name: "connection_limit", label: f.limit, type: "number" },
        { name: "proxy", label: f.proxy },
        { name: "valid_until", label: f.validUntil, type: "date" },
        { name: "review_date", label: f.reviewDate, type: "date" },
        { name: "owner", label: f.owner },
        { name: "ticket", label: f.ticket },
        { name: "description", label: f.description },
    ];
}

const nullable = ["connection_limit", "proxy", "valid_until", "review_date"];

/** The patch; a text field that was opened and left empty clears the field. */
export function objectOf(chosen: Chosen): ConfigObject {
    const value: ConfigObject = {};
    for (const [name, text] of Object.entries(chosen)) {
        if (name === "dialback" || name === "keepalive") value[name] = text === "true";
        else if (!text.trim()) value[name] = nullable.includes(name) ? null : "";
        else if (name === "connection_limit") value[name] = Number(text);
        else if (name === "valid_until") value[name] = endOf(text, null);
        else value[name] = text.trim();
    }
    return value;
}

/** The field whose value cannot be, or null. */
export function wrongOf(chosen: Chosen): string | null {
    const limit = chosen.connection_limit?.trim();
    return limit && (!/^\d{1,6}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100000) ? "connection_limit" : null;
}

const keep = "";
const enter = "+";

interface FieldsProps {
    chosen: Chosen;
    set: (chosen: Chosen) => void;
    wrong: string | null;
}

export function EditFields({ chosen, set, wrong }: FieldsProps) {
    const choose = (name: string, value: string) => {
        const next = { ...chosen, [name]: value === enter ? "" : value };
        if (value === keep) delete next[name];
        set(next);
    };
    return (
        <div className="fg-two">
            {parts().map(({ name, label, options, type = "text" }) => {
                const value = chosen[name];
                const set_ = value !== undefined;
                const error = wrong === name ? t.partnerForm.numberInvalid : null;
                return (
                    <Labelled key={name} label={label} error={error} help={set_ && !options && !value ? t.partnerList.clears : undefined}>
                        {(id, helpId) => (
                            <>
                                <select
                                    id={id}
                                    className="fg-select"
                                    value={!set_ ? keep : options ? value : enter}
                                    onChange={(e) => choose(name, e.target.value)}
                                >
                                    <option value={keep}>{t.partners.keepAsIs}</option>
                                    {options ? (
                                        Object.entries(options).map(([v, text]) => (
                                            <option key={v} value={v}>
                                                {text}
                                            </option>
                                        ))
                                    ) : (
                                        <option value={enter}>{t.partnerList.setTo}</option>
                                    )}
                                </select>
                                {set_ && !options && (
                                    <input
                                        className="fg-select fg-set-to"
                                        type={type === "number" ? "text" : type}
                                        inputMode={type === "number" ? "numeric" : undefined}
                                        aria-label={t.partnerList.newValue(label)}
                                        aria-describedby={helpId}
                                        value={value}
                                        onChange={(e) => set({ ...chosen, [name]: e.target.value })}
                                        autoFocus
                                    />
                                )}
                            </>
                        )}
                    </Labelled>
                );
            })}
        </div>
    );
}
