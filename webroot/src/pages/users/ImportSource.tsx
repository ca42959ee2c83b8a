// Step one of the import of users: where the lines come from, what they must look like, and their beginning.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Label } from "@patternfly/react-core/dist/esm/components/Label/Label";
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { Fragment, useEffect, useState } from "react";
import { ToggleRow } from "../../parts/Choice";
import { FilePick } from "../../parts/FilePick";
import { bytes } from "../../parts/format";
import { Labelled } from "../../parts/Labelled";
import { Facts, Panel, WithSide } from "../../parts/Panel";
import { t } from "../../words";
import { columnNames, preview } from "./csv";
import type { Preview } from "./csv";

const previewRows = 8;

function usePreview(file: Blob | null): Preview | null {
    const [shown, set] = useState<Preview | null>(null);
    useEffect(() => {
        set(null);
        if (!file) return undefined;
        let current = true;
        preview(file, previewRows)
            .then((found) => current && set(found))
            .catch(() => undefined);
        return () => {
            current = false;
        };
    }, [file]);
    return shown;
}

function columnFault(p: Preview): string | null {
    if (p.jsonLines) return null;
    const known = p.head.map((name) => columnNames.includes(name.toLowerCase()));
    const unknown = p.head.filter((_, i) => !known[i]);
    if (unknown.length) return t.userImport.badColumns(unknown.join(", "));
    return p.head.some((name) => name.toLowerCase() === "address") ? null : t.userImport.missingAddress;
}

function Beginning({ p }: { p: Preview }) {
    const fault = columnFault(p);
    return (
        <Panel title={p.jsonLines ? t.userImport.jsonLines : t.userImport.preview(p.rows.length)}>
            {fault && <p className="fg-notice fg-notice-bad">{fault}</p>}
            <div className="fg-scroll-box" tabIndex={0} role="region" aria-label={t.userImport.preview(p.rows.length)}>
                <table className="fg-preview">
                    {!p.jsonLines && (
                        <thead>
                            <tr>
                                {p.head.map((name, i) => (
                                    <th key={i}>
                                        {name}{" "}
                                        {!columnNames.includes(name.toLowerCase()) && (
                                            <Label isCompact variant="outline" color="red">
                                                {t.userImport.unknownColumn}
                                            </Label>
                                        )}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                    )}
                    <tbody>
                        {p.rows.map((row, i) => (
                            <tr key={i}>
                                {row.map((cell, j) => (
                                    <td key={j}>{cell}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Panel>
    );
}

function Form() {
    const help = t.userImport.columnHelp;
    return (
        <Panel title={t.userImport.formTitle}>
            <p className="fg-second">{t.userImport.formText}</p>
            <pre className="fg-example fg-example-lines">
                {t.userImport.example.split(/(?<=,)/).map((part, at) => (
                    <Fragment key={at}>
                        {part}
                        <wbr />
                    </Fragment>
                ))}
            </pre>
            <Facts className="fg-columns-help" rows={columnNames.map((name) => [<span key={name} className="fg-mono">{name}</span>, help[name]])} />
        </Panel>
    );
}

interface SourceProps {
    file: Blob | null;
    setFile: (file: Blob | null) => void;
    check: () => void;
    busy: boolean;
}

export function ImportSource({ file, setFile, check, busy }: SourceProps) {
    const [from, setFrom] = useState<"file" | "text">("file");
    const [text, setText] = useState("");
    const shown = usePreview(file);
    const w = t.userImport;
    const paste = (next: string) => {
        setText(next);
        setFile(next.trim() ? new Blob([next], { type: "text/csv" }) : null);
    };
    const change = (next: "file" | "text") => {
        setFrom(next);
        if (next === "file") setFile(null);
        else paste(text);
    };
    const go = (
        <div className="fg-buttons">
            <Button onClick={check} isDisabled={!file || busy || (!!shown && columnFault(shown) !== null)} isLoading={busy}>
                {w.check}
            </Button>
        </div>
    );
    return (
        <>
            <WithSide
                main={
                <div className="fg-column">
                <Panel title={w.source}>
                    <div className="fg-form-main">
                        <ToggleRow
                            name="source"
                            label={w.source}
                            value={from}
                            onChange={change}
                            options={[
                                { value: "file", text: w.fromFile },
                                { value: "text", text: w.fromText },
                            ]}
                        />
                        {from === "file" ? (
                            <FilePick
                                text={file ? w.another : w.choose}
                                hint={w.drop}
                                accept=".csv,.txt,.jsonl,.ndjson,text/csv"
                                onFiles={(files) => setFile(files[0] ?? null)}
                            >
                                {file instanceof File && (
                                    <b className="fg-anywhere">
                                        {file.name} <span className="fg-note">{bytes(file.size)}</span>
                                    </b>
                                )}
                            </FilePick>
                        ) : (
                            <Labelled label={w.paste} help={w.pasteHelp}>
                                {(id, helpId) => (
                                    <TextArea
                                        id={id}
                                        rows={8}
                                        value={text}
                                        onChange={(_, next) => paste(next)}
                                        aria-describedby={helpId}
                                        className="fg-mono"
                                        spellCheck={false}
                                        resizeOrientation="vertical"
                                    />
                                )}
                            </Labelled>
                        )}
                    </div>
                </Panel>
                {!shown && go}
                </div>
                }
                side={<Form />}
            />
            {shown && <Beginning p={shown} />}
            {shown && go}
        </>
    );
}
