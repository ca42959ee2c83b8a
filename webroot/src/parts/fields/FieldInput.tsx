// One field of an object, by its type in the field tables. Objects and lists hold further fields.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/Switch";
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/TextInput";
import { useState } from "react";
import type { ConfigObject, Field, Page, Value } from "../../rest/types";
import { useSchema } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";
import { ToggleRow } from "../Choice";
import { unit, valueText } from "../format";
import { Labelled } from "../Labelled";
import { helpText, initial, initialObject } from "./values";

export interface InputProps {
    field: Field;
    value: Value;
    onChange: (value: Value) => void;
    /** Problems by JSON pointer below the object. */
    errors: { [pointer: string]: string };
    pointer: string;
    disabled: boolean;
    /** A drafted value of this field. */
    drafted?: boolean;
    /** The label stands above already: it is for screen readers only. */
    bare?: boolean;
    /** What a number means in other words, beside it. */
    meaning?: string;
}

const isRecord = (value: Value): value is ConfigObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);

function errorOf(errors: { [pointer: string]: string }, pointer: string): string | null {
    return errors[pointer] ?? null;
}

function BoolInput({ field, value, onChange, disabled, errors, pointer }: InputProps) {
    return (
        <Labelled label={field.label} help={helpText(field)} error={errorOf(errors, pointer)} group>
            {(id) => (
                <Switch
                    id={id}
                    aria-label={field.label}
                    label={value ? t.on : t.off}
                    isChecked={!!value}
                    isDisabled={disabled}
                    onChange={(_, next) => onChange(next)}
                />
            )}
        </Labelled>
    );
}

function IntegerInput({ field, value, onChange, disabled, errors, pointer, meaning }: InputProps) {
    const [text, setText] = useState(value === null ? "" : String(value));
    const shown = text !== "" && Number(text) === value ? text : value === null ? (text && Number.isNaN(Number(text)) ? text : "") : String(value);
    const bad = shown !== "" && !/^-?\d+$/.test(shown);
    const error = bad ? t.objects.numberInvalid : errorOf(errors, pointer);
    const change = (next: string) => {
        setText(next);
        if (next === "") onChange(field.nullable ? null : (field.default ?? null));
        else if (/^-?\d+$/.test(next)) onChange(Number(next));
    };
    return (
        <Labelled label={field.label} help={helpText(field)} error={error} required={field.required}>
            {(id, helpId) => (
                <div className="fg-with-unit">
                    <TextInput
                        id={id}
                        type="number"
                        className="fg-short fg-figures"
                        value={shown}
                        onChange={(_, next) => change(next)}
                        isDisabled={disabled}
                        validated={error ? "error" : "default"}
                        aria-describedby={helpId}
                        min={field.min}
                        max={field.max}
                    />
                    {unit(field) && <span className="fg-muted">{meaning ? `${unit(field)} = ${meaning}` : unit(field)}</span>}
                </div>
            )}
        </Labelled>
    );
}

function EnumInput({ field, value, onChange, disabled, errors, pointer }: InputProps) {
    const options = (field.enum ?? []).map((e) => ({ value: e.value, text: e.label }));
    const chosen = field.enum?.find((e) => e.value === value);
    const help = [chosen?.help, helpText(field)].filter(Boolean).join(" ");
    if (options.length <= 4 && !field.nullable) {
        return (
            <Labelled label={field.label} help={help} error={errorOf(errors, pointer)} group>
                {(id, helpId) => (
                    <ToggleRow name={id} label={field.label} options={options} value={String(value)} onChange={onChange} disabled={disabled} describedBy={helpId} />
                )}
            </Labelled>
        );
    }
    return (
        <Labelled label={field.label} help={help} error={errorOf(errors, pointer)}>
            {(id, helpId) => (
                <select
                    id={id}
                    className="fg-select"
                    value={value === null ? "" : String(value)}
                    onChange={(e) => onChange(e.target.value || (field.nullable ? null : ""))}
                    disabled={disabled}
                    aria-describedby={helpId}
                >
                    {field.nullable && <option value="">{t.none}</option>}
                    {options.map((o) => (
                        <option key={o.value} value={o.value}>
                            {o.text}
                        </option>
                    ))}
                </select>
            )}
        </Labelled>
    );
}

const few = 200;

/** What a reference may point to; null while unknown, and when there is too much for a list to choose from. */
function useTargets(kind: string): string[] | null {
    const key = useSchema(kind)?.key?.name;
    const { data } = useGet<Page<ConfigObject>>(kind ? `/${kind}?view=draft&limit=${few}` : null);
    if (!key || !data || data.total > few) return null;
    return data.items.filter((item) => item.draft !== "removed").map((item) => String(item[key]));
}

/** Only policies made for users can be assigned to one. */
const mayTarget = (field: Field, key: string) => field.name !== "policy" || key.startsWith("user:");

function RefInput(props: InputProps) {
    const { field, value, onChange, disabled, errors, pointer, bare } = props;
    const targets = useTargets(field.ref ?? "");
    if (!targets) return <StringInput {...props} />;
    const now = value === null ? "" : String(value);
    const options = targets.filter((key) => mayTarget(field, key));
    if (now && !options.includes(now)) options.unshift(now);
    const nothing = field.name === "policy" ? t.objects.automatic : t.none;
    return (
        <Labelled label={field.label} help={helpText(field)} error={errorOf(errors, pointer)} required={field.required} bare={bare}>
            {(id, helpId) => (
                <select
                    id={id}
                    className="fg-select"
                    value={now}
                    onChange={(e) => onChange(e.target.value || (field.nullable ? null : ""))}
                    disabled={disabled}
                    aria-describedby={helpId}
                >
                    <option value="">{field.nullable ? nothing : t.common.chooseOne}</option>
                    {options.map((key) => (
                        <option key={key} value={key}>
                            {key}
                        </option>
                    ))}
                </select>
            )}
        </Labelled>
    );
}

function StringInput({ field, value, onChange, disabled, errors, pointer, bare }: InputProps) {
    const error = errorOf(errors, pointer);
    const mono = field.type === "domain" || field.type === "ref" || !!field.format;
    const type = field.type === "date" ? "date" : field.write_only ? "password" : "text";
    return (
        <Labelled label={field.label} help={helpText(field)} error={error} required={field.required} bare={bare}>
            {(id, helpId) => (
                <TextInput
                    id={id}
                    type={type}
                    value={value === null ? "" : String(value)}
                    onChange={(_, next) => onChange(next === "" && field.nullable ? null : next)}
                    isDisabled={disabled}
                    validated={error ? "error" : "default"}
                    aria-describedby={helpId}
                    autoComplete="off"
                    maxLength={field.max_length}
                    className={mono ? "fg-mono" : undefined}
                    spellCheck={mono ? false : undefined}
                />
            )}
        </Labelled>
    );
}

/** A time, in the browser's zone while it is typed, in UTC when it is sent. */
function TimeInput({ field, value, onChange, disabled, errors, pointer }: InputProps) {
    const error = errorOf(errors, pointer);
    const local = (text: string) => {
        const at = new Date(text);
        return Number.isNaN(at.getTime()) ? "" : new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    };
    return (
        <Labelled label={field.label} help={helpText(field)} error={error} required={field.required}>
            {(id, helpId) => (
                <TextInput
                    id={id}
                    type="datetime-local"
                    value={typeof value === "string" ? local(value) : ""}
                    onChange={(_, next) => onChange(next ? new Date(next).toISOString().replace(/\.\d+Z$/, "Z") : null)}
                    isDisabled={disabled}
                    validated={error ? "error" : "default"}
                    aria-describedby={helpId}
                />
            )}
        </Labelled>
    );
}

function LongInput({ field, value, onChange, disabled, errors, pointer }: InputProps) {
    const error = errorOf(errors, pointer);
    const pem = field.type === "pem";
    return (
        <Labelled
            label={field.label}
            help={[helpText(field), pem ? t.objects.pemHelp : ""].filter(Boolean).join(" ")}
            error={error}
            required={field.required}
            className="fg-wide"
        >
            {(id, helpId) => (
                <>
                    <TextArea
                        id={id}
                        value={value === null ? "" : String(value)}
                        onChange={(_, next) => onChange(next === "" && field.nullable ? null : next)}
                        isDisabled={disabled}
                        validated={error ? "error" : "default"}
                        aria-describedby={helpId}
                        rows={pem ? 8 : 2}
                        resizeOrientation="vertical"
                        className={pem ? "fg-mono" : undefined}
                        spellCheck={pem ? false : undefined}
                    />
                    {pem && !disabled && <FileButton onText={onChange} />}
                </>
            )}
        </Labelled>
    );
}

/** Reads a text file from this computer into a field. */
export function FileButton({ onText }: { onText: (text: string) => void }) {
    const read = (file: File | undefined) => {
        if (file) void file.text().then(onText);
    };
    return (
        <label className="fg-file">
            {t.objects.chooseFile}
            <input type="file" accept=".pem,.crt,.cer,.key,.txt" onChange={(e) => read(e.target.files?.[0])} />
        </label>
    );
}

function ListInput({ field, value, onChange, errors, pointer, disabled }: InputProps) {
    const list = Array.isArray(value) ? value : [];
    const item: Field = field.items ?? { name: "", type: "string", label: "" };
    const replace = (i: number, next: Value) => onChange(list.map((old, j) => (j === i ? next : old)));
    const choices = item.type === "enum" ? (item.enum ?? []) : null;
    return (
        <fieldset className="fg-list fg-wide">
            <legend className="fg-label">{field.label}</legend>
            {choices
                ? choices.map((choice) => (
                      <label key={choice.value} className="fg-tick">
                          <input
                              type="checkbox"
                              disabled={disabled}
                              checked={list.includes(choice.value)}
                              onChange={(e) => onChange(e.target.checked ? [...list, choice.value] : list.filter((v) => v !== choice.value))}
                          />
                          <span>{choice.label}</span>
                      </label>
                  ))
                : list.map((entry, i) => (
                      <div key={i} className="fg-list-entry">
                          <FieldInput
                              field={{ ...item, name: String(i), label: item.type === "object" ? t.objects.entry(i + 1) : `${field.label} ${i + 1}`, help: undefined }}
                              value={entry}
                              onChange={(next) => replace(i, next)}
                              errors={errors}
                              pointer={`${pointer}/${i}`}
                              disabled={disabled}
                              bare
                          />
                          <Button variant="link" isDanger isDisabled={disabled} onClick={() => onChange(list.filter((_, j) => j !== i))}>
                              {t.objects.removeEntry}
                              <span className="fg-hidden"> {`${field.label} ${i + 1}`}</span>
                          </Button>
                      </div>
                  ))}
            {!choices && (
                <Button variant="link" isInline isDisabled={disabled || list.length >= (field.max_items ?? Infinity)} onClick={() => onChange([...list, initial({ ...item, default: undefined, nullable: false })])}>
                    {t.objects.addEntry}
                </Button>
            )}
            <div className={errorOf(errors, pointer) ? "fg-help fg-error" : "fg-help"}>
                {errorOf(errors, pointer) ?? helpText(field) ?? ""}
            </div>
        </fieldset>
    );
}

function ObjectInput({ field, value, onChange, errors, pointer, disabled, bare }: InputProps) {
    const fields = (field.fields ?? []).filter((f) => !f.read_only);
    const present = isRecord(value);
    return (
        <fieldset className="fg-object fg-wide">
            <legend className={bare ? "fg-hidden" : "fg-label"}>{field.label}</legend>
            {field.nullable && (
                <Switch
                    id={`nullable${pointer}`}
                    aria-label={t.objects.enable(field.label)}
                    label={present ? t.on : t.off}
                    isChecked={present}
                    isDisabled={disabled}
                    onChange={(_, on) => onChange(on ? initialObject(fields) : null)}
                />
            )}
            {field.help && <div className="fg-help">{field.help}</div>}
            {present && (
                <div className="fg-two">
                    {fields.map((sub) => (
                        <FieldInput
                            key={sub.name}
                            field={sub}
                            value={value[sub.name] ?? initial(sub)}
                            onChange={(next) => onChange({ ...value, [sub.name]: next })}
                            errors={errors}
                            pointer={`${pointer}/${sub.name}`}
                            disabled={disabled}
                        />
                    ))}
                </div>
            )}
            {errorOf(errors, pointer) && <div className="fg-help fg-error">{errorOf(errors, pointer)}</div>}
        </fieldset>
    );
}

export function FieldInput(props: InputProps) {
    const { field, value, drafted } = props;
    if (field.read_only) {
        return (
            <Labelled label={field.label} help={field.help ?? t.objects.readOnly} group>
                {() => <span>{isRecord(value) ? Object.values(value).map(String).join(", ") : valueText(field, value)}</span>}
            </Labelled>
        );
    }
    const inputs: { [type: string]: typeof StringInput } = {
        bool: BoolInput,
        integer: IntegerInput,
        enum: EnumInput,
        text: LongInput,
        pem: LongInput,
        list: ListInput,
        object: ObjectInput,
        datetime: TimeInput,
        ref: RefInput,
    };
    const Input = inputs[field.type] ?? StringInput;
    return (
        <div className={`fg-slot${drafted ? " fg-slot-draft" : ""}${["list", "object", "text", "pem"].includes(field.type) ? " fg-wide" : ""}`}>
            <Input {...props} />
        </div>
    );
}
