// Import of a certificate with its chain and key, in PEM, pasted or from files.
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { FileButton } from "../../parts/fields/FieldInput";
import { Labelled, TextField } from "../../parts/Labelled";
import { rest } from "../../rest/client";
import { t } from "../../words";

interface PemProps {
    label: string;
    help: string;
    value: string;
    onChange: (text: string) => void;
    required?: boolean;
}

function PemField({ label, help, value, onChange, required }: PemProps) {
    return (
        <Labelled label={label} help={help} required={required}>
            {(id, helpId) => (
                <>
                    <TextArea
                        id={id}
                        value={value}
                        onChange={(_, next) => onChange(next)}
                        rows={5}
                        className="fg-mono"
                        spellCheck={false}
                        aria-describedby={helpId}
                        resizeOrientation="vertical"
                    />
                    <FileButton onText={onChange} />
                </>
            )}
        </Labelled>
    );
}

export function ImportCertificate({ close }: { close: () => void }) {
    const [pem, setPem] = useState("");
    const [key, setKey] = useState("");
    const [password, setPassword] = useState("");
    const [name, setName] = useState("");
    const w = t.certificates;
    const run = async () => {
        const optional = { key: key.trim(), password, friendly_name: name.trim() };
        const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value));
        await rest.post("/certificates", { pem, ...given });
    };
    return (
        <Ask title={w.importTitle} action={w.submit} failed={w.failed} run={run} close={close} disabled={!pem.trim()} wide>
            <PemField label={w.pem} help={w.pemHelp} value={pem} onChange={setPem} required />
            <PemField label={w.key} help={w.keyHelp} value={key} onChange={setKey} />
            <div className="fg-two">
                <TextField label={w.password} help={w.passwordHelp} value={password} onChange={setPassword} type="password" autoComplete="new-password" />
                <TextField label={w.name} help={w.nameHelp} value={name} onChange={setName} />
            </div>
        </Ask>
    );
}
