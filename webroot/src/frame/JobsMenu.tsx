// Work that runs, in the masthead of every page: how many, how far, cancel. Not there while there is none.
import { Dropdown } from "@patternfly/react-core/dist/esm/components/Dropdown/Dropdown";
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/MenuToggle";
import { useState } from "react";
import { JobRow } from "../parts/JobProgress";
import { useGet } from "../rest/useLoad";
import type { Job, Page } from "../rest/types";
import { t } from "../words";

export function JobsMenu() {
    const { data } = useGet<Page<Job>>("/jobs", { every: 10000 });
    const [open, setOpen] = useState(false);
    const jobs = data?.items ?? [];
    const running = jobs.filter((job) => job.state === "running").length;
    if (!running && !open) return null;
    return (
        <Dropdown
            isOpen={open}
            onOpenChange={setOpen}
            shouldFocusFirstItemOnOpen
            popperProps={{ position: "right" }}
            toggle={(ref) => (
                <MenuToggle ref={ref} variant="plainText" onClick={() => setOpen(!open)} isExpanded={open}>
                    {t.jobs.running(running)}
                </MenuToggle>
            )}
        >
            <section className="fg-jobs" aria-label={t.jobs.title}>
                {jobs.map((job) => (
                    <JobRow key={job.id} job={job} />
                ))}
            </section>
        </Dropdown>
    );
}
