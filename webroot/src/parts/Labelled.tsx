// One field of a form: label above, help or error below, tied together for screen readers.
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/TextInput";
import { useId } from "react";
import type { ReactNode } from "react";
import { t } from "../words";

interface LabelledProps {
    label: ReactNode;
    help?: ReactNode;
    error?: string | null;
    required?: boolean;
    /** Given the id for the control and the id of its help. */
    children: (id: string, helpId: string) => ReactNode;
    /** A group of controls has no single control for the label to point at. */
    group?: boolean;
    /** The label is for screen readers only. */
    bare?: boolean;
    className?: string;
}

export function Labelled({ label, help, error, required, children, group, bare, className }: LabelledProps) {
    const id = useId();
    const helpId = `${id}-help`;
    const text = (
        <>
            {label}
            {required && <span className="fg-required" />}
        </>
    );
    return (
        <div className={`fg-field${bare ? " fg-bare" : ""} ${className ?? ""}`}>
            {group ? <span className="fg-label">{text}</span> : <label htmlFor={id}>{text}</label>}
            {children(id, helpId)}
            <div id={helpId} className={error ? "fg-help fg-error" : "fg-help"} role={error ? "alert" : undefined}>
                {error || help}
            </div>
        </div>
    );
}

interface TextProps {
    label: string;
    value: string;
    onChange: (value: string) => void;
    help?: ReactNode;
    error?: string | null;
    required?: boolean;
    disabled?: boolean;
    mono?: boolean;
    placeholder?: string;
    type?: "text" | "password" | "date" | "url";
    autoComplete?: string;
    autoFocus?: boolean;
    maxLength?: number;
}

export function TextField(props: TextProps) {
    const { label, value, onChange, help, error, required, disabled, mono, type = "text" } = props;
    return (
        <Labelled label={label} help={help} error={error} required={required}>
            {(id, helpId) => (
                <TextInput
                    id={id}
                    value={value}
                    onChange={(_, next) => onChange(next)}
                    type={type}
                    isDisabled={disabled}
                    isRequired={required}
                    validated={error ? "error" : "default"}
                    aria-describedby={helpId}
                    placeholder={props.placeholder}
                    autoComplete={props.autoComplete ?? "off"}
                    autoFocus={props.autoFocus}
                    maxLength={props.maxLength}
                    spellCheck={mono ? false : undefined}
                    className={mono ? "fg-mono" : undefined}
                />
            )}
        </Labelled>
    );
}

/** What a form says when the role may not save it. */
export function roleNames(only: (keyof typeof t.roles)[]): string {
    return only.map((role) => t.roles[role].toLowerCase()).join(", ");
}
