// A dialogue with one question or a short form. Its body is given; its foot is always the action and Cancel.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Modal } from "@patternfly/react-core/dist/esm/components/Modal/Modal";
import { ModalBody } from "@patternfly/react-core/dist/esm/components/Modal/ModalBody";
import { ModalFooter } from "@patternfly/react-core/dist/esm/components/Modal/ModalFooter";
import { ModalHeader } from "@patternfly/react-core/dist/esm/components/Modal/ModalHeader";
import { useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { useSession } from "../rest/session";
import { t } from "../words";
import { Failed } from "./States";

interface AskProps {
    title: string;
    children?: ReactNode;
    action: string;
    danger?: boolean;
    failed?: string;
    disabled?: boolean;
    /** Does it; the dialogue stays open with the cause when this fails. */
    run: () => Promise<void>;
    /** After it was done, and on Cancel. */
    close: () => void;
    /** On Cancel alone, where something else follows what was done. */
    cancel?: () => void;
    wide?: boolean;
}

export function Ask({ title, children, action, danger, failed, disabled, run, close, cancel, wide }: AskProps) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const { ended } = useSession();
    // Escape in the sign-in over this dialogue is meant for that one: what was typed here stays.
    const leave = () => {
        if (!ended) (cancel ?? close)();
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setBusy(true);
        setError(null);
        run()
            .then(close)
            .catch((cause: unknown) => setError(cause))
            .finally(() => setBusy(false));
    };
    return (
        <Modal isOpen variant={wide ? "medium" : "small"} onClose={leave} aria-labelledby="ask-title">
            <ModalHeader title={title} labelId="ask-title" />
            <ModalBody>
                <form id="ask-form" onSubmit={submit} className="fg-ask">
                    {error !== null && <Failed title={failed ?? t.common.saveFailed} error={error} />}
                    {children}
                </form>
            </ModalBody>
            <ModalFooter>
                <Button
                    type="submit"
                    form="ask-form"
                    variant={danger ? "danger" : "primary"}
                    isDisabled={busy || disabled}
                    isLoading={busy}
                >
                    {action}
                </Button>
                <Button variant="link" onClick={cancel ?? close}>
                    {t.common.cancel}
                </Button>
            </ModalFooter>
        </Modal>
    );
}
