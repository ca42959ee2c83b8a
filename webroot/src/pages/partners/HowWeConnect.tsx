// What the chosen terms lead to: the methods in their order, the warning of that row with a button that mends it,
// what happens in each direction, and what becomes of the living streams.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { ReactNode } from "react";
import { isClear, MethodLabel } from "../../parts/Marks";
import { Facts } from "../../parts/Panel";
import type { Method, Need, NegotiationRow, Note, Partner, Stream } from "../../rest/types";
import { t } from "../../words";

export interface Terms {
    tls: Need;
    sasl: Need;
    dialback: boolean;
}

interface Mend {
    text: string;
    change: Partial<Terms>;
}

interface ConnectProps {
    terms: Terms;
    row: NegotiationRow | null;
    running: Partner | null;
    revision: number;
    streams: Stream[];
    set: (change: Partial<Terms>) => void;
    disabled?: boolean;
}

function methodText(method: Method, position: number): string {
    const when = position === 0 ? t.methodWhen.first : method === "dialback_tcp" ? t.methodWhen.noTls : t.methodWhen.noSasl;
    return `${when} ${t.methodText[method]}`;
}

function warningText(code: string, message: string, terms: Terms, row: NegotiationRow): { title: string; text: string } {
    const words = t.connect.warnings;
    if (code === "sasl_needs_tls") {
        if (terms.tls === "not_supported") return t.connect.neverTls;
        const text = row.methods.includes("dialback_tcp") ? t.connect.fallsBack : words.sasl_needs_tls.text;
        return { title: words.sasl_needs_tls.title, text };
    }
    if (code === "dialback_unused") return words.dialback_unused;
    return { title: message, text: "" };
}

function mendWarning(code: string): Mend[] {
    if (code === "sasl_needs_tls") return [{ text: t.connect.mend.tls_required, change: { tls: "required" } }];
    if (code === "dialback_unused") {
        return [
            { text: t.connect.mend.dialback_off, change: { dialback: false } },
            { text: t.connect.mend.sasl_optional, change: { sasl: "optional" } },
        ];
    }
    return [];
}

function mendProblem(terms: Terms): Mend[] {
    const mends: Mend[] = [{ text: t.connect.mend.dialback_on, change: { dialback: true } }];
    if (terms.sasl !== "not_supported") mends.unshift({ text: t.connect.mend.tls_required, change: { tls: "required" } });
    else if (terms.tls !== "not_supported") mends.push({ text: t.connect.mend.sasl_optional, change: { sasl: "optional" } });
    return mends;
}

interface NoticeProps {
    mood: "warn" | "bad";
    title: string;
    text: string;
    mends: Mend[];
    set: (change: Partial<Terms>) => void;
    disabled?: boolean;
}

function Notice({ mood, title, text, mends, set, disabled }: NoticeProps) {
    return (
        <div className={`fg-notice fg-notice-${mood}`}>
            <b>{title}</b>
            {text && <p>{text}</p>}
            {!disabled && (
                <div className="fg-notice-mends">
                    {mends.map((mend) => (
                        <Button key={mend.text} variant="link" isInline onClick={() => set(mend.change)}>
                            {mend.text}
                        </Button>
                    ))}
                </div>
            )}
        </div>
    );
}

function inbound(terms: Terms, row: NegotiationRow): string {
    const has = (method: Method) => row.methods.includes(method);
    const words = [t.connect.inboundTls[terms.tls]];
    if (has("sasl_tls")) words.push(has("dialback_tls") ? t.connect.inboundEither : t.connect.inboundSasl);
    else words.push(t.connect.inboundDialback);
    if (has("dialback_tcp") && terms.tls === "optional") words.push(t.connect.inboundClear);
    return words.join(" ");
}

function outbound(terms: Terms, row: NegotiationRow): string {
    const has = (method: Method) => row.methods.includes(method);
    const dialback = has("dialback_tls") || has("dialback_tcp");
    const then = !has("sasl_tls") ? t.connect.outboundDialback : dialback ? t.connect.outboundEither : t.connect.outboundSasl;
    return `${t.connect.outboundTls[terms.tls]} ${then}`;
}

function today({ terms, row, running, revision, streams }: ConnectProps): string {
    if (!running) return t.connect.newPartner;
    const unchanged = running.tls === terms.tls && running.sasl === terms.sasl && running.dialback === terms.dialback;
    const leaving = streams.filter((s) => s.method && !row?.methods.includes(s.method)).length;
    const first = unchanged
        ? t.connect.unchanged(revision)
        : t.connect.changed(revision, t.need[running.tls], t.need[running.sasl], running.dialback);
    const fate = leaving ? t.connect.streams(leaving) : t.connect.streamsStay(streams.length);
    return `${first} ${fate}`.trim();
}

/** The recommended codes only: what is merely a remark on the row is said by the method labels already. */
const told = (warnings: Note[]) => warnings.filter((w) => w.code === "sasl_needs_tls" || w.code === "dialback_unused");

function Body(props: ConnectProps): ReactNode {
    const { terms, row, set, disabled } = props;
    if (!row) return null;
    if (!row.valid) {
        const code = row.problem?.code as keyof typeof t.connect.problems | undefined;
        const text = (code && t.connect.problems[code]) || row.problem?.message || "";
        return <Notice mood="bad" title={t.connect.noneTitle} text={text} mends={mendProblem(terms)} set={set} disabled={disabled} />;
    }
    return (
        <>
            <ol className="fg-connect-methods">
                {row.methods.map((method, i) => (
                    <li key={method}>
                        <span className="fg-connect-number">{i + 1}</span>
                        <div>
                            <MethodLabel method={method} />
                            <div className="fg-second">{methodText(method, i)}</div>
                        </div>
                    </li>
                ))}
            </ol>
            {isClear(row) && (
                <Notice
                    mood="bad"
                    title={t.partnerCare.clearTitle}
                    text={t.partnerCare.clearText}
                    mends={[{ text: t.connect.mend.tls_required, change: { tls: "required" } }]}
                    set={set}
                    disabled={disabled}
                />
            )}
            {told(row.warnings).map((w) => (
                <Notice
                    key={w.code}
                    mood="warn"
                    {...warningText(w.code, w.message, terms, row)}
                    mends={mendWarning(w.code)}
                    set={set}
                    disabled={disabled}
                />
            ))}
            <Facts
                rows={[
                    [t.connect.inbound, inbound(terms, row)],
                    [t.connect.outbound, outbound(terms, row)],
                    [t.connect.today, today(props)],
                ]}
            />
        </>
    );
}

/** What the folded panel says: how many ways there are, and whether one of them is in the clear. */
function gist(row: NegotiationRow | null): string {
    if (!row) return "";
    if (!row.valid) return t.connect.noneTitle;
    return row.methods.map((m) => t.method[m]).join(", ");
}

export function HowWeConnect(props: ConnectProps) {
    const [open, setOpen] = useState(() => window.matchMedia("(min-width: 1200px)").matches);
    return (
        <details className="fg-panel fg-connect" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
            <summary className="fg-panel-head fg-ruled">
                <h2>{t.connect.title}</h2>
                <span className="fg-note">{open ? t.connect.live : gist(props.row)}</span>
            </summary>
            <div aria-live="polite">
                <Body {...props} />
            </div>
        </details>
    );
}
