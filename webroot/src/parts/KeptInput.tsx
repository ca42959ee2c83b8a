// Input of an earlier visit is there: take it back or discard it.
import { Alert } from "./Alert";
import { AlertActionLink } from "@patternfly/react-core/dist/esm/components/Alert/AlertActionLink";
import { t } from "../words";
import { ago } from "./format";
import type { Offer } from "./useKept";

export function KeptInput({ offer }: { offer: Offer | null }) {
    if (!offer) return null;
    return (
        <Alert
            variant="info"
            isInline
            title={t.kept.title}
            className="fg-alert"
            actionLinks={
                <>
                    <AlertActionLink onClick={offer.restore}>{t.kept.restore}</AlertActionLink>
                    <AlertActionLink onClick={offer.forget}>{t.kept.forget}</AlertActionLink>
                </>
            }
        >
            {t.kept.text(ago(offer.at))}
        </Alert>
    );
}
