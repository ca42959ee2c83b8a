// Someone changed the object since the form was opened: the input stays, the choice is theirs or mine.
import { Alert } from "@patternfly/react-core/dist/esm/components/Alert/Alert";
import { AlertActionLink } from "@patternfly/react-core/dist/esm/components/Alert/AlertActionLink";
import { t } from "../words";

export function Meanwhile({ takeTheirs, keepMine }: { takeTheirs: () => void; keepMine: () => void }) {
    return (
        <Alert
            variant="warning"
            isInline
            title={t.common.changedMeanwhile}
            className="fg-alert"
            actionLinks={
                <>
                    <AlertActionLink onClick={takeTheirs}>{t.common.takeTheirs}</AlertActionLink>
                    <AlertActionLink onClick={keepMine}>{t.common.keepMine}</AlertActionLink>
                </>
            }
        >
            {t.common.changedMeanwhileText}
        </Alert>
    );
}
