// Choosing a role; what it may do stands below.
import { Labelled } from "../../parts/Labelled";
import type { Role } from "../../rest/types";
import { t } from "../../words";

/** What a token of somebody with a role may have at most: operator and user administrator stand beside each other. */
export function rolesWithin(own: Role): Role[] {
    if (own === "administrator") return Object.keys(t.roles) as Role[];
    const lower: Role[] = ["help_desk", "viewer"];
    return [own, ...lower.filter((role) => role !== own && own !== "viewer")];
}

interface Props {
    label: string;
    value: Role;
    onChange: (role: Role) => void;
    /** Without: every role. */
    among?: Role[];
}

export function RoleSelect({ label, value, onChange, among }: Props) {
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
                    {(among ?? (Object.keys(t.roles) as Role[])).map((role) => (
                        <option key={role} value={role}>
                            {t.roles[role]}
                        </option>
                    ))}
                </select>
            )}
        </Labelled>
    );
}
