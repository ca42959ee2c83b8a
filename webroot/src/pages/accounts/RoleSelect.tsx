// Choosing a role; what it may do stands below.
import { Labelled } from "../../parts/Labelled";
import type { Role } from "../../rest/types";
import { t } from "../../words";

export function RoleSelect({ label, value, onChange }: { label: string; value: Role; onChange: (role: Role) => void }) {
    return (
        <Labelled label={label} help={t.roleHelp[value]}>
            {(id, helpId) => (
                <select
                    id={id}
                    className="fg-select"
                    value={value}
                    onChange={(e) => onChange(e.target.value as Role)}
                    aria-describedby={helpId}
                >
                    {(Object.keys(t.roles) as Role[]).map((role) => (
                        <option key={role} value={role}>
                            {t.roles[role]}
                        </option>
                    ))}
                </select>
            )}
        </Labelled>
    );
}
