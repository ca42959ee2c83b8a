// Import of users in three steps: a file, a check that changes nothing, and the way into the draft. The two jobs
// stand in the address, so that a reload finds them again.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useCallback, useState } from "react";
import type { ReactNode } from "react";
import { Link, useAddressState } from "../../frame/route";
import { number } from "../../parts/format";
import { JobProgress } from "../../parts/JobProgress";
import { useMay } from "../../parts/may";
import { PageHeader, Panel } from "../../parts/Panel";
import { Failed } from "../../parts/States";
import { rest, tellWritten } from "../../rest/client";
import type { Job } from "../../rest/types";
import { t } from "../../words";
import { ImportSource } from "./ImportSource";
import { rejectedLines, resultOf } from "./job";
import type { ImportResult } from "./job";
import { Rejected } from "./Rejected";

type StepName = "file" | "check" | "take";

function Steps({ now }: { now: StepName }) {
    const names: StepName[] = ["file", "check", "take"];
    return (
        <ol className="fg-wizard">
            {names.map((name, i) => (
                <li key={name} aria-current={name === now ? "step" : undefined} className={i < names.indexOf(now) ? "fg-past" : undefined}>
                    <span aria-hidden="true">{number(i + 1)}</span> {t.userImport.steps[name]}
                </li>
            ))}
        </ol>
    );
}

const rejectedOf = (result: ImportResult) => result.rejected_count ?? result.rejected.length;

function Counts({ result }: { result: ImportResult }) {
    const c = t.userImport.counts;
    const rows: [string, number][] = [
        [c.lines, result.lines],
        [c.added, result.added],
        [c.changed, result.changed],
        [c.unchanged, result.unchanged],
        [c.rejected, rejectedOf(result)],
    ];
    if (!result.dry_run) rows.push([c.staged, result.staged]);
    return (
        <dl className="fg-counters">
            {rows.map(([name, n]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{number(n)}</dd>
                </div>
            ))}
        </dl>
    );
}

interface OutcomeProps {
    job: Job;
    title: string;
    actions: ReactNode;
    note?: string | null;
}

function Outcome({ job, title, actions, note }: OutcomeProps) {
    const w = t.userImport;
    const result = resultOf(job);
    const heading = job.state === "done" ? title : job.state === "cancelled" ? w.cancelled : w.failedTitle;
    return (
        <>
            <Panel title={heading}>
                {result && <Counts result={result} />}
                {job.state !== "done" && result?.detail && <p className="fg-notice fg-notice-warn">{result.detail}</p>}
                {note && <p className="fg-notice">{note}</p>}
                <div className="fg-buttons">{actions}</div>
            </Panel>
            {result && (rejectedOf(result) > 0 ? <Rejected lines={rejectedLines(result)} total={rejectedOf(result)} /> : <p className="fg-muted">{w.noneRejected}</p>)}
        </>
    );
}

interface JobStepProps {
    id: string;
    doing: string;
    children: (job: Job) => ReactNode;
}

function JobStep({ id, doing, children }: JobStepProps) {
    const [job, setJob] = useState<Job | null>(null);
    const ended = (now: Job) => {
        setJob(now);
        if (resultOf(now)?.dry_run === false) tellWritten();
    };
    if (job?.id === id) return <>{children(job)}</>;
    return (
        <Panel title={doing}>
            <JobProgress key={id} id={id} onDone={ended} />
        </Panel>
    );
}

function useImport() {
    const [query, set] = useAddressState();
    const [file, setFile] = useState<Blob | null>(null);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const send = async (dry: boolean) => {
        if (!file) return;
        setBusy(true);
        setError(null);
        try {
            const job = (await rest.upload<Job>("/users/import", file, { dry_run: dry }, dry)).data;
            set(dry ? { check: job.id, take: "" } : { check: "", take: job.id });
        } catch (cause) {
            setError(cause);
        }
        setBusy(false);
    };
    const restart = useCallback(() => {
        setFile(null);
        setError(null);
        set({ check: "", take: "" });
    }, [set]);
    return { check: query.get("check"), take: query.get("take"), file, setFile, busy, error, send, restart };
}

function Checked({ job, flow }: { job: Job; flow: ReturnType<typeof useImport> }) {
    const w = t.userImport;
    const result = resultOf(job);
    const todo = result ? result.added + result.changed : 0;
    const note = !flow.file ? w.fileGone : result && rejectedOf(result) > 0 ? w.withoutRejected : null;
    return (
        <Outcome
            job={job}
            title={w.checked}
            note={job.state === "cancelled" ? w.cancelledText : note}
            actions={
                <>
                    {job.state === "done" && (
                        <Button onClick={() => void flow.send(false)} isDisabled={!flow.file || flow.busy || !todo} isLoading={flow.busy}>
                            {todo ? w.take(todo) : w.takeNothing}
                        </Button>
                    )}
                    {flow.file && job.state !== "done" && (
                        <Button onClick={() => void flow.send(true)} isDisabled={flow.busy}>
                            {w.check}
                        </Button>
                    )}
                    <Button variant="link" onClick={flow.restart}>
                        {w.another}
                    </Button>
                </>
            }
        />
    );
}

function Taken({ job, flow }: { job: Job; flow: ReturnType<typeof useImport> }) {
    const w = t.userImport;
    return (
        <Outcome
            job={job}
            title={w.imported}
            actions={
                <>
                    <Link to="/draft" className="pf-v6-c-button pf-m-primary">
                        {w.review}
                    </Link>
                    <Link to="/users">{w.toUsers}</Link>
                    <Button variant="link" onClick={flow.restart}>
                        {w.again}
                    </Button>
                </>
            }
        />
    );
}

export default function UserImport() {
    const { may, why } = useMay("users");
    const flow = useImport();
    const w = t.userImport;
    const now: StepName = flow.take ? "take" : flow.check ? "check" : "file";
    return (
        <div className="fg-page fg-column">
            <PageHeader title={w.title} lead={w.lead} crumbs={[{ to: "/users", text: t.users.title }]} />
            <Steps now={now} />
            {flow.error !== null && <Failed title={flow.check ? w.importFailed : w.checkFailed} error={flow.error} />}
            {!may && <p className="fg-notice fg-notice-warn">{why}</p>}
            {may && now === "file" && (
                <ImportSource file={flow.file} setFile={flow.setFile} check={() => void flow.send(true)} busy={flow.busy} />
            )}
            {flow.check && !flow.take && (
                <JobStep id={flow.check} doing={w.checking}>
                    {(job) => <Checked job={job} flow={flow} />}
                </JobStep>
            )}
            {flow.take && (
                <JobStep id={flow.take} doing={w.importing}>
                    {(job) => <Taken job={job} flow={flow} />}
                </JobStep>
            )}
        </div>
    );
}
