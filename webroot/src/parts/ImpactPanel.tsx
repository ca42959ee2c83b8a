// What a commit does to the streams that live now: as one bar, and in words for each partner it touches.
import { Link } from "../frame/route";
import type { Impact, PartnerImpact } from "../rest/types";
import { t } from "../words";
import { number } from "./format";
import { Panel, Rows } from "./Panel";

function Bar({ stay, renegotiate, close }: { stay: number; renegotiate: number; close: number }) {
    const total = stay + renegotiate + close;
    const part = (n: number) => (total ? (100 * n) / total : 0);
    const words: [number, string][] = [
        [stay, t.review.stay],
        [renegotiate, t.review.renegotiate],
        [close, t.review.close],
    ];
    return (
        <>
            <svg className="fg-impact" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
                <rect className="fg-impact-stay" width={total ? part(stay) : 100} height="2" />
                <rect className="fg-impact-renegotiate" x={part(stay)} width={part(renegotiate)} height="2" />
                <rect className="fg-impact-close" x={part(stay + renegotiate)} width={part(close)} height="2" />
            </svg>
            <p className="fg-impact-words">
                {words.map(([n, word]) => (
                    <span key={word}>
                        <b>{number(n)}</b> {word}
                    </span>
                ))}
            </p>
        </>
    );
}

function PartnerRow({ row }: { row: PartnerImpact }) {
    const why = t.impact.because[row.because] ?? row.because;
    return (
        <li>
            <div>
                <Link to={`/partners/${encodeURIComponent(row.domain)}`} className="fg-mono">
                    {row.domain}
                </Link>
                <div className="fg-second">{t.impact.row(row.renegotiate, row.close, row.queued, why)}</div>
            </div>
        </li>
    );
}

export function ImpactPanel({ impact, title }: { impact: Impact | null | undefined; title?: string }) {
    if (impact === undefined) return null;
    if (!impact || impact.stay === null) {
        return (
            <Panel title={title ?? t.review.streams}>
                <p className="fg-muted">{t.impact.unknown}</p>
            </Panel>
        );
    }
    const { stay } = impact;
    const renegotiate = impact.renegotiate ?? 0;
    const close = impact.close ?? 0;
    const partners = impact.partners ?? [];
    return (
        <Panel title={title ?? t.review.streams} note={t.review.open(stay + renegotiate + close)}>
            <Bar stay={stay} renegotiate={renegotiate} close={close} />
            {!partners.length && <p className="fg-second">{t.impact.nothing}</p>}
            {partners.length > 0 && (
                <Rows>
                    {partners.map((row) => (
                        <PartnerRow key={row.domain} row={row} />
                    ))}
                </Rows>
            )}
            {!!impact.more && <p className="fg-second">{t.impact.more(impact.more)}</p>}
            {!!impact.subscriptions && <p className="fg-second">{t.impact.subscriptions(impact.subscriptions)}</p>}
            {renegotiate > 0 && <p className="fg-second">{t.review.streamsText}</p>}
        </Panel>
    );
}
