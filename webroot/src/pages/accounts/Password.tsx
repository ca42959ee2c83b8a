// A new password for the own account.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Alert } from "../../parts/Alert";
import { useState } from "react";
import type { FormEvent } from "react";
import { TextField } from "../../parts/Labelled";
import { Panel } from "../../parts/Panel";
import { allShown, fieldErrors } from "../../parts/problems";
import { Failed } from "../../parts/States";
import { rest } from "../../rest/client";
import { t } from "../../words";

export function Password() {
    const [present, setPresent] = useState("");
    const [password, setPassword] = useState("");
    const [again, setAgain] = useState("");
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const [done, setDone] = useState(false);
    const w = t.profile;
    const differ = again !== "" && again !== password;
    const errors = fieldErrors(error);
    const change = (set: (text: string) => void) => (text: string) => {
        set(text);
        setError(null);
        setDone(false);
    };
    const submit = async (e: FormEvent) => {
        e.preventDefault();
        setBusy(true);
        setError(null);
        try {
            await rest.post("/profile/password", { current_password: present, password });
            setPresent("");
            setPassword("");
            setAgain("");
            setDone(true);
        } catch (cause) {
            setError(cause);
        } finally {
            setBusy(false);
        }
    };
    const ready = present && password && password === again;
    return (
        <Panel title={w.passwordTitle} ruled>
            <form className="fg-ask" onSubmit={(e) => void submit(e)} noValidate>
                {done && <Alert isInline isPlain variant="success" title={w.passwordDone} />}
                {error !== null && !allShown(error, ["current_password", "password"]) && <Failed title={w.failed} error={error} />}
                <TextField
                    label={w.present}
                    value={present}
                    onChange={change(setPresent)}
                    error={errors.current_password}
                    type="password"
                    autoComplete="current-password"
                />
                <TextField
                    label={w.newPassword}
                    help={t.setup.passwordHelp}
                    value={password}
                    onChange={change(setPassword)}
                    error={errors.password}
                    type="password"
                    autoComplete="new-password"
                />
                <TextField
                    label={w.newAgain}
                    value={again}
                    onChange={change(setAgain)}
                    error={differ ? t.setup.differ : null}
                    type="password"
                    autoComplete="new-password"
                />
                <p className="fg-second">{w.passwordText}</p>
                <div className="fg-button-row">
                    <Button type="submit" isDisabled={!ready || busy} isLoading={busy}>
                        {w.passwordChange}
                    </Button>
                </div>
            </form>
        </Panel>
    );
}
