// What differs between two revisions, whichever: the address names both.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useAddressState } from "../../frame/route";
import { byKind, ChangeGroup } from "../../parts/ChangeGroup";
import { Labelled } from "../../parts/Labelled";
import { PageHeader, Panel } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { useGet } from "../../rest/useLoad";
import type { Change, Page, Revision } from "../../rest/types";
import { t } from "../../words";

interface Difference {
    from: number;
    to: number;
    changes: Change[];
}

function Choose({ label, value, revisions, onChoose }: { label: string; value: number; revisions: Revision[]; onChoose: (n: string) => void }) {
    const known = revisions.some((r) => r.revision === value);
    return (
        <Labelled label={label}>
            {(id) => (
                <select id={id} className="fg-select" value={value} onChange={(e) => onChoose(e.target.value)}>
                    {!known && value > 0 && <option value={value}>{t.revisions.one(value)}</option>}
                    {revisions.map((r) => (
                        <option key={r.revision} value={r.revision}>
                            {t.revisions.one(r.revision)}
                            {r.comment ? `: ${r.comment.slice(0, 60)}` : ""}
                        </option>
                    ))}
                    <option value={0}>{t.compare.zero}</option>
                </select>
            )}
        </Labelled>
    );
}

export default function Compare() {
    const [query, setQuery] = useAddressState();
    const from = Number(query.get("from")) || 0;
    const to = Number(query.get("to")) || 0;
    const list = useGet<Page<Revision>>("/revisions?limit=1000");
    const { data, error, at, reload } = useGet<Difference>(`/revisions/${to}/diff?against=${from}`);
    const changes = data?.changes ?? [];
    return (
        <div className="fg-page">
            <PageHeader
                title={t.compare.title}
                crumbs={[{ to: "/revisions", text: t.revisions.title }]}
                lead={t.compare.lead(from, to)}
                actions={
                    <Button variant="secondary" onClick={() => setQuery({ from: String(to), to: String(from) })}>
                        {t.compare.swap}
                    </Button>
                }
            />
            <div className="fg-compare-choose">
                <Choose label={t.compare.from} value={from} revisions={list.data?.items ?? []} onChoose={(n) => setQuery({ from: n })} />
                <Choose label={t.compare.to} value={to} revisions={list.data?.items ?? []} onChoose={(n) => setQuery({ to: n })} />
            </div>
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={5} height="60px" />}
            {data && !changes.length && (
                <Panel>
                    <p className="fg-muted">{t.compare.same}</p>
                </Panel>
            )}
            <div className="fg-column">
                {byKind(changes).map(([kind, some]) => (
                    <ChangeGroup
                        key={kind}
                        kind={kind}
                        changes={some}
                        heads={[t.review.field, t.compare.before(from), t.compare.before(to)]}
                    />
                ))}
            </div>
        </div>
    );
}
