// One setting: its field, and below it what tells it apart from the default and from what runs.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { FieldInput } from "../../parts/fields/FieldInput";
import type { InputProps } from "../../parts/fields/FieldInput";
import { same, span } from "../../parts/format";
import type { ConfigObject, Value } from "../../rest/types";
import { t } from "../../words";
import { AddressList, SipListeners } from "./Addresses";
import { BodyLog } from "./BodyLog";
import { Forwarding } from "./Forwarding";
import { isRound, leafText, standard, valueAt } from "./leaves";
import type { Leaf } from "./leaves";

interface SettingProps {
    leaf: Leaf;
    input: ConfigObject;
    running: ConfigObject | null;
    errors: { [pointer: string]: string };
    disabled: boolean;
    onChange: (path: string, value: Value) => void;
}

const wide = ["list", "object", "text", "pem"];
const ports = ["listeners/xmpp", "listeners/xmpp_direct_tls", "dns/servers"];

function Input(props: InputProps & { path: string }) {
    const { path, field, value } = props;
    if (path === "log_message_bodies") return <BodyLog {...props} />;
    if (path === "listeners/sip") return <SipListeners {...props} />;
    if (ports.includes(path)) return <AddressList {...props} example={path === "dns/servers" ? "192.0.2.53" : "[::]:5269"} />;
    const seconds = /_(interval|timeout)$/.test(field.name) && typeof value === "number" && isRound(value);
    return <FieldInput {...props} meaning={seconds ? span(value) : undefined} />;
}

/** "Runs with 300 until you commit", "Default: 300 · Reset". */
function Marks({ leaf, value, running, disabled, onChange }: { leaf: Leaf; value: Value; running: Value | undefined; disabled: boolean; onChange: (value: Value) => void }) {
    const s = t.settings;
    const usual = standard(leaf);
    const differs = running !== undefined && !same(running, value);
    const changed = !same(value, usual);
    if (!differs && !changed) return null;
    return (
        <div className="fg-setting-marks">
            {differs && <span className="fg-drafted">{s.runs(leafText(leaf, running))}</span>}
            {changed && (
                <span>
                    <b>{s.changed}</b>
                    {!disabled && (
                        <Button variant="link" isInline onClick={() => onChange(usual)}>
                            {s.toDefault(leafText(leaf, usual))}
                            <span className="fg-hidden"> {leaf.field.label}</span>
                        </Button>
                    )}
                </span>
            )}
        </div>
    );
}

export function SettingField({ leaf, input, running, errors, disabled, onChange }: SettingProps) {
    const value = valueAt(input, leaf);
    const runs = running ? valueAt(running, leaf) : undefined;
    const change = (next: Value) => onChange(leaf.path, next);
    const drafted = runs !== undefined && !same(runs, value);
    return (
        <div
            className={`fg-setting${wide.includes(leaf.field.type) ? " fg-wide" : ""}${drafted ? " fg-slot-draft" : ""}`}
            data-setting={leaf.path}
        >
            <Input path={leaf.path} field={leaf.field} value={value} onChange={change} errors={errors} pointer={`/${leaf.path}`} disabled={disabled} />
            {leaf.path === "audit_syslog" && <Forwarding />}
            <Marks leaf={leaf} value={value} running={runs} disabled={disabled} onChange={change} />
        </div>
    );
}
