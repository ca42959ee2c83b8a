// What the steps of the first start share: why a step is there, its fields, save and skip.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { useGuard } from "../../frame/route";
import { Failed } from "../../parts/States";
import { allShown, fieldErrors } from "../../parts/problems";
import { t } from "../../words";

export interface StepProps {
    /** To the next step. */
    next: () => void;
    blocked: string | null;
}

interface FormProps extends StepProps {
    title: string;
    why: ReactNode;
    /** Names of the fields that show their own mistakes. */
    names: string[];
    dirty: boolean;
    /** Nothing that could be saved stands there yet. */
    empty: boolean;
    save: () => Promise<void>;
    children: (errors: { [name: string]: string }) => ReactNode;
}

export function StepForm({ title, why, names, dirty, empty, save, children, next, blocked }: FormProps) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    useGuard(dirty && !busy);
    const submit = async (e: FormEvent) => {
        e.preventDefault();
        if (!dirty) {
            next();
            return;
        }
        setBusy(true);
        setError(null);
        try {
            await save();
            next();
        } catch (cause) {
            setError(cause);
        } finally {
            setBusy(false);
        }
    };
    return (
        <form className="fg-start-form" onSubmit={(e) => void submit(e)} noValidate>
            <h2>{title}</h2>
            <div className="fg-start-why">{why}</div>
            {error !== null && !allShown(error, names) && <Failed title={t.common.saveFailed} error={error} />}
            {children(fieldErrors(error))}
            <div className="fg-start-actions">
                <Button type="submit" isLoading={busy} isDisabled={busy || (dirty && (empty || blocked !== null))}>
                    {dirty ? t.start.saveNext : t.start.next}
                </Button>
                {dirty && (
                    <Button variant="link" onClick={next} isDisabled={busy}>
                        {t.start.skip}
                    </Button>
                )}
                {blocked && <span className="fg-second">{blocked}</span>}
            </div>
        </form>
    );
}
