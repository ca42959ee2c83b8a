// Search and filters of the list of users, and what can be done with the selected ones.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useCallback, useState } from "react";
import { FilterSelect } from "../../parts/Choice";
import type { Option } from "../../parts/Choice";
import { ChosenFilters, Search } from "../../parts/ListTools";
import type { Chosen } from "../../parts/ListTools";
import { KebabMenu } from "../../parts/Menu";
import { t } from "../../words";
import type { What } from "./ChangeUsers";
import { policyName, useSiteNames, useUserPolicies, without } from "./users";

export type Set = (next: { [name: string]: string }) => void;

export const filterNames = ["site", "policy", "effective", "excluded"] as const;
export type FilterName = (typeof filterNames)[number];

/** A change of filter begins at the first page again. */
export const fromStart = { cursor: "", from: "" };
export const noFilters = { q: "", site: "", policy: "", effective: "", excluded: "", ...fromStart };

/** More than these are found by search rather than by a list. */
const offered = 100;

function useOptions(): { [name in FilterName]: Option<string>[] } {
    const sites = useSiteNames() ?? [];
    const policies = useUserPolicies() ?? [];
    const named = policies.slice(0, offered).map((p) => ({ value: p, text: policyName(p) }));
    return {
        site: [{ value: without, text: t.users.noSite }, ...sites.slice(0, offered).map((s) => ({ value: s, text: s }))],
        policy: [{ value: without, text: t.users.automatic }, ...named],
        effective: [
            { value: "global", text: policyName("global") },
            ...sites.slice(0, offered).map((s) => ({ value: `site:${s}`, text: policyName(`site:${s}`) })),
            ...named,
        ],
        excluded: [
            { value: "yes", text: t.users.excluded },
            { value: "no", text: t.users.notExcluded },
        ],
    };
}

export function filterText(name: FilterName, value: string): string {
    if (name === "excluded") return value === "yes" ? t.users.excluded : t.users.notExcluded;
    if (name === "site") return value === without ? t.users.noSite : value;
    return value === without ? t.users.automatic : policyName(value);
}

export function Tools({ query, set, narrow }: { query: URLSearchParams; set: Set; narrow: boolean }) {
    const [open, setOpen] = useState(false);
    const options = useOptions();
    const search = useCallback((q: string) => set({ q, ...fromStart }), [set]);
    const chosen: Chosen[] = filterNames.flatMap((name) => {
        const value = query.get(name);
        const text = `${t.users.filters[name]}: ${filterText(name, value ?? "")}`;
        return value ? [{ name, text, clear: () => set({ [name]: "", ...fromStart }) }] : [];
    });
    return (
        <>
            <Search value={query.get("q") ?? ""} label={t.users.search} onSearch={search} />
            {narrow && (
                <Button variant="secondary" onClick={() => setOpen(!open)} aria-expanded={open}>
                    {t.common.filter}
                </Button>
            )}
            {(!narrow || open) &&
                filterNames.map((name) => (
                    <FilterSelect
                        key={name}
                        label={t.users.filters[name]}
                        options={options[name]}
                        value={query.get(name) ?? ""}
                        onChange={(value) => set({ [name]: value, ...fromStart })}
                    />
                ))}
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
    run: (what: What) => void;
}

export function Bulk({ count, found, filtered, selectFound, clear, run }: BulkProps) {
    return (
        <div className="fg-selection" role="status">
            <b>{t.users.selected(count)}</b>
            {found !== null && (
                <Button variant="link" isInline onClick={selectFound}>
                    {filtered ? t.users.selectFound(found) : t.users.selectListed(found)}
                </Button>
            )}
            <Button variant="link" isInline onClick={clear}>
                {t.users.unselect}
            </Button>
            <span className="fg-fill" />
            <Button variant="secondary" onClick={() => run("grant")}>
                {t.users.grant}
            </Button>
            <Button variant="secondary" onClick={() => run("ungrant")}>
                {t.users.ungrant}
            </Button>
            <KebabMenu
                label={t.users.more}
                name=""
                actions={[
                    { text: t.users.exclude, run: () => run("exclude") },
                    { text: t.users.include, run: () => run("include") },
                    { text: t.users.remove, danger: true, run: () => run("delete") },
                ]}
            />
        </div>
    );
}
