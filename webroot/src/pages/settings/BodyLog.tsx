// Writing message texts to the log: of one partner or of all, until a time that is at most a day away.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/Switch";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/TextInput";
import { useEffect, useId, useState } from "react";
import type { InputProps } from "../../parts/fields/FieldInput";
import { fullTime, span } from "../../parts/format";
import { Labelled } from "../../parts/Labelled";
import { Mark } from "../../parts/Marks";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Page, Value } from "../../rest/types";
import { t } from "../../words";

const hour = 3600;
const most = 24 * hour;
const offered = [hour / 4, hour, 8 * hour, most];

/** A moment less than a whole day, so that what is offered still fits when it is saved. */
const inSeconds = (seconds: number): string =>
    new Date(Date.now() + Math.min(seconds, most - 60) * 1000).toISOString().replace(/\.\d+Z$/, "Z");

const local = (at: string): string => {
    const time = new Date(at);
    return Number.isNaN(time.getTime()) ? "" : new Date(time.getTime() - time.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

function endProblem(until: Value | undefined): string | null {
    const at = new Date(String(until ?? "")).getTime();
    if (Number.isNaN(at)) return t.settings.body.endMissing;
    if (at <= Date.now()) return t.settings.body.endPast;
    return at > Date.now() + most * 1000 ? t.settings.body.endLate : null;
}

/** A partner's domain, offered while it is typed; there may be thousands. */
function PartnerInput({ value, label, help, error, disabled, onChange }: { value: string; label: string; help?: string; error?: string; disabled: boolean; onChange: (value: string | null) => void }) {
    const list = useId();
    const [asked, setAsked] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => setAsked(value), 250);
        return () => clearTimeout(timer);
    }, [value]);
    const found = useGet<Page<ConfigObject>>(`/partners?view=draft&limit=20&q=${encodeURIComponent(asked)}`, { afterWrites: false }).data;
    return (
        <Labelled label={label} help={help} error={error}>
            {(id, helpId) => (
                <>
                    <TextInput
                        id={id}
                        list={list}
                        className="fg-mono"
                        value={value}
                        placeholder={t.settings.body.all}
                        isDisabled={disabled}
                        validated={error ? "error" : "default"}
                        onChange={(_, next) => onChange(next.trim() || null)}
                        aria-describedby={helpId}
                        autoComplete="off"
                        spellCheck={false}
                    />
                    <datalist id={list}>
                        {(found?.items ?? []).map((p) => (
                            <option key={String(p.domain)} value={String(p.domain)} />
                        ))}
                    </datalist>
                </>
            )}
        </Labelled>
    );
}

export function BodyLog({ field, value, onChange, errors, pointer, disabled }: InputProps) {
    const b = t.settings.body;
    const log = typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
    const of = (name: string) => field.fields?.find((f) => f.name === name);
    const put = (name: string, next: Value) => onChange({ ...log, [name]: next });
    const until = typeof log?.until === "string" ? log.until : "";
    const ended = !!until && new Date(until).getTime() <= Date.now();
    const partner = typeof log?.partner === "string" ? log.partner : "";
    return (
        <fieldset className="fg-object">
            <legend className="fg-label">{field.label}</legend>
            <Switch
                id="log-message-bodies"
                aria-label={field.label}
                label={log ? t.on : t.off}
                isChecked={!!log}
                isDisabled={disabled}
                onChange={(_, on) => onChange(on ? { partner: null, until: inSeconds(hour) } : null)}
            />
            <div className={errors[pointer] ? "fg-help fg-error" : "fg-help"}>{errors[pointer] ?? field.help}</div>
            {log && (
                <>
                    <p className="fg-warned fg-body-warning">
                        <Mark mood="warn" />
                        <span>{ended ? b.over : partner ? b.warnOne(partner) : b.warnAll}</span>
                    </p>
                    <div className="fg-two">
                        <PartnerInput
                            value={partner}
                            label={of("partner")?.label ?? ""}
                            help={of("partner")?.help}
                            error={errors[`${pointer}/partner`]}
                            disabled={disabled}
                            onChange={(next) => put("partner", next)}
                        />
                        <Labelled
                            label={of("until")?.label ?? ""}
                            help={[until && fullTime(until), of("until")?.help].filter(Boolean).join(". ")}
                            error={errors[`${pointer}/until`] ?? (disabled ? null : endProblem(log.until))}
                            required
                        >
                            {(id, helpId) => (
                                <>
                                    <TextInput
                                        id={id}
                                        type="datetime-local"
                                        value={local(until)}
                                        min={local(new Date().toISOString())}
                                        max={local(inSeconds(most))}
                                        isDisabled={disabled}
                                        onChange={(_, next) => put("until", next ? new Date(next).toISOString().replace(/\.\d+Z$/, "Z") : null)}
                                        aria-describedby={helpId}
                                    />
                                    {!disabled && (
                                        <span className="fg-durations">
                                            {offered.map((seconds) => (
                                                <Button key={seconds} variant="link" isInline onClick={() => put("until", inSeconds(seconds))}>
                                                    {b.fromNow(span(seconds))}
                                                </Button>
                                            ))}
                                        </span>
                                    )}
                                </>
                            )}
                        </Labelled>
                    </div>
                </>
            )}
        </fieldset>
    );
}
