// The shapes that the REST interface answers with, as far as the panel reads them.

export type Method = "sasl_tls" | "dialback_tls" | "dialback_tcp";
export type Need = "required" | "optional" | "not_supported";
export type PartnerType = "federated" | "public_verified" | "public_unverified";
export type PartnerState = "active" | "suspended" | "draining";
export type LiveState = "connected" | "failing" | "idle" | "never" | "suspended" | "draining";
export type DraftMark = "added" | "changed" | "removed";
export type Role = "administrator" | "operator" | "user_administrator" | "help_desk" | "viewer";

/** A value of an object of the configuration; the field tables of /schema say more. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type ConfigObject = { [name: string]: Value };

export interface Note {
    code: string;
    message: string;
}

export interface Failure {
    at: string;
    direction: "in" | "out";
    code: string;
    cause: string;
    remedy: string;
    /** What exactly was seen, where that is known. */
    detail?: string | null;
}

export interface PartnerStatus {
    state: LiveState;
    last_success: string | null;
    last_failure: Failure | null;
    streams: number;
}

export interface Partner {
    domain: string;
    description: string;
    additional_domains: string[];
    partner_type: PartnerType;
    tls: Need;
    sasl: Need;
    dialback: boolean;
    keepalive: boolean;
    connection_limit: number | null;
    proxy: string | null;
    state: PartnerState;
    valid_until: string | null;
    review_date: string | null;
    owner: string;
    ticket: string;
    methods: Method[];
    warnings: Note[];
    draft?: DraftMark;
    status?: PartnerStatus;
}

export interface NegotiationRow {
    tls: Need;
    sasl: Need;
    dialback: boolean;
    methods: Method[];
    valid: boolean;
    warnings: Note[];
    problem: Note | null;
}

export interface Stream {
    id: string | number;
    partner: string | null;
    local_domain: string | null;
    remote_domain: string | null;
    direction: "in" | "out";
    peer_address: string;
    tls: { version: string; cipher: string } | null;
    certificate: { verdict: string; names: string[] } | null;
    method: Method | null;
    /** Of the protocol: "starttls", "dialback" … */
    state: string;
    phase: "setting_up" | "open" | "closing";
    since: string;
    stanzas_in: number;
    stanzas_out: number;
    queue: number;
}

export interface StreamPage extends Page<Stream> {
    /** Of all streams, whatever is filtered; and how many messages wait for them. */
    counts: { [phase in Stream["phase"] | "waiting"]: number };
}

export interface Status {
    version: string;
    uptime: number;
    revision: number;
    applied_revision: number;
    engine: { state: "running" | "degraded" | "stopped"; problems: Note[]; warnings?: Note[] };
    counters: { [name: string]: number };
    pending_confirmation?: { revision: number; deadline: string; author?: string | null; comment?: string | null } | null;
    home_domain?: string | null;
    audit_forwarding?: AuditForwarding;
}

/** Whether the audit arrives at the syslog server. */
export interface AuditForwarding {
    state: "off" | "ok" | "failing";
    /** Rows that are not sent yet. */
    behind: number;
    last_error: { code: string; cause: string; remedy: string; since: string } | null;
}

export interface Change {
    op: "put" | "patch" | "delete";
    kind: string;
    key: string;
    base_revision: number | null;
    before: ConfigObject | null;
    after: ConfigObject | null;
}

export interface DraftProblem {
    kind: string;
    key: string;
    pointer?: string;
    code: string;
    message: string;
}

export interface Conflict {
    kind: string;
    key: string;
    base: ConfigObject | null;
    mine: ConfigObject | null;
    theirs: ConfigObject | null;
}

export interface Draft {
    changes: Change[];
    next_cursor: string | null;
    total: number;
    problems: DraftProblem[];
    warnings: DraftProblem[];
    conflicts: Conflict[];
    summary: { count: number; by_kind: { [kind: string]: number } };
}

/** What a commit does to the streams of one partner, and the code of the reason. */
export interface PartnerImpact {
    domain: string;
    stay: number;
    renegotiate: number;
    close: number;
    queued: number;
    subscriptions: number;
    because: string;
}

/** What a commit would do, or did, to the live streams; null where the engine did not answer. */
export interface Impact {
    stay: number | null;
    renegotiate: number | null;
    close: number | null;
    queued: number | null;
    subscriptions: number | null;
    partners: PartnerImpact[] | null;
    more: number | null;
}

/** Somebody's draft, as administrators see it. */
export interface DraftOwner {
    owner: string;
    name: string;
    changes: number;
    updated_at: string;
    orphaned: boolean;
}

export interface Revision {
    revision: number;
    author: string | null;
    approved_by?: string | null;
    comment: string | null;
    created_at: string;
    changes?: Change[];
    summary?: { count: number; added: number; changed: number; removed: number };
    running?: boolean;
    reverts?: number | null;
    confirmed?: boolean | null;
    confirm_deadline?: string | null;
    reverted_by?: number | null;
}

/** A commit that waits for a second administrator or for its time, or did. */
export interface Approval {
    id: number;
    state: "waiting" | "scheduled" | "committed" | "rejected" | "failed";
    author: string;
    comment: string | null;
    created_at: string;
    at: string | null;
    confirm_within: number | null;
    approved_by: string | null;
    approved_at: string | null;
    closed_by: string | null;
    closed_at: string | null;
    reason: string | null;
    revision: number | null;
    problems: DraftProblem[];
    changes?: Change[];
    conflicts?: Conflict[];
}

/** What an account may change, when that is not everything its role allows. */
export interface Scope {
    sites?: string[];
    /** Domains, with * for any characters. */
    partners?: string[];
}

export interface Session {
    username: string;
    role: Role;
    csrf_token: string;
    /** Null: as the browser wishes. */
    language?: "en" | "de" | "zh" | null;
    theme?: "light" | "dark" | null;
    scope?: Scope | null;
    /** What the role may do; kinds by name. */
    permissions: { change: string[]; certificates: boolean; audit: boolean; accounts: boolean };
}

/** Work that goes on after the request was answered. */
export interface Job<Result = unknown> {
    id: string;
    what: string;
    state: "running" | "done" | "failed" | "cancelled";
    done: number;
    /** 0 while nobody knows. */
    total: number;
    result: Result | null;
}

export type FieldType =
    | "string"
    | "text"
    | "bool"
    | "integer"
    | "enum"
    | "list"
    | "object"
    | "domain"
    | "date"
    | "datetime"
    | "pem"
    | "ref";

export interface Field {
    name: string;
    type: FieldType;
    label: string;
    help?: string;
    default?: Value;
    required?: boolean;
    read_only?: boolean;
    write_only?: boolean;
    enum?: { value: string; label: string; help?: string }[];
    min?: number;
    max?: number;
    max_length?: number;
    max_items?: number;
    unit?: string;
    nullable?: boolean;
    /** What a string must be beyond its type: "hostport", "listen", "certificate_id" … */
    format?: string;
    items?: Field;
    fields?: Field[];
    ref?: string;
}

export interface KindSchema {
    title: string;
    key: { name: string; label: string; help?: string } | null;
    fields: Field[];
}

export interface Schema {
    kinds: { [kind: string]: KindSchema };
    failures: { code: string; cause: string; remedy: string }[];
}

export interface Page<T> {
    items: T[];
    next_cursor: string | null;
    total: number;
}

export interface FieldProblem {
    pointer: string;
    code: string;
    message: string;
}

/** RFC 9457, with all problems of an input. */
export interface Problem {
    type?: string;
    title: string;
    status: number;
    /** A stable word for what is wrong. */
    code?: string;
    detail?: string;
    errors?: FieldProblem[];
    conflicts?: Conflict[];
    /** Changes of the draft that a selection needs as well. */
    requires?: { kind: string; key: string }[];
}
