// Import and export: our own document, or what Lync and Skype for Business export.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useAddressState } from "../../frame/route";
import { ToggleRow } from "../../parts/Choice";
import { download } from "../../parts/download";
import { FilePick } from "../../parts/FilePick";
import { bytes, number } from "../../parts/format";
import { Labelled } from "../../parts/Labelled";
import { Mark } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { Failed } from "../../parts/States";
import { rest } from "../../rest/client";
import { useLive, useSchema } from "../../rest/live";
import { t } from "../../words";
import { Findings } from "./Findings";
import { importLync, importOwn } from "./read";
import type { PartnersCome, Result } from "./read";

type Mode = "merge" | "replace";
type Tab = "own" | "lync";

function Chosen({ files }: { files: File[] }) {
    return (
        <ul className="fg-chosen">
            {files.map((file) => (
                <li key={file.name} className="fg-anywhere">
                    {file.name} <span className="fg-note">{bytes(file.size)}</span>
                </li>
            ))}
        </ul>
    );
}

interface RunProps {
    may: boolean;
    show: (result: Result) => void;
}

function useRun(show: (result: Result) => void) {
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const run = (work: () => Promise<Result>) => {
        setBusy(true);
        setError(null);
        work()
            .then(show)
            .catch((cause: unknown) => setError(cause))
            .finally(() => setBusy(false));
    };
    return { error, busy, run };
}

interface BoxProps {
    title: string;
    text: string;
    error: unknown;
    children: ReactNode;
}

function Box({ title, text, error, children }: BoxProps) {
    return (
        <Panel title={title}>
            <div className="fg-form-main">
                <p className="fg-second">{text}</p>
                {error !== null && <Failed title={t.imports.failed} error={error} />}
                {children}
            </div>
        </Panel>
    );
}

function Own({ may, show }: RunProps) {
    const [file, setFile] = useState<File | null>(null);
    const [mode, setMode] = useState<Mode>("merge");
    const { error, busy, run } = useRun(show);
    const w = t.imports;
    return (
        <Box title={w.ownTitle} text={w.ownText} error={error}>
            <FilePick text={w.choose} hint={w.drop} accept=".json,application/json" disabled={!may} onFiles={(files) => setFile(files[0] ?? null)}>
                {file && <Chosen files={[file]} />}
            </FilePick>
            <Labelled label={w.mode} help={w.modeHelp[mode]} group>
                {(id, helpId) => (
                    <ToggleRow
                        name={id}
                        label={w.mode}
                        value={mode}
                        onChange={setMode}
                        describedBy={helpId}
                        disabled={!may}
                        options={[
                            { value: "merge", text: w.modes.merge },
                            { value: "replace", text: w.modes.replace },
                        ]}
                    />
                )}
            </Labelled>
            <div className="fg-buttons">
                <Button isDisabled={!may || !file || busy} isLoading={busy} onClick={() => file && run(() => importOwn(file, mode))}>
                    {w.run}
                </Button>
            </div>
        </Box>
    );
}

function Lync({ may, show }: RunProps) {
    const [files, setFiles] = useState<File[]>([]);
    const [partners, setPartners] = useState<PartnersCome>("suspended");
    const [reading, setReading] = useState("");
    const { error, busy, run } = useRun(show);
    const w = t.imports;
    const add = (more: File[]) => setFiles([...files.filter((old) => !more.some((f) => f.name === old.name)), ...more]);
    return (
        <>
            <Box title={w.lyncTitle} text={w.lyncText} error={error}>
                <FilePick text={w.chooseMany} hint={w.dropMany} accept=".csv,.json,.xml,.clixml,.txt" many disabled={!may} onFiles={add}>
                    {files.length > 0 && <Chosen files={files} />}
                </FilePick>
                <Labelled label={w.partners} help={w.partnersHelp[partners]} group>
                    {(id, helpId) => (
                        <ToggleRow
                            name={id}
                            label={w.partners}
                            value={partners}
                            onChange={setPartners}
                            describedBy={helpId}
                            disabled={!may}
                            options={[
                                { value: "suspended", text: t.partnerState.suspended },
                                { value: "active", text: t.partnerState.active },
                            ]}
                        />
                    )}
                </Labelled>
                <div className="fg-buttons">
                    <Button isDisabled={!may || !files.length || busy} isLoading={busy} onClick={() => run(() => importLync(files, partners, setReading))}>
                        {w.run}
                    </Button>
                    {busy && (
                        <span className="fg-muted" role="status">
                            {w.working} {reading}
                        </span>
                    )}
                </div>
            </Box>
            <Panel title={w.commands}>
                <pre className="fg-example">{w.commandLines}</pre>
            </Panel>
        </>
    );
}

function Kind({ kind, n }: { kind: string; n: number }) {
    const schema = useSchema(kind);
    return (
        <div>
            <dt>{schema?.title ?? kind}</dt>
            <dd>{number(n)}</dd>
        </div>
    );
}

function Outcome({ result, again }: { result: Result; again: () => void }) {
    const w = t.imports;
    const kinds = Object.entries(result.draft?.summary.by_kind ?? {}).filter(([, n]) => n > 0);
    return (
        <>
            {result.failed && <Failed title={`${w.failed}: ${result.failed.file}`} error={result.failed.error} />}
            <Panel title={w.result}>
                <p className="fg-marked">
                    <Mark mood={result.staged ? "good" : "open"} />
                    <span>{result.staged ? `${w.staged(result.staged)} · ${w.unchanged(result.unchanged)}` : w.nothing}</span>
                </p>
                {kinds.length > 0 && (
                    <>
                        <h3 className="fg-kinds">{w.kinds}</h3>
                        <dl className="fg-counters">
                            {kinds.map(([kind, n]) => (
                                <Kind key={kind} kind={kind} n={n} />
                            ))}
                        </dl>
                    </>
                )}
                <div className="fg-buttons">
                    <Link to="/draft" className="pf-v6-c-button pf-m-primary">
                        {w.review}
                    </Link>
                    <Button variant="link" onClick={again}>
                        {w.again}
                    </Button>
                </div>
            </Panel>
            <Findings result={result} />
        </>
    );
}

function Export() {
    const { status } = useLive();
    const [error, setError] = useState<unknown>(null);
    const w = t.imports;
    const revision = status.data?.revision ?? 0;
    const save = async () => {
        setError(null);
        try {
            const document = (await rest.get<unknown>("/export")).data;
            download(`fedgate-${revision}.json`, `${JSON.stringify(document, null, 2)}\n`, "application/json");
        } catch (cause) {
            setError(cause);
        }
    };
    return (
        <Panel title={w.exportTitle}>
            <p className="fg-second">{w.exportText}</p>
            <p>{revision ? w.exportRevision(revision) : w.exportNothing}</p>
            {error !== null && <Failed error={error} />}
            <div className="fg-buttons">
                <Button variant="secondary" onClick={() => void save()}>
                    {w.exportDo}
                </Button>
            </div>
        </Panel>
    );
}

function Migration() {
    const w = t.imports;
    return (
        <Panel title={w.migration}>
            <ol className="fg-order">
                {w.migrationText.map((line) => (
                    <li key={line}>{line}</li>
                ))}
            </ol>
        </Panel>
    );
}

export default function Imports() {
    const { may, why } = useMay("settings");
    const [query, set] = useAddressState();
    const [result, setResult] = useState<Result | null>(null);
    const w = t.imports;
    const tab: Tab = query.get("from") === "lync" ? "lync" : "own";
    return (
        <div className="fg-page">
            <PageHeader title={w.title} lead={w.lead} />
            {!may && <p className="fg-notice fg-notice-warn">{why}</p>}
            <WithSide
                main={
                    result ? (
                        <Outcome result={result} again={() => setResult(null)} />
                    ) : (
                        <>
                            <ToggleRow
                                large
                                name="import-from"
                                label={w.tabs}
                                value={tab}
                                onChange={(next) => set({ from: next === "lync" ? "lync" : "" })}
                                options={[
                                    { value: "own", text: w.own },
                                    { value: "lync", text: w.lync },
                                ]}
                            />
                            {tab === "own" ? <Own may={may} show={setResult} /> : <Lync may={may} show={setResult} />}
                        </>
                    )
                }
                side={
                    <>
                        <Export />
                        {tab === "lync" && <Migration />}
                    </>
                }
            />
        </div>
    );
}
