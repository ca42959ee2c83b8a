// PatternFly's alert, that says in the language of the panel what kind of alert it is. Its title is no heading: an alert
// may stand anywhere.
import { Alert as Plain } from "@patternfly/react-core/dist/esm/components/Alert/Alert";
import type { AlertProps } from "@patternfly/react-core/dist/esm/components/Alert/Alert";
import { t } from "../words";

export function Alert({ variant = "info", ...props }: AlertProps & { variant?: keyof typeof t.alerts }) {
    return <Plain variant={variant} variantLabel={t.alerts[variant]} component="p" {...props} />;
}
