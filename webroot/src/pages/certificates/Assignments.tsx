// Which certificate serves where: to partners, to front ends, to browsers, and per own domain.
import { useState } from "react";
import { DraftLabel } from "../../parts/Marks";
import { Labelled } from "../../parts/Labelled";
import { Panel } from "../../parts/Panel";
import { Failed } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useMay } from "../../parts/may";
import { useGet } from "../../rest/useLoad";
import type { DraftMark, Page } from "../../rest/types";
import { t } from "../../words";
import { certificateName } from "./Certificates";
import type { Certificate } from "./Certificates";

export interface Assignment {
    usage: string;
    certificate: string;
    draft?: DraftMark;
}

export function usageName(usage: string): string {
    const domain = usage.replace(/^external:/, "");
    return t.certificates.usage[usage] ?? t.certificates.usageDomain(domain);
}

function usageHelp(usage: string): string {
    const domain = usage.replace(/^external:/, "");
    return t.certificates.usageHelp[usage] ?? t.certificates.usageDomainHelp(domain);
}

interface OneProps {
    usage: string;
    assignment: Assignment | undefined;
    certificates: Certificate[];
    /** Why it may not be changed. */
    why: string | null;
}

function One({ usage, assignment, certificates, why }: OneProps) {
    const [error, setError] = useState<unknown>(null);
    const path = `/certificate_assignments/${segment(usage)}`;
    const current = assignment && assignment.draft !== "removed" ? assignment.certificate : "";
    const choose = (id: string) => {
        setError(null);
        const write = id ? rest.put(path, { certificate: id }) : rest.remove(path);
        write.catch((cause: unknown) => setError(cause));
    };
    return (
        <div>
            <Labelled
                label={
                    <>
                        {usageName(usage)} <DraftLabel mark={assignment?.draft} />
                    </>
                }
                help={usageHelp(usage)}
            >
                {(id, helpId) => (
                    <select
                        id={id}
                        className="fg-select"
                        value={current}
                        disabled={why !== null}
                        title={why ?? undefined}
                        onChange={(e) => choose(e.target.value)}
                        aria-describedby={helpId}
                    >
                        <option value="">{usage === "panel" ? t.certificates.panelDefault : t.certificates.notAssigned}</option>
                        {certificates
                            .filter((c) => c.has_key)
                            .map((c) => (
                                <option key={c.id} value={c.id}>
                                    {certificateName(c)} ({c.id.slice(0, 8)})
                                </option>
                            ))}
                    </select>
                )}
            </Labelled>
            {error !== null && <Failed title={t.common.saveFailed} error={error} />}
        </div>
    );
}

export function Assignments({ certificates, assignments }: { certificates: Certificate[]; assignments: Assignment[] }) {
    const { why } = useMay("certificate_assignments");
    const domains = useGet<Page<{ domain: string }>>("/domains?view=draft&limit=100").data?.items ?? [];
    const usages = ["external", "internal", "panel", ...domains.map((d) => `external:${d.domain}`)];
    for (const a of assignments) if (!usages.includes(a.usage)) usages.push(a.usage);
    return (
        <Panel title={t.certificates.assignments} note={t.certificates.assignmentsText} ruled className="fg-after-table">
            <div className="fg-three">
                {usages.map((usage) => (
                    <One
                        key={usage}
                        usage={usage}
                        assignment={assignments.find((a) => a.usage === usage)}
                        certificates={certificates}
                        why={why}
                    />
                ))}
            </div>
        </Panel>
    );
}
