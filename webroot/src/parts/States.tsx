// What stands where data would be: still loading, nothing there, nothing found, not loaded.
import { Alert } from "./Alert";
import { AlertActionLink } from "@patternfly/react-core/dist/esm/components/Alert/AlertActionLink";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Skeleton } from "@patternfly/react-core/dist/esm/components/Skeleton/Skeleton";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { RestError } from "../rest/client";
import { t } from "../words";
import { ago } from "./format";

/** Grey lines of the final height; only when loading takes long enough to be noticed. */
export function Loading({ lines = 5, height = "34px" }: { lines?: number; height?: string }) {
    const [late, setLate] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setLate(true), 300);
        return () => clearTimeout(timer);
    }, []);
    if (!late) return <div className="fg-loading" />;
    return (
        <div className="fg-loading" aria-busy="true">
            {Array.from({ length: lines }, (_, i) => (
                <Skeleton key={i} height={height} width={`${100 - ((i * 7) % 20)}%`} />
            ))}
        </div>
    );
}

/** The sentence a failed request deserves. */
export function errorText(error: unknown): string {
    if (error instanceof RestError) {
        if (error.status === 0) return t.common.unreachable;
        return error.problem.detail || error.problem.title;
    }
    return error instanceof Error ? error.message : String(error);
}

interface FailedProps {
    title?: string;
    error: unknown;
    at?: number | null;
    retry?: () => void;
}

export function Failed({ title, error, at, retry }: FailedProps) {
    const problems = error instanceof RestError ? (error.problem.errors ?? []) : [];
    return (
        <Alert
            variant="danger"
            isInline
            title={title ?? t.common.loadFailed}
            className="fg-alert"
            actionLinks={retry && <AlertActionLink onClick={retry}>{t.common.retry}</AlertActionLink>}
        >
            <p>{errorText(error)}</p>
            {problems.length > 0 && (
                <ul>
                    {problems.map((p, i) => (
                        <li key={i}>
                            {p.pointer && <code>{p.pointer.replace(/^#?\//, "")}</code>} {p.message}
                        </li>
                    ))}
                </ul>
            )}
            {at && <p className="fg-muted">{t.common.oldData(ago(at))}</p>}
        </Alert>
    );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
    return (
        <div className="fg-empty">
            <h2>{title}</h2>
            {children && <p>{children}</p>}
            {action}
        </div>
    );
}

export function NothingFound({ filters, clear }: { filters: string[]; clear: () => void }) {
    return (
        <Empty
            title={t.common.nothingFound}
            action={
                <Button variant="link" onClick={clear}>
                    {t.common.clearFilters}
                </Button>
            }
        >
            {filters.join(" · ")}
        </Empty>
    );
}
