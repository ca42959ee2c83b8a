// Work that takes long: how far it is, cancel, and how it ended. The work goes on when the page is left; the
// masthead lists what runs.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useEffect, useId, useRef, useState } from "react";
import { RestError, rest, segment } from "../rest/client";
import { useGet } from "../rest/useLoad";
import type { Job } from "../rest/types";
import { t } from "../words";
import { number } from "./format";
import { Marked } from "./Marks";
import type { Mood } from "./Marks";
import { errorText } from "./States";

const moods: { [state in Job["state"]]: Mood } = { running: "wait", done: "good", failed: "bad", cancelled: "paused" };

export function jobName(job: Job): string {
    return t.jobs.kinds[job.what] ?? job.what;
}

function far(job: Job): string {
    if (job.total) return t.jobs.progress(number(job.done), number(job.total));
    return job.done ? t.jobs.soFar(number(job.done)) : t.jobs.starting;
}

/** One job as a row: name, bar, cancel while it runs. */
export function JobRow({ job, actions = true }: { job: Job; actions?: boolean }) {
    const id = useId();
    const [asked, setAsked] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const name = jobName(job);
    const runs = job.state === "running";
    const end = () => {
        setAsked(true);
        setError(null);
        rest.remove(`/jobs/${segment(job.id)}`).catch((cause: unknown) => {
            setAsked(false);
            setError(cause);
        });
    };
    return (
        <div className="fg-job">
            <div className="fg-job-head">
                <span id={id} className="fg-grow">
                    {name}
                </span>
                {runs ? (
                    <span className="fg-note fg-figures">{far(job)}</span>
                ) : (
                    <Marked mood={moods[job.state]}>{t.jobs.states[job.state]}</Marked>
                )}
            </div>
            {runs && (
                <progress
                    className="fg-job-bar"
                    aria-labelledby={id}
                    max={job.total || undefined}
                    value={job.total ? Math.min(job.done, job.total) : undefined}
                />
            )}
            {error !== null && <p className="fg-error">{errorText(error)}</p>}
            {actions && (
                <Button
                    variant="link"
                    isInline
                    isDisabled={asked}
                    onClick={end}
                    aria-label={runs ? t.jobs.cancelOne(name) : t.jobs.dismissOne(name)}
                >
                    {!runs ? t.jobs.dismiss : asked ? t.jobs.cancelling : t.jobs.cancel}
                </Button>
            )}
        </div>
    );
}

interface ProgressProps {
    id: string;
    /** Called once, when the job has ended: done, failed or cancelled. */
    onDone?: (job: Job) => void;
}

/** Follows one job until it has ended. */
export function JobProgress({ id, onDone }: ProgressProps) {
    const [ended, setEnded] = useState<string | null>(null);
    const { data, error } = useGet<Job>(`/jobs/${segment(id)}`, { every: ended === id ? 0 : 1000 });
    const call = useRef(onDone);
    call.current = onDone;
    const over = data !== null && data.state !== "running";
    useEffect(() => {
        if (!over || !data || ended === id) return;
        setEnded(id);
        call.current?.(data);
    }, [over, data, ended, id]);

    if (!data && error instanceof RestError && error.status === 404) return <p className="fg-error">{t.jobs.lost}</p>;
    if (!data && error) return <p className="fg-error">{errorText(error)}</p>;
    if (!data) return <div className="fg-job" aria-busy="true" />;
    return <JobRow job={data} actions={data.state === "running"} />;
}
