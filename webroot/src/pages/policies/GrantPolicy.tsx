// Granting from the policy's side: to typed addresses, to a site, or to all who are listed. The second step is the
// same dialogue as on the page of users, which counts before it stages.
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { useState } from "react";
import { Link } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { Labelled } from "../../parts/Labelled";
import { t } from "../../words";
import { ChangeUsers } from "../users/ChangeUsers";
import type { Target } from "../users/ChangeUsers";
import { policyName, useSiteNames } from "../users/users";

type Who = "list" | "site" | "all";

const addresses = (text: string) => [...new Set(text.split(/[\s,;]+/).map((a) => a.replace(/^sip:/i, "")).filter(Boolean))];

export function GrantPolicy({ identity, close }: { identity: string; close: () => void }) {
    const [who, setWho] = useState<Who>("list");
    const [text, setText] = useState("");
    const [site, setSite] = useState("");
    const [target, setTarget] = useState<Target | null>(null);
    const sites = useSiteNames();
    const w = t.policies;
    if (target) return <ChangeUsers what="grant" target={target} given={identity} close={close} />;
    const chosen: Target = who === "list" ? { users: addresses(text) } : { filter: who === "site" ? { site } : {} };
    const ready = who === "all" || (who === "list" ? addresses(text).length > 0 : site !== "");
    return (
        <Ask
            title={w.grantTitle(policyName(identity))}
            action={w.grantNext}
            disabled={!ready}
            close={() => undefined}
            cancel={close}
            run={async () => setTarget(chosen)}
        >
            <fieldset className="fg-list">
                <legend className="fg-label">{w.grantText}</legend>
                {(["list", "site", "all"] as const).map((value) => (
                    <label key={value} className="fg-tick">
                        <input type="radio" name="who" checked={who === value} onChange={() => setWho(value)} />
                        <span>{w.grantWho[value]}</span>
                    </label>
                ))}
            </fieldset>
            {who === "list" && (
                <Labelled label={w.grantList} help={w.grantListHelp}>
                    {(id, helpId) => (
                        <TextArea id={id} aria-describedby={helpId} rows={4} className="fg-mono" value={text} onChange={(_, next) => setText(next)} spellCheck={false} />
                    )}
                </Labelled>
            )}
            {who === "site" && (
                <Labelled label={w.grantSite}>
                    {(id) => (
                        <select id={id} className="fg-select" value={site} onChange={(e) => setSite(e.target.value)}>
                            <option value="">{t.common.chooseOne}</option>
                            {sites?.map((name) => (
                                <option key={name} value={name}>
                                    {name}
                                </option>
                            ))}
                        </select>
                    )}
                </Labelled>
            )}
            <p className="fg-second">
                {w.grantFind} <Link to="/users">{w.toUsers}</Link>
            </p>
        </Ask>
    );
}
