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

const two = (n: number) => String(n).padStart(2, "0");

/** The last day, here, of a partnership that ends at a moment. */
function lastDay(at: string | null): string {
    if (!at) return "";
    const day = new Date(new Date(at).getTime() - 1);
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The moment, in UTC, when the last day is over here. A moment that ends the same day stays as it was. */
export function endOf(day: string, was: string | null): string | null {
    if (!day) return null;
    if (was && lastDay(was) === day) return was;
    const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
    return new Date(year, month - 1, date + 1).toISOString().replace(/\.\d+Z$/, "Z");
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
        valid_until: lastDay(p.valid_until),
        review_date: p.review_date ?? "",
        owner: p.owner ?? "",
        ticket: p.ticket ?? "",
    };
}

/** @param was  the moment the partnership ended at before, for a day that was not touched */
export function toObject(input: PartnerInput, was: string | null): ConfigObject {
    return {
        description: input.description.trim(),
        additional_domains: input.additional_domains,
        partner_type: input.partner_type,
        tls: input.tls,
        sasl: input.sasl,
        dialback: input.dialback,
        keepalive: input.keepalive,
        connection_limit: input.connection_limit.trim() ? Number(input.connection_limit) : null,
        proxy: input.proxy.trim() || null,
        state: input.state,
        valid_until: endOf(input.valid_until, was),
        review_date: input.review_date || null,
        owner: input.owner.trim(),
        ticket: input.ticket.trim(),
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
