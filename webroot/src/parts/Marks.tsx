// Small marks that mean the same on every page: state, method, draft. Icon and word, never colour alone.
import "@patternfly/react-styles/css/components/Label/label.css";
import ArrowDown from "@patternfly/react-icons/dist/esm/icons/arrow-circle-down-icon";
import Check from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import Clock from "@patternfly/react-icons/dist/esm/icons/outlined-clock-icon";
import Circle from "@patternfly/react-icons/dist/esm/icons/outlined-circle-icon";
import Danger from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import Lock from "@patternfly/react-icons/dist/esm/icons/lock-icon";
import LockOpen from "@patternfly/react-icons/dist/esm/icons/lock-open-icon";
import Paused from "@patternfly/react-icons/dist/esm/icons/pause-circle-icon";
import Triangle from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import type { ReactNode } from "react";
import type { DraftMark, LiveState, Method, NegotiationRow, Note } from "../rest/types";
import { t } from "../words";

interface TagProps {
    color: "grey" | "purple" | "orangered";
    filled?: boolean;
    icon?: ReactNode;
    className: string;
    title?: string;
    children: ReactNode;
}

/** PatternFly's compact label, for lists with hundreds of them: its component measures each and listens for keys. */
function Tag({ color, filled, icon, className, title, children }: TagProps) {
    const look = `pf-v6-c-label pf-m-compact${filled ? "" : " pf-m-outline"}${color === "grey" ? "" : ` pf-m-${color}`}`;
    return (
        <span className={`${look} ${className}`} title={title}>
            <span className="pf-v6-c-label__content">
                {icon && <span className="pf-v6-c-label__icon">{icon}</span>}
                <span className="pf-v6-c-label__text">{children}</span>
            </span>
        </span>
    );
}

export type Mood = "good" | "bad" | "warn" | "wait" | "open" | "down" | "paused";

const icons = { good: Check, bad: Danger, warn: Triangle, wait: Clock, open: Circle, down: ArrowDown, paused: Paused };

export function Mark({ mood, large }: { mood: Mood; large?: boolean }) {
    const Icon = icons[mood];
    return (
        <span className={`fg-mark fg-mark-${mood}${large ? " fg-mark-large" : ""}`} aria-hidden="true">
            <Icon />
        </span>
    );
}

export function Marked({ mood, children }: { mood: Mood; children: ReactNode }) {
    return (
        <span className="fg-marked">
            <Mark mood={mood} />
            <span>{children}</span>
        </span>
    );
}

export const liveMood: { [state in LiveState]: Mood } = {
    connected: "good",
    failing: "bad",
    idle: "open",
    never: "open",
    suspended: "paused",
    draining: "down",
};

export function LiveMark({ state }: { state: LiveState }) {
    return <Marked mood={liveMood[state] ?? "open"}>{t.liveState[state] ?? state}</Marked>;
}

export function MethodLabel({ method }: { method: Method }) {
    const clear = method === "dialback_tcp";
    return (
        <Tag color={clear ? "orangered" : "grey"} filled={clear} icon={clear ? <LockOpen /> : <Lock />} className="fg-method">
            {t.method[method] ?? method}
        </Tag>
    );
}

/** The methods in order of strength; "none" when nothing could connect. */
export function MethodLabels({ methods }: { methods: Method[] }) {
    if (!methods.length) return <span className="fg-muted">{t.noMethod}</span>;
    return (
        <span className="fg-methods">
            {methods.map((method) => (
                <MethodLabel key={method} method={method} />
            ))}
        </span>
    );
}

/** Whether nothing but dialback in the clear is left, as old public services ask for. */
export function isClear({ methods }: { methods: Method[] }): boolean {
    return methods.length === 1 && methods[0] === "dialback_tcp";
}

/** Said loudly beside the name of such a partner. */
export function ClearLabel() {
    return (
        <Tag color="orangered" filled icon={<LockOpen />} className="fg-method" title={t.partnerCare.clearText}>
            {t.partnerCare.clearOne}
        </Tag>
    );
}

/** What a row of the negotiation table deserves to be said in a list, in a few words. */
export function shortWarning(row: { methods: Method[]; warnings: Note[] } | NegotiationRow | null): string | null {
    if (!row) return null;
    if (isClear(row)) return t.warning.nothing_encrypted;
    const codes = row.warnings.map((w) => w.code);
    if (codes.includes("sasl_needs_tls")) return t.warning.sasl_needs_tls;
    if (row.methods.includes("dialback_tcp")) return t.warning.may_be_unencrypted;
    if (codes.includes("dialback_unused")) return t.warning.dialback_unused;
    return row.warnings[0]?.message ?? null;
}

export function DraftLabel({ mark, long }: { mark: DraftMark | undefined; long?: boolean }) {
    if (!mark) return null;
    return (
        <Tag color="purple" className="fg-draft" title={t.draftLabel[mark]}>
            {long || mark === "removed" ? t.draftLabel[mark] : t.draftShort}
        </Tag>
    );
}

export function Muted({ children }: { children: ReactNode }) {
    return <span className="fg-muted">{children}</span>;
}
