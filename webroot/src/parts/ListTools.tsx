// The tools of a list: search that waits for a pause in typing, chosen filters as removable labels, paging.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Label } from "@patternfly/react-core/dist/esm/components/Label/Label";
import { LabelGroup } from "@patternfly/react-core/dist/esm/components/Label/LabelGroup";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { SearchInput } from "@patternfly/react-core/dist/esm/components/SearchInput/SearchInput";
import Left from "@patternfly/react-icons/dist/esm/icons/angle-left-icon";
import Right from "@patternfly/react-icons/dist/esm/icons/angle-right-icon";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { t } from "../words";

/** Milliseconds without a key until a search begins: longer than between two keys of somebody who types. */
const pause = 120;

export function Search({ value, label, onSearch }: { value: string; label: string; onSearch: (q: string) => void }) {
    const [text, setText] = useState(value);
    useEffect(() => setText(value), [value]);
    useEffect(() => {
        if (text === value) return undefined;
        const timer = setTimeout(() => onSearch(text.trim()), pause);
        return () => clearTimeout(timer);
    }, [text, value, onSearch]);
    return (
        <SearchInput
            className="fg-search"
            placeholder={label}
            aria-label={label}
            value={text}
            onChange={(_, next) => setText(next)}
            onClear={() => onSearch("")}
        />
    );
}

export interface Chosen {
    name: string;
    text: string;
    clear: () => void;
}

export function ChosenFilters({ chosen, clear }: { chosen: Chosen[]; clear: () => void }) {
    if (!chosen.length) return null;
    return (
        <div className="fg-chosen-filters">
            <LabelGroup aria-label={t.common.filter} numLabels={10}>
                {chosen.map((filter) => (
                    <Label key={filter.name} variant="outline" onClose={filter.clear}>
                        {filter.text}
                    </Label>
                ))}
            </LabelGroup>
            <Button variant="link" isInline onClick={clear}>
                {t.common.clearFilters}
            </Button>
        </div>
    );
}

interface PagerProps {
    from: number;
    to: number;
    total: number;
    previous: (() => void) | null;
    next: (() => void) | null;
    /** `previous` leads to the first page. */
    toFirst?: boolean;
}

export function Pager({ from, to, total, previous, next, toFirst }: PagerProps) {
    return (
        <span className="fg-pager">
            <span className="fg-figures">{t.common.of(total ? from : 0, to, total)}</span>
            <Button
                variant="plain"
                aria-label={toFirst ? t.common.first : t.common.previous}
                isDisabled={!previous}
                onClick={() => previous?.()}
                icon={<Left />}
            />
            <Button
                variant="plain"
                aria-label={t.common.next}
                isDisabled={!next}
                onClick={() => next?.()}
                icon={<Right />}
            />
        </span>
    );
}

interface SortThProps<S extends string> {
    by: S;
    sort: S;
    down: boolean;
    onSort: (by: S, down: boolean) => void;
    className?: string;
    children: ReactNode;
}

/** A column head that sorts; the direction is told to screen readers too. */
export function SortTh<S extends string>({ by, sort, down, onSort, className, children }: SortThProps<S>) {
    return (
        <Th
            className={className}
            sort={{
                columnIndex: 0,
                sortBy: sort === by ? { index: 0, direction: down ? "desc" : "asc" } : {},
                onSort: () => onSort(by, sort === by ? !down : false),
            }}
        >
            {children}
        </Th>
    );
}
