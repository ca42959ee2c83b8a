// The partner form's content: how an object becomes text fields and back, and what is wrong with them.
import { domainLike } from "../../parts/domain";
import type { ConfigObject, Need, Partner, PartnerState, PartnerType } from "../../rest/types";
import { t } from "../../words";

export interface PartnerInput {
    domain: string;
    description: string;
    additional_domains: string[];
    partner_type: PartnerType;
    tls: Need;
    sasl: Need;
    dialback: boolean;
    keepalive: boolean;
    connection_limit: string;
    proxy: string;
    state: PartnerState;
    valid_until: string;
    review_date: string;
    owner: string;
    ticket: string;
}

/** A new partner starts where the reference product does, but for the first method that protects people. */
export function fresh(): PartnerInput {
    return {
        domain: "",
        description: "",
        additional_domains: [],
        partner_type: "public_unverified",
        tls: "required",
        sasl: "required",
        dialback: true,
        keepalive: true,
        connection_limit: "",
        proxy: "",
        state: "active",
        valid_until: "",
        review_date: "",
        owner: "",
        ticket: "",
    };
}

export function fromPartner(p: Partner): PartnerInput {
    return {
        domain: p.domain,
        description: p.description ?? "",
        additional_domains: p.additional_domains,
        partner_type: p.partner_type,
        tls: p.tls,
        sasl: p.sasl,
        dialback: p.dialback,
        keepalive: p.keepalive,
        connection_limit: p.connection_limit === null ? "" : String(p.connection_limit),
        proxy: p.proxy ?? "",
        state: p.state,
        valid_until: p.valid_until ?? "",
        review_date: p.review_date ?? "",
        owner: p.owner ?? "",
        ticket: p.ticket ?? "",
    };
}

/** Fields that may be empty are null in the object where the field table says so; texts are empty texts. */
export function toObject(input: PartnerInput, nullable: (name: string) => boolean): ConfigObject {
    const text = (name: keyof PartnerInput) => {
        const value = String(input[name]).trim();
        return value === "" && nullable(name) ? null : value;
    };
    return {
        description: text("description"),
        additional_domains: input.additional_domains,
        partner_type: input.partner_type,
        tls: input.tls,
        sasl: input.sasl,
        dialback: input.dialback,
        keepalive: input.keepalive,
        connection_limit: input.connection_limit.trim() ? Number(input.connection_limit) : null,
        proxy: input.proxy.trim() || null,
        state: input.state,
        valid_until: input.valid_until || null,
        review_date: input.review_date || null,
        owner: text("owner"),
        ticket: text("ticket"),
    };
}

export type Errors = { [name: string]: string };

export function check(input: PartnerInput, isNew: boolean): Errors {
    const errors: Errors = {};
    if (isNew && !input.domain.trim()) errors.domain = t.partnerForm.domainMissing;
    else if (isNew && !domainLike(input.domain)) errors.domain = t.partnerForm.domainInvalid;
    const limit = input.connection_limit.trim();
    if (limit && (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > 100000)) {
        errors.connection_limit = t.partnerForm.numberInvalid;
    }
    return errors;
}
