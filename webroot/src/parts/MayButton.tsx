// A button that says why it does nothing: it keeps its place and its focus, and the reason is its description.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import type { ButtonProps } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Tooltip } from "@patternfly/react-core/dist/esm/components/Tooltip/Tooltip";
import type { May } from "./may";

export function MayButton({ may, isDisabled, ...props }: ButtonProps & { may: May }) {
    if (may.may) return <Button isDisabled={isDisabled} {...props} />;
    return (
        <Tooltip content={may.why}>
            <Button {...props} isAriaDisabled onClick={undefined} type="button" />
        </Tooltip>
    );
}
