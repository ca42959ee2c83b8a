// The second factor: key and recovery codes are shown once and kept nowhere in the panel.
import { Alert } from "../../parts/Alert";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { ClipboardCopy } from "@patternfly/react-core/dist/esm/components/ClipboardCopy/ClipboardCopy";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { TextField } from "../../parts/Labelled";
import { Panel } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { rest } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";
import { QrCode } from "./QrCode";

interface Factor {
    state: "off" | "started" | "on";
    recovery_codes_left?: number;
}

interface Started {
    secret: string;
    uri: string;
}

const few = 3;

interface PasswordProps {
    title: string;
    text: string;
    action: string;
    danger?: boolean;
    run: (password: string) => Promise<void>;
    close: () => void;
}

/** Asks for the password before it does something. */
function WithPassword(props: PasswordProps) {
    const [password, setPassword] = useState("");
    return (
        <Ask
            title={props.title}
            action={props.action}
            danger={props.danger}
            failed={t.profile.failed}
            run={() => props.run(password)}
            close={props.close}
            disabled={!password}
        >
            <p>{props.text}</p>
            <TextField
                label={t.profile.password}
                value={password}
                onChange={setPassword}
                type="password"
                autoComplete="current-password"
                autoFocus
            />
        </Ask>
    );
}

function Confirm({ started, made, close }: { started: Started; made: (codes: string[]) => void; close: () => void }) {
    const [code, setCode] = useState("");
    const w = t.profile;
    const run = async () => {
        const body = { action: "confirm", code: code.trim() };
        const answer = await rest.post<{ recovery_codes: string[] }>("/profile/totp", body);
        made(answer.data.recovery_codes);
    };
    return (
        <Ask title={w.keyTitle} action={w.confirm} failed={w.failed} run={run} close={close} disabled={!code.trim()} wide>
            <div className="fg-factor">
                <QrCode text={started.uri} label={w.qr} />
                <div className="fg-factor-text">
                    <p>{w.keyText}</p>
                    <ClipboardCopy isReadOnly hoverTip={t.common.copy} clickTip={t.common.copied} textAriaLabel={w.key}>
                        {started.secret}
                    </ClipboardCopy>
                    <p>
                        <a href={started.uri}>{w.openApp}</a>
                    </p>
                    <TextField
                        label={w.code}
                        help={w.codeHelp}
                        value={code}
                        onChange={setCode}
                        autoComplete="one-time-code"
                        maxLength={32}
                        mono
                        autoFocus
                    />
                </div>
            </div>
        </Ask>
    );
}

function download(codes: string[]) {
    const address = URL.createObjectURL(new Blob([`${t.product}: ${t.profile.codes}\n\n${codes.join("\n")}\n`], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = "fedgate-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(address);
}

function Codes({ codes }: { codes: string[] }) {
    const w = t.profile;
    const [copied, setCopied] = useState(false);
    const copy = () => {
        navigator.clipboard.writeText(codes.join("\n")).then(
            () => setCopied(true),
            () => setCopied(false),
        );
    };
    return (
        <Alert variant="success" isInline title={w.codesTitle} className="fg-alert">
            <p>{w.codesText}</p>
            <ul className="fg-mono" aria-label={w.codes}>
                {codes.map((code) => (
                    <li key={code}>{code}</li>
                ))}
            </ul>
            <div className="fg-button-row">
                <Button variant="secondary" onClick={copy}>
                    {copied ? t.common.copied : t.common.copy}
                </Button>
                <Button variant="secondary" onClick={() => download(codes)}>
                    {w.codesDownload}
                </Button>
                <Button variant="secondary" onClick={() => window.print()}>
                    {w.codesPrint}
                </Button>
            </div>
        </Alert>
    );
}

function State({ factor, change }: { factor: Factor; change: () => void }) {
    const w = t.profile;
    const left = factor.recovery_codes_left ?? 0;
    const on = factor.state === "on";
    return (
        <Panel title={w.factor} ruled>
            <p>{on ? w.on(left) : w.off}</p>
            {on && left <= few && <p>{w.fewLeft}</p>}
            <div className="fg-button-row">
                <Button variant={on ? "secondary" : "primary"} onClick={change}>
                    {on ? w.turnOff : w.setUp}
                </Button>
            </div>
        </Panel>
    );
}

export function SecondFactor() {
    const { data, error, at, reload } = useGet<Factor>("/profile/totp");
    const [asking, setAsking] = useState(false);
    const [started, setStarted] = useState<Started | null>(null);
    const [codes, setCodes] = useState<string[] | null>(null);
    const w = t.profile;
    const start = async (password: string) => {
        setCodes(null);
        const answer = await rest.post<Started>("/profile/totp", { action: "start", current_password: password });
        setStarted(answer.data);
    };
    const turnOff = async (password: string) => {
        await rest.post("/profile/totp", { action: "off", current_password: password });
        setCodes(null);
    };
    return (
        <>
            {codes && <Codes codes={codes} />}
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={2} />}
            {data && <State factor={data} change={() => setAsking(true)} />}
            {asking && data?.state === "on" && (
                <WithPassword
                    title={w.turnOffTitle}
                    text={w.turnOffText}
                    action={w.turnOffNow}
                    danger
                    run={turnOff}
                    close={() => setAsking(false)}
                />
            )}
            {asking && data && data.state !== "on" && (
                <WithPassword
                    title={w.setUpTitle}
                    text={w.setUpText}
                    action={w.next}
                    run={start}
                    close={() => setAsking(false)}
                />
            )}
            {started && <Confirm started={started} made={setCodes} close={() => setStarted(null)} />}
        </>
    );
}
