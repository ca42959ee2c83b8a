// Around a control that is disabled because the account may not use it: the reason, for pointer and screen reader.
import { Tooltip } from "@patternfly/react-core/dist/esm/components/Tooltip/Tooltip";
import type { ReactNode } from "react";
import type { May } from "./may";

export function MayReason({ may, children }: { may: May; children: ReactNode }) {
    if (may.may) return <>{children}</>;
    return (
        <Tooltip content={may.why}>
            <span role="note" tabIndex={0} aria-label={may.why ?? undefined}>
                {children}
            </span>
        </Tooltip>
    );
}
