// The foot of a form, always in sight: save, cancel, and why saving is not possible.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { t } from "../words";

interface FootProps {
    cancel: () => void;
    busy: boolean;
    /** Why it cannot be saved. */
    blocked?: string | null;
    /** Nothing to save yet: said quietly, it is nobody's mistake. */
    idle?: string | null;
    saveText?: string;
    cancelText?: string;
    note?: string;
}

export function FormFoot({ cancel, busy, blocked, idle, saveText, cancelText, note }: FootProps) {
    return (
        <footer className="fg-foot fg-form-foot">
            <Button type="submit" isDisabled={busy || !!blocked || !!idle} isLoading={busy}>
                {saveText ?? t.common.save}
            </Button>
            <Button variant="link" onClick={cancel}>
                {cancelText ?? t.common.cancel}
            </Button>
            <span className="fg-fill" />
            <span className={blocked ? "fg-foot-note fg-error" : "fg-foot-note"} role="status">
                {blocked ?? idle ?? note ?? t.common.unsaved}
            </span>
        </footer>
    );
}
