// Search and filters of the list of partners, and what can be done with the selected ones.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useCallback, useState } from "react";
import { FilterSelect } from "../../parts/Choice";
import type { Option } from "../../parts/Choice";
import { ChosenFilters, Search } from "../../parts/ListTools";
import type { Chosen } from "../../parts/ListTools";
import { useScoped } from "../../parts/may";
import type { May } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { t } from "../../words";
import { filterNames, fromStart, noFilters } from "./usePartners";
import type { FilterName } from "./usePartners";

export type Set = (next: { [name: string]: string }) => void;

/** These stand open; the others behind a button. */
const first: FilterName[] = ["state", "type", "method", "warning"];

function words(name: FilterName): { [value: string]: string } {
    const l = t.partnerList;
    switch (name) {
        case "state":
            return t.liveState;
        case "type":
            return t.partnerType;
        case "method":
            return t.method;
        case "warning":
            return {
                with: t.partners.withWarning,
                without: t.partners.withoutWarning,
                unencrypted_possible: t.warning.may_be_unencrypted,
                unencrypted_always: t.warning.nothing_encrypted,
                sasl_needs_tls: t.warning.sasl_needs_tls,
                dialback_unused: t.warning.dialback_unused,
            };
        case "setting":
            return t.partnerState;
        case "tls":
        case "sasl":
            return t.need;
        case "dialback":
            return { true: t.on, false: t.off };
        default:
            return { any: l.anyChange, ...t.draftLabel };
    }
}

function label(name: FilterName): string {
    if (name === "state" || name === "type" || name === "method" || name === "warning") return t.partners[name];
    if (name === "setting") return t.partnerList.setting;
    if (name === "change") return t.partnerList.change;
    return t.partnerForm[name];
}

const options = (name: FilterName): Option<string>[] => Object.entries(words(name)).map(([value, text]) => ({ value, text }));

/** "Type: Federated" for each filter that is set. */
export function filterTexts(query: URLSearchParams): { name: FilterName; text: string }[] {
    return filterNames.flatMap((name) => {
        const value = query.get(name);
        return value ? [{ name, text: `${label(name)}: ${words(name)[value] ?? value}` }] : [];
    });
}

export function Tools({ query, set, narrow }: { query: URLSearchParams; set: Set; narrow: boolean }) {
    const [open, setOpen] = useState(false);
    const search = useCallback((q: string) => set({ q, ...fromStart }), [set]);
    const chosen: Chosen[] = filterTexts(query).map(({ name, text }) => ({
        name,
        text,
        clear: () => set({ [name]: "", ...fromStart }),
    }));
    const rest = filterNames.filter((name) => !first.includes(name));
    const shown = narrow ? (open ? filterNames : []) : [...first, ...(open ? rest : [])];
    return (
        <>
            <Search value={query.get("q") ?? ""} label={t.partners.search} onSearch={search} />
            {shown.map((name) => (
                <FilterSelect
                    key={name}
                    label={label(name)}
                    options={options(name)}
                    value={query.get(name) ?? ""}
                    onChange={(value) => set({ [name]: value, ...fromStart })}
                />
            ))}
            <Button variant={narrow ? "secondary" : "link"} onClick={() => setOpen(!open)} aria-expanded={open}>
                {narrow ? t.common.filter : open ? t.partnerList.fewerFilters : t.partnerList.moreFilters}
            </Button>
            <ChosenFilters chosen={chosen} clear={() => set({ ...noFilters, q: query.get("q") ?? "" })} />
        </>
    );
}

interface BulkProps {
    count: number;
    /** All that fit the filter, when there are more than are selected. */
    found: number | null;
    filtered: boolean;
    selectFound: () => void;
    clear: () => void;
    open: (what: "edit" | "suspend" | "delete") => void;
}

export function Bulk({ count, found, filtered, selectFound, clear, open }: BulkProps) {
    const l = t.partnerList;
    // What is not on this page may be outside of a scope: then all would be refused.
    const scoped = useScoped();
    const every: May = { may: !scoped, why: scoped ? t.partnerCare.oneByOne : null };
    return (
        <div className="fg-selection" role="status">
            <b>{l.selected(count)}</b>
            {found !== null && (
                <MayButton may={every} variant="link" isInline onClick={selectFound}>
                    {filtered ? l.selectFound(found) : l.selectListed(found)}
                </MayButton>
            )}
            <Button variant="link" isInline onClick={clear}>
                {l.unselect}
            </Button>
            <span className="fg-fill" />
            <Button variant="secondary" onClick={() => open("edit")}>
                {t.partners.editMany}
            </Button>
            <Button variant="secondary" onClick={() => open("suspend")}>
                {t.partnerCare.suspend}
            </Button>
            <Button variant="secondary" isDanger onClick={() => open("delete")}>
                {t.partners.deleteMany}
            </Button>
        </div>
    );
}
