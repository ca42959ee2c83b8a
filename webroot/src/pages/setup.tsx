// The setup link of the first start: /setup#TOKEN. The token stays in the fragment, which no server log sees.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { FormEvent } from "react";
import { useRoute } from "../frame/route";
import { TextField } from "../parts/Labelled";
import { errorText } from "../parts/States";
import { RestError, rest } from "../rest/client";
import { useSession } from "../rest/session";
import type { FieldProblem } from "../rest/types";
import { t } from "../words";
import { Gate } from "./signin";

function Stopped({ title, text }: { title: string; text: string }) {
    const { go } = useRoute();
    return (
        <Gate title={title} lead={text}>
            <Button isBlock variant="secondary" onClick={() => go("/", { replace: true })}>
                {t.setup.toSignIn}
            </Button>
        </Gate>
    );
}

const isVoid = (error: unknown) => error instanceof RestError && [401, 403, 404, 409, 410].includes(error.status);

export default function Setup() {
    const { hash, go } = useRoute();
    const { signIn } = useSession();
    const [token] = useState(hash);
    const [username, setUsername] = useState("");
    const [password, setPassword] = useState("");
    const [again, setAgain] = useState("");
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);

    if (!token) return <Stopped title={t.setup.noToken} text={t.setup.noTokenText} />;
    if (isVoid(error)) return <Stopped title={t.setup.void} text={t.setup.voidText} />;

    const problems: FieldProblem[] = error instanceof RestError ? (error.problem.errors ?? []) : [];
    const problem = (name: string) => problems.find((p) => p.pointer === `/${name}`)?.message ?? null;
    const differ = again !== "" && again !== password;

    const submit = async (e: FormEvent) => {
        e.preventDefault();
        if (password !== again) return;
        setBusy(true);
        setError(null);
        try {
            await rest.post("/setup", { token, username, password });
            await signIn(username, password);
            go("/start", { replace: true });
        } catch (cause) {
            setError(cause);
        } finally {
            setBusy(false);
        }
    };

    return (
        <Gate title={t.setup.title} lead={t.setup.lead}>
            <form onSubmit={(e) => void submit(e)} className="fg-gate-form">
                {error !== null && !problems.length && (
                    <p className="fg-gate-error" role="alert">
                        {errorText(error)}
                    </p>
                )}
                <TextField
                    label={t.setup.name}
                    help={t.setup.nameHelp}
                    error={problem("username")}
                    value={username}
                    onChange={setUsername}
                    autoComplete="username"
                    autoFocus
                />
                <TextField
                    label={t.setup.password}
                    help={t.setup.passwordHelp}
                    error={problem("password")}
                    value={password}
                    onChange={setPassword}
                    type="password"
                    autoComplete="new-password"
                />
                <TextField
                    label={t.setup.again}
                    error={differ ? t.setup.differ : null}
                    value={again}
                    onChange={setAgain}
                    type="password"
                    autoComplete="new-password"
                />
                <Button
                    type="submit"
                    isBlock
                    isDisabled={busy || !username || !password || password !== again}
                    isLoading={busy}
                >
                    {t.setup.submit}
                </Button>
            </form>
        </Gate>
    );
}
