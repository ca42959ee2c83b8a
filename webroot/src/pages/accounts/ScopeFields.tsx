// What an account may change: everything its role allows, or only some sites and partners.
import { ToggleRow } from "../../parts/Choice";
import { domainFault, domainLike } from "../../parts/domain";
import { Labelled } from "../../parts/Labelled";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Page, Scope } from "../../rest/types";
import { t } from "../../words";
import { Chips } from "../partners/Chips";
import type { Prepared } from "../partners/Chips";

/** A domain, or a pattern of one with * at an end: "*.example". */
function patternLike(text: string): Prepared {
    const pattern = text.trim().toLowerCase();
    const faults = t.partnerCare.faults;
    if (pattern.slice(1, -1).includes("*")) return { fault: faults.inner };
    const plain = pattern.replace(/\*/g, "x");
    if (!domainLike(plain)) return { fault: faults[domainFault(plain)] };
    return { value: pattern.includes("*") ? pattern : plain };
}

interface Props {
    value: Scope | null;
    onChange: (scope: Scope | null) => void;
    errors?: { [name: string]: string };
}

export function ScopeFields({ value, onChange, errors = {} }: Props) {
    const sites = useGet<Page<ConfigObject>>("/sites?limit=1000").data?.items ?? [];
    const w = t.admins;
    const chosen = value?.sites ?? [];
    const toggle = (site: string, on: boolean) =>
        onChange({ ...value, sites: on ? [...chosen, site] : chosen.filter((one) => one !== site), partners: value?.partners ?? [] });
    return (
        <>
            <Labelled label={w.scope} help={value ? w.scopeLimitedHelp : w.scopeAllHelp} error={errors.scope} group>
                {(_, helpId) => (
                    <ToggleRow
                        name="scope"
                        label={w.scope}
                        describedBy={helpId}
                        options={[
                            { value: "all", text: w.scopeAll },
                            { value: "limited", text: w.scopeLimited },
                        ]}
                        value={value ? "limited" : "all"}
                        onChange={(next) => onChange(next === "all" ? null : { sites: [], partners: [] })}
                    />
                )}
            </Labelled>
            {value && (
                <>
                    <Labelled label={w.scopeSites} help={sites.length ? undefined : w.noSites} group>
                        {() => (
                            <div className="fg-checks" role="group" aria-label={w.scopeSites}>
                                {sites.map((site) => {
                                    const name = String(site.name);
                                    return (
                                        <label key={name}>
                                            <input
                                                type="checkbox"
                                                checked={chosen.includes(name)}
                                                onChange={(e) => toggle(name, e.target.checked)}
                                            />{" "}
                                            {name}
                                        </label>
                                    );
                                })}
                            </div>
                        )}
                    </Labelled>
                    <Labelled label={w.scopePartners} help={w.scopePartnersHelp}>
                        {(id, helpId) => (
                            <Chips
                                id={id}
                                helpId={helpId}
                                values={value.partners ?? []}
                                onChange={(partners) => onChange({ ...value, partners, sites: chosen })}
                                placeholder="*.example"
                                prepare={patternLike}
                            />
                        )}
                    </Labelled>
                </>
            )}
        </>
    );
}
