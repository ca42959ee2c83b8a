// Try to connect to a partner now, whatever the wait after failures still is; and when it would be tried by itself.
import { useState } from "react";
import { fullTime, number } from "../../parts/format";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { errorText } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";

interface Attempts {
    retry: string | null;
    attempts: number;
}

export function Retry({ domain }: { domain: string }) {
    const may = useMay("operate");
    const [asked, setAsked] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const { data } = useGet<Attempts>(`/partners/${segment(domain)}/status`, { every: 5000 });
    const retry = () => {
        setError(null);
        setAsked(true);
        rest.post(`/partners/${segment(domain)}/retry`).catch((cause: unknown) => {
            setAsked(false);
            setError(cause);
        });
    };
    const next = data?.retry && new Date(data.retry).getTime() > Date.now() ? data.retry : null;
    return (
        <div className="fg-retry">
            <MayButton may={may} variant="secondary" onClick={retry}>
                {t.partnerLife.retry}
            </MayButton>
            <span className="fg-second" role="status">
                {error !== null ? (
                    <span className="fg-cause">{errorText(error)}</span>
                ) : next ? (
                    t.partnerLife.next(fullTime(next), number(data?.attempts ?? 0))
                ) : (
                    asked && t.partnerLife.asked
                )}
            </span>
        </div>
    );
}
