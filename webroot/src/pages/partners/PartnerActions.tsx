// What can be done with partners from the list: delete, suspend, clone, and set a few fields of many at once.
// Everything lands in the draft.
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { Labelled } from "../../parts/Labelled";
import { rest, segment } from "../../rest/client";
import type { ConfigObject, Partner } from "../../rest/types";
import { t } from "../../words";

const path = (domain: string) => `/partners/${segment(domain)}`;

export const setPartner = (domain: string, change: ConfigObject) => rest.patch(path(domain), change);

/** Takes the drafted change of a partner back. */
export const undoPartner = (domain: string) => rest.remove(`/draft/changes/partners/${segment(domain)}`);

/** One after the other: the draft has one order, and the first failure says which partner it was. */
async function each(partners: Partner[], act: (p: Partner) => Promise<unknown>): Promise<void> {
    for (const partner of partners) await act(partner);
}

export function DeletePartners({ partners, close }: { partners: Partner[]; close: () => void }) {
    const one = partners.length === 1 ? partners[0]!.domain : null;
    return (
        <Ask
            title={one ? t.common.removeQuestion(one) : t.partners.deleteQuestion(partners.length)}
            action={t.common.removeNow}
            danger
            close={close}
            run={() => each(partners, (p) => rest.remove(path(p.domain)))}
        >
            <p>{t.common.removeText}</p>
            {!one && (
                <p className="fg-mono">
                    {partners
                        .slice(0, 12)
                        .map((p) => p.domain)
                        .join(", ")}{" "}
                    {partners.length > 12 && t.common.more(partners.length - 12)}
                </p>
            )}
        </Ask>
    );
}

interface Part {
    name: "partner_type" | "tls" | "sasl" | "dialback" | "state";
    label: string;
    options: [string, string][];
}

function parts(): Part[] {
    const options = (words: { [value: string]: string }) => Object.entries(words);
    return [
        { name: "partner_type", label: t.partners.type, options: options(t.partnerType) },
        { name: "tls", label: t.partnerForm.tls, options: options(t.need) },
        { name: "sasl", label: t.partnerForm.sasl, options: options(t.need) },
        { name: "dialback", label: t.partnerForm.dialback, options: options({ true: t.on, false: t.off }) },
        { name: "state", label: t.partnerForm.state, options: options(t.partnerState) },
    ];
}

export function EditPartners({ partners, close }: { partners: Partner[]; close: () => void }) {
    const [chosen, setChosen] = useState<{ [name: string]: string }>({});
    const change: ConfigObject = {};
    for (const [name, value] of Object.entries(chosen)) {
        if (value) change[name] = name === "dialback" ? value === "true" : value;
    }
    return (
        <Ask
            title={t.partners.editManyTitle(partners.length)}
            action={t.common.save}
            disabled={!Object.keys(change).length}
            close={close}
            run={() => each(partners, (p) => setPartner(p.domain, change))}
        >
            <p>{t.partners.editManyText}</p>
            <div className="fg-two">
                {parts().map((part) => (
                    <Labelled key={part.name} label={part.label}>
                        {(id) => (
                            <select
                                id={id}
                                className="fg-select"
                                value={chosen[part.name] ?? ""}
                                onChange={(e) => setChosen({ ...chosen, [part.name]: e.target.value })}
                            >
                                <option value="">{t.partners.keepAsIs}</option>
                                {part.options.map(([value, text]) => (
                                    <option key={value} value={value}>
                                        {text}
                                    </option>
                                ))}
                            </select>
                        )}
                    </Labelled>
                ))}
            </div>
        </Ask>
    );
}
