// Lists of addresses: one row each, and for SIP what is spoken there and whether a certificate is asked for.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/TextInput";
import { useId } from "react";
import type { ReactNode } from "react";
import { ToggleRow } from "../../parts/Choice";
import type { InputProps } from "../../parts/fields/FieldInput";
import { initialObject } from "../../parts/fields/values";
import type { ConfigObject, Field, Value } from "../../rest/types";
import { t } from "../../words";

interface RowsProps extends InputProps {
    fresh: Value;
    row: (entry: Value, i: number, name: string, change: (value: Value) => void) => ReactNode;
}

function ListOfRows({ field, value, onChange, errors, pointer, disabled, fresh, row }: RowsProps) {
    const s = t.settings;
    const list = Array.isArray(value) ? value : [];
    const full = list.length >= (field.max_items ?? Infinity);
    return (
        <fieldset className="fg-list">
            <legend className="fg-label">{field.label}</legend>
            {!list.length && <p className="fg-muted">{t.none}</p>}
            {list.map((entry, i) => {
                const name = `${field.label} ${i + 1}`;
                const error = errors[`${pointer}/${i}`] ?? errors[`${pointer}/${i}/address`];
                return (
                    <div key={i} className="fg-address">
                        {row(entry, i, name, (next) => onChange(list.map((old, j) => (j === i ? next : old))))}
                        <Button variant="link" isDisabled={disabled} onClick={() => onChange(list.filter((_, j) => j !== i))}>
                            {t.objects.removeEntry}
                            <span className="fg-hidden"> {name}</span>
                        </Button>
                        {error && (
                            <div className="fg-help fg-error fg-address-error" role="alert">
                                {error}
                            </div>
                        )}
                    </div>
                );
            })}
            <Button variant="link" isInline isDisabled={disabled || full} onClick={() => onChange([...list, fresh])}>
                {s.addAddress}
                <span className="fg-hidden"> {field.label}</span>
            </Button>
            <div className={errors[pointer] ? "fg-help fg-error" : "fg-help"}>{errors[pointer] ?? [field.help, (field.items?.fields?.find((f) => f.name === "address") ?? field.items)?.help].filter(Boolean).join(" ")}</div>
        </fieldset>
    );
}

function Address({ value, label, example, disabled, bad, onChange }: { value: string; label: string; example: string; disabled: boolean; bad: boolean; onChange: (value: string) => void }) {
    return (
        <TextInput
            aria-label={label}
            className="fg-mono fg-address-text"
            value={value}
            placeholder={example}
            isDisabled={disabled}
            validated={bad ? "error" : "default"}
            onChange={(_, next) => onChange(next)}
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
        />
    );
}

/** A list of addresses alone. */
export function AddressList({ example, ...props }: InputProps & { example: string }) {
    const { errors, pointer, disabled } = props;
    return (
        <ListOfRows
            {...props}
            fresh=""
            row={(entry, i, name, change) => (
                <Address value={String(entry)} label={name} example={example} disabled={disabled} bad={!!errors[`${pointer}/${i}`]} onChange={change} />
            )}
        />
    );
}

function Choose({ field, value, name, disabled, onChange }: { field: Field | undefined; value: Value | undefined; name: string; disabled: boolean; onChange: (value: string) => void }) {
    const id = useId();
    if (!field) return null;
    const options = (field.enum ?? []).map((e) => ({ value: e.value, text: e.label }));
    return (
        <span className="fg-address-choice">
            <span className="fg-second">{field.label}</span>
            <ToggleRow name={id} label={`${name}: ${field.label}`} options={options} value={String(value)} onChange={onChange} disabled={disabled} />
        </span>
    );
}

/** The ports for front ends; a certificate is asked for in TLS only. */
export function SipListeners(props: InputProps) {
    const { field, errors, pointer, disabled } = props;
    const fields = field.items?.fields ?? [];
    const of = (name: string) => fields.find((f) => f.name === name);
    return (
        <ListOfRows
            {...props}
            fresh={initialObject(fields)}
            row={(entry, i, name, change) => {
                const listener = entry as ConfigObject;
                const put = (part: string, value: Value) => change({ ...listener, [part]: value });
                return (
                    <>
                        <Address
                            value={String(listener.address ?? "")}
                            label={`${name}: ${of("address")?.label ?? ""}`}
                            example="[::]:23456"
                            disabled={disabled}
                            bad={!!errors[`${pointer}/${i}/address`]}
                            onChange={(next) => put("address", next)}
                        />
                        <Choose field={of("transport")} value={listener.transport} name={name} disabled={disabled} onChange={(next) => put("transport", next)} />
                        {listener.transport === "tls" && (
                            <Choose field={of("client_certificate")} value={listener.client_certificate} name={name} disabled={disabled} onChange={(next) => put("client_certificate", next)} />
                        )}
                    </>
                );
            }}
        />
    );
}
