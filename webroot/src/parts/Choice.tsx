// Choosing one of a few: a row of buttons, and a drop-down for filters. Both are plain radio or select underneath.
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/MenuToggle";
import { Select } from "@patternfly/react-core/dist/esm/components/Select/Select";
import { SelectList } from "@patternfly/react-core/dist/esm/components/Select/SelectList";
import { SelectOption } from "@patternfly/react-core/dist/esm/components/Select/SelectOption";
import { useState } from "react";

export interface Option<V extends string> {
    value: V;
    text: string;
}

interface ToggleProps<V extends string> {
    name: string;
    label: string;
    options: Option<V>[];
    value: V;
    onChange: (value: V) => void;
    disabled?: boolean;
    describedBy?: string;
    large?: boolean;
}

/** Three-way choices stand open: every option is seen, arrows move between them. */
export function ToggleRow<V extends string>(props: ToggleProps<V>) {
    const { name, label, options, value, onChange, disabled, describedBy, large } = props;
    return (
        <div
            className={`fg-toggle-row${large ? " fg-toggle-large" : ""}`}
            role="radiogroup"
            aria-label={label}
            aria-describedby={describedBy}
        >
            {options.map((option) => (
                <label key={option.value} className={option.value === value ? "fg-chosen" : ""}>
                    <input
                        type="radio"
                        name={name}
                        value={option.value}
                        checked={option.value === value}
                        disabled={disabled}
                        onChange={() => onChange(option.value)}
                    />
                    <span>{option.text}</span>
                </label>
            ))}
        </div>
    );
}

interface FilterProps {
    label: string;
    options: Option<string>[];
    value: string;
    onChange: (value: string) => void;
}

/** A filter of a list: choosing the chosen again takes it away. */
export function FilterSelect({ label, options, value, onChange }: FilterProps) {
    const [open, setOpen] = useState(false);
    return (
        <Select
            isOpen={open}
            onOpenChange={setOpen}
            selected={value}
            onSelect={(_, chosen) => {
                onChange(chosen === value ? "" : String(chosen));
                setOpen(false);
            }}
            toggle={(ref) => (
                <MenuToggle ref={ref} onClick={() => setOpen(!open)} isExpanded={open} className="fg-filter">
                    {label}
                </MenuToggle>
            )}
        >
            <SelectList aria-label={label}>
                {options.map((option) => (
                    <SelectOption key={option.value} value={option.value} isSelected={option.value === value}>
                        {option.text}
                    </SelectOption>
                ))}
            </SelectList>
        </Select>
    );
}
