// Checks the chain of the audit and says what was found.
import { Alert } from "../../parts/Alert";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { errorText } from "../../parts/States";
import { rest } from "../../rest/client";
import { t } from "../../words";

interface Report {
    ok: boolean;
    rows: number;
    first_bad: number | null;
    reason: string | null;
}

export function Verify() {
    const [report, setReport] = useState<Report | null>(null);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const a = t.audit;
    const verify = async () => {
        setBusy(true);
        setError(null);
        setReport(null);
        try {
            setReport((await rest.get<Report>("/audit/verify")).data);
        } catch (e) {
            setError(e);
        } finally {
            setBusy(false);
        }
    };
    return (
        <div className="fg-audit-verify">
            <Button variant="secondary" onClick={() => void verify()} isLoading={busy} isDisabled={busy}>
                {a.verify}
            </Button>
            <div aria-live="polite">
                {report?.ok && <Alert isInline isPlain variant="success" title={a.verified(report.rows)} />}
                {report && !report.ok && (
                    <Alert isInline variant="danger" title={a.broken(report.first_bad ?? 0)}>
                        {report.reason}
                    </Alert>
                )}
                {error !== null && <Alert isInline variant="danger" title={errorText(error)} />}
            </div>
        </div>
    );
}
