// The groups of fields of the partner form.
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/Switch";
import Check from "@patternfly/react-icons/dist/esm/icons/check-icon";
import Cross from "@patternfly/react-icons/dist/esm/icons/times-icon";
import Half from "@patternfly/react-icons/dist/esm/icons/adjust-icon";
import { ToggleRow } from "../../parts/Choice";
import { domainFault, domainLike } from "../../parts/domain";
import { Labelled, TextField } from "../../parts/Labelled";
import { Stepper } from "../../parts/Stepper";
import type { ConfigObject, Need, PartnerState, PartnerType } from "../../rest/types";
import { t } from "../../words";
import { Chips } from "./Chips";
import type { Prepared } from "./Chips";
import type { Errors, PartnerInput } from "./form";

export interface FormProps {
    input: PartnerInput;
    set: (change: Partial<PartnerInput>) => void;
    errors: Errors;
    disabled: boolean;
    isNew: boolean;
    known?: string[];
    settings: ConfigObject | null;
    /** What is wrong with domains by what else there is, by domain. */
    faults?: ReadonlyMap<string, string>;
}

function domainOf(text: string): Prepared {
    const value = domainLike(text);
    return value ? { value } : { fault: t.partnerCare.faults[domainFault(text)] };
}

export function Who({ input, set, errors, disabled, isNew, known, faults }: FormProps) {
    const f = t.partnerForm;
    return (
        <>
            <div className="fg-two">
                <TextField
                    label={f.domain}
                    value={input.domain}
                    onChange={(domain) => set({ domain })}
                    help={isNew ? f.domainHelp : f.domainFixed}
                    error={errors.domain ?? faults?.get(domainLike(input.domain) ?? "")}
                    disabled={!isNew || disabled}
                    required={isNew}
                    autoFocus={isNew}
                    mono
                />
                <TextField
                    label={f.description}
                    value={input.description}
                    onChange={(description) => set({ description })}
                    help={f.descriptionHelp}
                    error={errors.description}
                    disabled={disabled}
                />
            </div>
            <Labelled
                label={f.additional}
                help={f.additionalHelp(input.additional_domains.length)}
                error={errors.additional_domains}
            >
                {(id, helpId) => (
                    <Chips
                        id={id}
                        helpId={helpId}
                        values={input.additional_domains}
                        onChange={(additional_domains) => set({ additional_domains })}
                        known={known}
                        placeholder={f.additionalAdd}
                        disabled={disabled}
                        prepare={domainOf}
                        invalid={!!errors.additional_domains}
                        faults={faults}
                    />
                )}
            </Labelled>
        </>
    );
}

const abilityIcons: { [can: string]: typeof Check } = { yes: Check, added: Half, never: Cross };

function TypeCard({ type, chosen, choose, disabled }: { type: PartnerType; chosen: boolean; choose: () => void; disabled: boolean }) {
    const words = t.partnerForm.types[type];
    return (
        <label className={`fg-card${chosen ? " fg-card-chosen" : ""}`}>
            <span className="fg-card-title">
                <input type="radio" name="partner_type" value={type} checked={chosen} disabled={disabled} onChange={choose} />
                {t.partnerType[type]}
            </span>
            <span className="fg-card-text">{words.text}</span>
            {words.can.map((can, i) => {
                const Icon = abilityIcons[can] ?? Check;
                return (
                    <span key={i} className={`fg-ability fg-ability-${can}`}>
                        <Icon aria-hidden="true" /> {t.partnerForm.ability(t.partnerForm.abilities[i] ?? "", can)}
                    </span>
                );
            })}
        </label>
    );
}

export function WhatTheyCan({ input, set, disabled }: FormProps) {
    const types: PartnerType[] = ["federated", "public_verified", "public_unverified"];
    return (
        <fieldset className="fg-group">
            <legend>
                {t.partnerForm.contacts} <span className="fg-note">{t.partnerForm.onceAdded}</span>
            </legend>
            <div className="fg-cards">
                {types.map((type) => (
                    <TypeCard
                        key={type}
                        type={type}
                        chosen={input.partner_type === type}
                        choose={() => set({ partner_type: type })}
                        disabled={disabled}
                    />
                ))}
            </div>
        </fieldset>
    );
}

const needs: Need[] = ["required", "optional", "not_supported"];

export function HowSecured({ input, set, disabled }: FormProps) {
    const f = t.partnerForm;
    const options = needs.map((value) => ({ value, text: t.need[value] }));
    return (
        <fieldset className="fg-group">
            <legend>{f.secured}</legend>
            <div className="fg-terms">
                <Labelled label={f.tls} help={f.tlsHelp[input.tls]} group>
                    {(_, helpId) => (
                        <ToggleRow name="tls" label={f.tls} options={options} value={input.tls} onChange={(tls) => set({ tls })} disabled={disabled} describedBy={helpId} />
                    )}
                </Labelled>
                <Labelled label={f.sasl} help={f.saslHelp[input.sasl]} group>
                    {(_, helpId) => (
                        <ToggleRow name="sasl" label={f.sasl} options={options} value={input.sasl} onChange={(sasl) => set({ sasl })} disabled={disabled} describedBy={helpId} />
                    )}
                </Labelled>
                <Labelled label={f.dialback} help={f.dialbackHelp} group>
                    {() => (
                        <Switch
                            id="dialback"
                            aria-label={f.dialback}
                            label={input.dialback ? f.dialbackOn : f.dialbackOff}
                            isChecked={input.dialback}
                            isDisabled={disabled}
                            onChange={(_, dialback) => set({ dialback })}
                        />
                    )}
                </Labelled>
            </div>
        </fieldset>
    );
}

function Limit({ input, set, errors, disabled, settings }: FormProps) {
    const standard = Number(settings?.partner_connection_limit ?? 20);
    return (
        <Labelled label={t.partnerForm.limit} help={t.partnerForm.limitHelp(standard)} error={errors.connection_limit}>
            {(id, helpId) => (
                <Stepper
                    id={id}
                    helpId={helpId}
                    value={input.connection_limit}
                    onChange={(connection_limit) => set({ connection_limit })}
                    standard={standard}
                    min={1}
                    max={100000}
                    words={t.partnerForm}
                    disabled={disabled}
                    invalid={!!errors.connection_limit}
                />
            )}
        </Labelled>
    );
}

function OwnerAndTicket({ input, set, disabled }: FormProps) {
    const f = t.partnerForm;
    return (
        <div className="fg-field">
            <div className="fg-pair">
                <TextField label={f.owner} value={input.owner} onChange={(owner) => set({ owner })} disabled={disabled} />
                <TextField label={f.ticket} value={input.ticket} onChange={(ticket) => set({ ticket })} disabled={disabled} mono />
            </div>
            <div className="fg-help">{f.ownerTicketHelp}</div>
        </div>
    );
}

export function Advanced(props: FormProps) {
    const { input, set, errors, disabled, settings } = props;
    const f = t.partnerForm;
    const states: PartnerState[] = ["active", "draining", "suspended"];
    const date = (name: "valid_until" | "review_date", label: string, help: string) => (
        <TextField label={label} type="date" value={input[name]} onChange={(value) => set({ [name]: value })} help={help} error={errors[name]} disabled={disabled} />
    );
    return (
        <fieldset className="fg-group">
            <legend>{f.advanced}</legend>
            <div className="fg-two">
                <TextField
                    label={f.proxy}
                    value={input.proxy}
                    onChange={(proxy) => set({ proxy })}
                    placeholder={f.proxyPlaceholder}
                    help={f.proxyHelp}
                    error={errors.proxy}
                    disabled={disabled}
                    mono
                />
                <Limit {...props} />
                <Labelled label={f.keepalive} help={f.keepaliveHelp(Number(settings?.keepalive_interval ?? 300))} group>
                    {() => (
                        <Switch
                            id="keepalive"
                            aria-label={f.keepalive}
                            label={input.keepalive ? t.on : t.off}
                            isChecked={input.keepalive}
                            isDisabled={disabled}
                            onChange={(_, keepalive) => set({ keepalive })}
                        />
                    )}
                </Labelled>
                <Labelled label={f.state} help={f.stateHelp[input.state]} group>
                    {(_, helpId) => (
                        <ToggleRow
                            name="state"
                            label={f.state}
                            options={states.map((value) => ({ value, text: t.partnerState[value] }))}
                            value={input.state}
                            onChange={(state) => set({ state })}
                            disabled={disabled}
                            describedBy={helpId}
                        />
                    )}
                </Labelled>
                {date("valid_until", f.validUntil, f.validUntilHelp)}
                {date("review_date", f.reviewDate, f.reviewDateHelp)}
                <OwnerAndTicket {...props} />
            </div>
        </fieldset>
    );
}
