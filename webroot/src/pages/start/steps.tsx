// The steps of the first start. Each stages its object in the draft; what is there already is shown and kept.
import { useState } from "react";
import { ToggleRow } from "../../parts/Choice";
import { domainLike } from "../../parts/domain";
import { Labelled, TextField } from "../../parts/Labelled";
import { Facts } from "../../parts/Panel";
import { rest, segment } from "../../rest/client";
import { findRow, useLive, useNegotiation } from "../../rest/live";
import type { ConfigObject, PartnerType } from "../../rest/types";
import { t } from "../../words";
import { HowSecured, WhatTheyCan } from "../partners/FormParts";
import { fresh, toObject } from "../partners/form";
import { HowWeConnect } from "../partners/HowWeConnect";
import { StepForm } from "./parts";
import type { StepProps } from "./parts";
import type { Item } from "./useSetup";

export function DomainStep({ domains, ...step }: StepProps & { domains: Item[] }) {
    const s = t.start;
    const [domain, setDomain] = useState("");
    const prepared = domainLike(domain) ?? domain.trim();
    return (
        <StepForm
            {...step}
            title={s.domain.title}
            why={s.domain.why}
            names={["domain"]}
            dirty={!!domain.trim()}
            empty={!prepared}
            save={async () => {
                await rest.put(`/domains/${segment(prepared)}`, {}, { createOnly: true });
            }}
        >
            {(errors) => (
                <>
                    {domains.length > 0 && <Facts rows={[[s.there, domains.map((d) => String(d.domain)).join(", ")]]} />}
                    <TextField
                        label={domains.length ? s.domain.another : s.domain.label}
                        help={s.domain.help}
                        value={domain}
                        onChange={setDomain}
                        error={errors.domain}
                        mono
                        placeholder="contoso.com"
                    />
                </>
            )}
        </StepForm>
    );
}

type Transport = "tls" | "tcp" | "udp";
const usualPort: { [transport in Transport]: string } = { tls: "5061", tcp: "5060", udp: "5060" };

export function FrontEndStep({ domains, frontEnds, ...step }: StepProps & { domains: Item[]; frontEnds: Item[] }) {
    const s = t.start;
    const [host, setHost] = useState("");
    const [transport, setTransport] = useState<Transport>("tls");
    const [port, setPort] = useState("");
    const [tlsName, setTlsName] = useState("");
    const isAddress = /^[0-9.]+$|:/.test(host.trim());
    const save = async () => {
        const name = host.trim().toLowerCase();
        const body: ConfigObject = { host: host.trim(), transport, port: Number(port || usualPort[transport]) };
        if (tlsName.trim()) body.tls_name = tlsName.trim();
        await rest.put(`/front_ends/${segment(name)}`, body, { createOnly: true });
        for (const d of domains.filter((one) => !Array.isArray(one.front_ends) || !one.front_ends.length)) {
            await rest.patch(`/domains/${segment(String(d.domain))}`, { front_ends: [name] });
        }
    };
    return (
        <StepForm
            {...step}
            title={s.frontEnd.title}
            why={s.frontEnd.why}
            names={["host", "port", "tls_name"]}
            dirty={!!host.trim()}
            empty={!host.trim()}
            save={save}
        >
            {(errors) => (
                <>
                    {frontEnds.length > 0 && <Facts rows={[[s.there, frontEnds.map((f) => String(f.name)).join(", ")]]} />}
                    <TextField
                        label={frontEnds.length ? s.frontEnd.another : s.frontEnd.host}
                        help={s.frontEnd.hostHelp}
                        value={host}
                        onChange={setHost}
                        error={errors.host}
                        mono
                        placeholder="sip1.contoso.com"
                    />
                    <Labelled label={s.frontEnd.transport} help={s.frontEnd.transportHelp[transport]} group>
                        {(_, helpId) => (
                            <ToggleRow
                                name="transport"
                                label={s.frontEnd.transport}
                                describedBy={helpId}
                                options={(["tls", "tcp", "udp"] as const).map((value) => ({ value, text: value.toUpperCase() }))}
                                value={transport}
                                onChange={setTransport}
                            />
                        )}
                    </Labelled>
                    <TextField
                        label={s.frontEnd.port}
                        value={port}
                        onChange={setPort}
                        error={errors.port}
                        placeholder={usualPort[transport]}
                        mono
                    />
                    {transport === "tls" && isAddress && (
                        <TextField
                            label={s.frontEnd.tlsName}
                            help={s.frontEnd.tlsNameHelp}
                            value={tlsName}
                            onChange={setTlsName}
                            error={errors.tls_name}
                            required
                            mono
                        />
                    )}
                </>
            )}
        </StepForm>
    );
}

export function PartnerStep({ partners, settings, ...step }: StepProps & { partners: number; settings: ConfigObject | null }) {
    const s = t.start;
    const { status } = useLive();
    const rows = useNegotiation();
    const [input, setInput] = useState(() => ({ ...fresh(), partner_type: "federated" as PartnerType }));
    const row = findRow(rows, input);
    const dead = row && !row.valid ? t.partnerForm.cannotSave : null;
    const domain = domainLike(input.domain) ?? input.domain.trim();
    const set = (change: Partial<typeof input>) => setInput({ ...input, ...change });
    const save = async () => {
        await rest.put(`/partners/${segment(domain)}`, toObject(input, null), { createOnly: true });
    };
    return (
        <StepForm
            {...step}
            blocked={step.blocked ?? dead}
            title={s.partner.title}
            why={s.partner.why}
            names={["domain"]}
            dirty={!!input.domain.trim()}
            empty={!domain}
            save={save}
        >
            {(errors) => {
                const form = { input, set, errors, disabled: false, isNew: true, settings };
                return (
                    <>
                        {partners > 0 && <Facts rows={[[s.there, t.overview.listed(partners)]]} />}
                        <TextField
                            label={t.partnerForm.domain}
                            help={t.partnerForm.domainHelp}
                            value={input.domain}
                            onChange={(next) => set({ domain: next })}
                            error={errors.domain}
                            mono
                            placeholder="fabrikam.com"
                        />
                        <WhatTheyCan {...form} />
                        <HowSecured {...form} />
                        <HowWeConnect
                            terms={input}
                            row={row}
                            running={null}
                            revision={status.data?.revision ?? 0}
                            streams={[]}
                            set={set}
                        />
                    </>
                );
            }}
        </StepForm>
    );
}

type Who = "everybody" | "chosen" | "nobody";

function whoMay(policies: Item[]): Who {
    const allows = (p: Item) => p.federation_access === true && p.xmpp_access === true;
    if (policies.some((p) => p.identity === "global" && allows(p))) return "everybody";
    return policies.some(allows) ? "chosen" : "nobody";
}

/** The policy made for "people I choose". */
const chosenPolicy = "user:partners";

export function PolicyStep({ policies, ...step }: StepProps & { policies: Item[] }) {
    const s = t.start.policy;
    const now = whoMay(policies);
    const [who, setWho] = useState<Who>(now);
    const save = async () => {
        const open = who === "everybody";
        await rest.patch("/policies/global", { federation_access: open, xmpp_access: open });
        if (who === "chosen") await rest.put(`/policies/${segment(chosenPolicy)}`, { federation_access: true, xmpp_access: true });
    };
    return (
        <StepForm {...step} title={s.title} why={s.why} names={[]} dirty={who !== now} empty={false} save={save}>
            {() => (
                <Labelled label={s.label} help={s.help[who]} group>
                    {(_, helpId) => (
                        <ToggleRow
                            name="who"
                            label={s.label}
                            describedBy={helpId}
                            large
                            options={(["everybody", "chosen", "nobody"] as const).map((value) => ({ value, text: s.who[value] }))}
                            value={who}
                            onChange={setWho}
                        />
                    )}
                </Labelled>
            )}
        </StepForm>
    );
}

export function FederationStep({ settings, ...step }: StepProps & { settings: ConfigObject | null }) {
    const s = t.start.federation;
    const now = settings?.federation_enabled === true;
    const [on, setOn] = useState(now);
    const save = async () => {
        await rest.patch("/settings", { federation_enabled: on });
    };
    return (
        <StepForm {...step} title={s.title} why={s.why} names={[]} dirty={on !== now} empty={false} save={save}>
            {() => (
                <Labelled label={s.label} help={on ? s.onHelp : s.offHelp} group>
                    {(_, helpId) => (
                        <ToggleRow
                            name="federation"
                            label={s.label}
                            describedBy={helpId}
                            options={[
                                { value: "off", text: t.off },
                                { value: "on", text: t.on },
                            ]}
                            value={on ? "on" : "off"}
                            onChange={(value) => setOn(value === "on")}
                        />
                    )}
                </Labelled>
            )}
        </StepForm>
    );
}
