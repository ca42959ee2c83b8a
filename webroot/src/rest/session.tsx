// Who is signed in, and what the role may change. When a session ends while the panel is open, every waiting
// request waits for one new sign-in.
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { forgetInput, inputBelongsTo } from "./kept";
import { forgetEarly } from "./early";
import { onSessionEnd, RestError, rest, setToken } from "./client";
import { onTold, startPush } from "./push";
import { forget } from "./useLoad";
import type { Role, Session } from "./types";

interface SessionState {
    /** undefined while asked for, null when nobody is signed in. */
    session: Session | null | undefined;
    /** The session ended under the open page; the page stays. */
    ended: boolean;
    unreachable: boolean;
    /** Fails with the code otp_required when a one-time code is due as well. */
    signIn: (username: string, password: string, otp?: string) => Promise<void>;
    signOut: () => Promise<void>;
    ask: () => void;
}

const Context = createContext<SessionState | null>(null);

interface ProviderProps {
    children: ReactNode;
    /** Takes over what the account has chosen, before anything of the session is drawn. */
    adopt: (session: Session) => Promise<void>;
}

export function SessionProvider({ children, adopt }: ProviderProps) {
    const [session, setSession] = useState<Session | null | undefined>(undefined);
    const [ended, setEnded] = useState(false);
    const [unreachable, setUnreachable] = useState(false);
    const waiting = useRef<(() => void)[]>([]);

    const take = useCallback(
        async (next: Session | null) => {
            setToken(next);
            if (!next) forgetEarly();
            if (next) inputBelongsTo(next.username);
            if (next) await adopt(next).catch(() => undefined);
            setSession(next);
        },
        [adopt],
    );

    const ask = useCallback(() => {
        setUnreachable(false);
        rest.get<Session>("/session")
            .then((answer) => take(answer.data))
            .catch((e: unknown) => {
                if (e instanceof RestError && e.status === 0) setUnreachable(true);
                else void take(null);
            });
    }, [take]);

    useEffect(ask, [ask]);

    const signIn = useCallback(
        async (username: string, password: string, otp?: string) => {
            const answer = await rest.post<Session>("/session", { username, password, ...(otp ? { otp } : {}) });
            if (session && session.username !== answer.data.username) forget();
            await take(answer.data);
            setEnded(false);
            waiting.current.splice(0).forEach((go) => go());
        },
        [session, take],
    );

    const signOut = useCallback(async () => {
        await rest.remove("/session").catch(() => undefined);
        forget();
        forgetInput();
        waiting.current = [];
        setEnded(false);
        await take(null);
    }, [take]);

    useEffect(() => {
        if (!session) return undefined;
        onSessionEnd(
            () =>
                new Promise((go) => {
                    waiting.current.push(go);
                    setEnded(true);
                }),
        );
        return () => onSessionEnd(null);
    }, [session]);

    useEffect(() => {
        if (session) startPush();
    }, [session]);

    // The stream of events ends with the session, and when the role has changed: then what I may do is another.
    useEffect(() => {
        if (!session) return undefined;
        return onTold(({ name }) => {
            if (name !== "end") return;
            rest.get<Session>("/session")
                .then((answer) => take(answer.data))
                .catch((e: unknown) => {
                    if (e instanceof RestError && e.status === 401) setEnded(true);
                });
        });
    }, [session, take]);

    const value = useMemo(
        () => ({ session, ended, unreachable, signIn, signOut, ask }),
        [session, ended, unreachable, signIn, signOut, ask],
    );
    return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useSession(): SessionState {
    const state = useContext(Context);
    if (!state) throw new Error("no session provider");
    return state;
}

/** Who may change a kind, for the words beside a disabled button; the session itself says whether I may. */
const changers: { [kind: string]: Role[] } = {
    users: ["administrator", "user_administrator"],
    certificate_assignments: ["administrator", "operator"],
};

/** Whether the signed-in role may change objects of a kind; `only` names the roles that may. */
export function useMayChange(kind: string): { may: boolean; only: Role[] } {
    const { session } = useSession();
    return { may: !!session?.permissions.change.includes(kind), only: changers[kind] ?? ["administrator"] };
}
