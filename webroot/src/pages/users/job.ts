// What the job of an import says.
import type { Job } from "../../rest/types";

export interface RejectedLine {
    line: number;
    value: string;
    cause: string;
}

interface Fault {
    pointer?: string;
    message: string;
}

interface Rejection {
    line: number;
    address?: string | null;
    value?: string | null;
    message?: string;
    errors?: Fault[];
}

export interface ImportResult {
    dry_run: boolean;
    lines: number;
    added: number;
    changed: number;
    unchanged: number;
    staged: number;
    detail: string | null;
    rejected: Rejection[];
    /** How many were rejected, where not all are listed. */
    rejected_count?: number;
}

const cause = (fault: Fault) => [fault.pointer?.replace(/^#?\//, ""), fault.message].filter(Boolean).join(": ");

export function rejectedLines(result: ImportResult): RejectedLine[] {
    return result.rejected.map((r) => ({
        line: r.line,
        value: r.address ?? r.value ?? "",
        cause: r.errors?.map(cause).join(" ") ?? r.message ?? "",
    }));
}

/** The result of a job of this kind; null when it ended before there was one. */
export const resultOf = (job: Job) => job.result as unknown as ImportResult | null;
