// The dialogues about an account: add, change role and scope, set a password, sessions.
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { TextField } from "../../parts/Labelled";
import { fieldErrors } from "../../parts/problems";
import { rest, segment } from "../../rest/client";
import type { Role, Scope } from "../../rest/types";
import { t } from "../../words";
import { RoleSelect } from "./RoleSelect";
import { ScopeFields } from "./ScopeFields";
import { Sessions } from "./Sessions";

export interface Admin {
    username: string;
    role: Role;
    scope?: Scope | null;
    disabled?: boolean;
    totp?: boolean;
    created_at?: string | null;
    last_sign_in?: string | null;
}

/** Nothing chosen would be an account that may change nothing. */
const emptyScope = (scope: Scope | null) => !!scope && !scope.sites?.length && !scope.partners?.length;

export function AddAdmin({ close }: { close: () => void }) {
    const [username, setUsername] = useState("");
    const [password, setPassword] = useState("");
    const [role, setRole] = useState<Role>("viewer");
    const [scope, setScope] = useState<Scope | null>(null);
    const [error, setError] = useState<unknown>(null);
    const errors = fieldErrors(error);
    const w = t.admins;
    const run = async () => {
        try {
            await rest.post("/admins", { username: username.trim(), password, role, ...(scope ? { scope } : {}) });
        } catch (cause) {
            setError(cause);
            throw cause;
        }
    };
    return (
        <Ask
            title={w.addTitle}
            action={w.submit}
            failed={w.failed}
            disabled={!username.trim() || !password || emptyScope(scope)}
            run={run}
            close={close}
        >
            <TextField label={w.name} value={username} onChange={setUsername} error={errors.username} required autoFocus />
            <TextField
                label={w.password}
                help={w.passwordHelp}
                value={password}
                onChange={setPassword}
                error={errors.password}
                type="password"
                autoComplete="new-password"
                required
            />
            <RoleSelect label={w.role} value={role} onChange={setRole} />
            <ScopeFields value={scope} onChange={setScope} errors={errors} />
        </Ask>
    );
}

export function EditAdmin({ admin, last, close }: { admin: Admin; last: boolean; close: () => void }) {
    const [role, setRole] = useState<Role>(admin.role);
    const [scope, setScope] = useState<Scope | null>(admin.scope ?? null);
    const w = t.admins;
    const demotes = last && (role !== "administrator" || !!scope);
    const run = async () => {
        await rest.patch(`/admins/${segment(admin.username)}`, { role, scope });
    };
    return (
        <Ask
            title={w.editTitle(admin.username)}
            action={w.save}
            failed={w.changeFailed}
            disabled={demotes || emptyScope(scope)}
            run={run}
            close={close}
        >
            <RoleSelect label={w.role} value={role} onChange={setRole} />
            <ScopeFields value={scope} onChange={setScope} />
            <p className={demotes ? "fg-error" : "fg-second"} role="status">
                {demotes ? w.lastDemoted : w.editText}
            </p>
        </Ask>
    );
}

export function SetPassword({ admin, close }: { admin: Admin; close: () => void }) {
    const [password, setPassword] = useState("");
    const w = t.admins;
    const run = async () => {
        await rest.patch(`/admins/${segment(admin.username)}`, { password });
    };
    return (
        <Ask title={w.passwordTitle(admin.username)} action={w.passwordSet} failed={w.changeFailed} disabled={!password} run={run} close={close}>
            <p>{w.passwordText}</p>
            <TextField
                label={w.newPassword}
                help={w.passwordHelp}
                value={password}
                onChange={setPassword}
                type="password"
                autoComplete="new-password"
                required
                autoFocus
            />
        </Ask>
    );
}

export function AdminSessions({ admin, close }: { admin: Admin; close: () => void }) {
    return (
        <Ask title={t.admins.sessionsTitle(admin.username)} action={t.admins.sessionsDone} run={() => Promise.resolve()} close={close} wide>
            <Sessions username={admin.username} />
        </Ask>
    );
}
