// A day as a filter: the browser's own date field, with its label before it.
import { useId } from "react";

export function DateFilter({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }) {
    const id = useId();
    return (
        <span className="fg-date-filter">
            <label htmlFor={id}>{label}</label>
            <input id={id} type="date" value={value} onChange={(e) => onChange(e.target.value)} />
        </span>
    );
}
