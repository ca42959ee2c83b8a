// Sign-in: the whole page when nobody is signed in, a dialogue over the page when the session has ended.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Modal } from "@patternfly/react-core/dist/esm/components/Modal/Modal";
import { ModalBody } from "@patternfly/react-core/dist/esm/components/Modal/ModalBody";
import { ModalHeader } from "@patternfly/react-core/dist/esm/components/Modal/ModalHeader";
import { useEffect, useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { showLanguage } from "../frame/language";
import { TextField } from "../parts/Labelled";
import { errorText } from "../parts/States";
import { RestError } from "../rest/client";
import { useSession } from "../rest/session";
import { language, languageNames, languages, t } from "../words";

/** Before sign-in the language is chosen for this browser; the account's own wins afterwards. */
function Languages() {
    return (
        <nav className="fg-gate-languages" aria-label={t.masthead.language}>
            {languages.map((code) => (
                <Button
                    key={code}
                    variant="link"
                    size="sm"
                    lang={code}
                    aria-current={code === language ? "true" : undefined}
                    onClick={() => void showLanguage(code, false)}
                >
                    {languageNames[code]}
                </Button>
            ))}
        </nav>
    );
}

/** The frame of the pages before sign-in. */
export function Gate({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
    useEffect(() => {
        document.title = `${title} · ${t.product}`;
    }, [title]);
    return (
        <main className="fg-gate">
            <div className="fg-gate-card">
                <p className="fg-gate-brand">{t.product}</p>
                <h1>{title}</h1>
                <p className="fg-lead">{lead}</p>
                {children}
            </div>
            <Languages />
        </main>
    );
}

const wantsCode = (error: unknown) => error instanceof RestError && error.problem.code === "otp_required";

function reason(error: unknown, withCode: boolean): string {
    if (error instanceof RestError && error.status === 401) return withCode ? t.signIn.codeWrong : t.signIn.wrong;
    if (error instanceof RestError && error.status === 429) return t.signIn.slow;
    return errorText(error);
}

function SignInForm({ name, fixed }: { name?: string; fixed?: boolean }) {
    const { signIn } = useSession();
    const [username, setUsername] = useState(name ?? "");
    const [password, setPassword] = useState("");
    /** null until a code is asked for; asked for only when the password was right. */
    const [otp, setOtp] = useState<string | null>(null);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setBusy(true);
        setError(null);
        signIn(username, password, otp?.trim())
            .catch((cause: unknown) => {
                if (otp !== null || wantsCode(cause)) setOtp("");
                else setPassword("");
                setError(wantsCode(cause) ? null : cause);
            })
            .finally(() => setBusy(false));
    };
    return (
        <form onSubmit={submit} className="fg-gate-form">
            {error !== null && (
                <p className="fg-gate-error" role="alert">
                    {reason(error, otp !== null)}
                </p>
            )}
            <TextField
                label={t.signIn.name}
                value={username}
                onChange={(next) => {
                    setUsername(next);
                    setOtp(null);
                }}
                autoComplete="username"
                disabled={fixed}
                autoFocus={!fixed}
            />
            <TextField
                label={t.signIn.password}
                value={password}
                onChange={(next) => {
                    setPassword(next);
                    setOtp(null);
                }}
                type="password"
                autoComplete="current-password"
                autoFocus={fixed}
            />
            {otp !== null && (
                <TextField
                    label={t.signIn.code}
                    help={t.signIn.codeHelp}
                    value={otp}
                    onChange={setOtp}
                    autoComplete="one-time-code"
                    maxLength={32}
                    mono
                    autoFocus
                />
            )}
            <Button type="submit" isBlock isDisabled={busy || !username || !password || otp?.trim() === ""} isLoading={busy}>
                {t.signIn.submit}
            </Button>
        </form>
    );
}

export function SignIn() {
    return (
        <Gate title={t.signIn.title} lead={t.signIn.lead}>
            <SignInForm />
        </Gate>
    );
}

/** Over the open page: what stands in its fields stays there. */
export function SignInAgain() {
    const { session, signOut } = useSession();
    return (
        <Modal isOpen variant="small" aria-labelledby="again-title" disableFocusTrap={false}>
            <ModalHeader title={t.signIn.again} labelId="again-title" description={t.signIn.againText} />
            <ModalBody>
                <SignInForm name={session?.username} fixed />
                <Button variant="link" isInline onClick={() => void signOut()}>
                    {t.signIn.other}
                </Button>
            </ModalBody>
        </Modal>
    );
}
