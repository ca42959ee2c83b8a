// Sends files to the server, one after the other, and gathers what it says.
import { rest } from "../../rest/client";
import type { Draft } from "../../rest/types";

export interface Finding {
    severity: "info" | "warning" | "error";
    code: string;
    record: number;
    kind: string | null;
    key: string | null;
    message: string;
}

interface Answer {
    staged: number;
    unchanged: number;
    findings: Finding[];
    draft: Draft;
}

export interface Result {
    staged: number;
    unchanged: number;
    findings: (Finding & { file: string })[];
    draft: Draft | null;
    /** The file that was refused; those behind it were not sent. */
    failed: { file: string; error: unknown } | null;
}

export async function importOwn(file: File, mode: string): Promise<Result> {
    const { staged, unchanged, findings, draft } = (await rest.upload<Answer>("/import", asJson(file), { mode })).data;
    return { staged, unchanged, findings: findings.map((f) => ({ ...f, file: file.name })), draft, failed: null };
}

/** A browser does not always know what a file is; the server wants to be told that a document is JSON. */
const asJson = (file: File) => new Blob([file], { type: "application/json" });

/** Users come last: what is granted to them must be there. */
const order = (file: File) => (/user/i.test(file.name) ? 1 : 0);

export type PartnersCome = "suspended" | "active";

export async function importLync(files: File[], partners: PartnersCome, progress: (name: string) => void): Promise<Result> {
    const sum: Result = { staged: 0, unchanged: 0, findings: [], draft: null, failed: null };
    for (const file of [...files].sort((a, b) => order(a) - order(b))) {
        progress(file.name);
        try {
            const blob = new Blob([file], { type: "application/octet-stream" });
            const { data } = await rest.upload<Answer>("/import/lync", blob, { partners });
            sum.staged += data.staged;
            sum.unchanged += data.unchanged;
            sum.findings.push(...data.findings.map((f) => ({ ...f, file: file.name })));
            sum.draft = data.draft;
        } catch (error) {
            sum.failed = { file: file.name, error };
            break;
        }
    }
    return sum;
}
