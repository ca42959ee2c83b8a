// One user: which policy applies and why, and what that means for messages.
import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useRoute } from "../../frame/route";
import { DraftLabel, Mark, Muted } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { KebabMenu } from "../../parts/Menu";
import { Facts, PageHeader, Panel, WithSide } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Page } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import { ChangeUsers } from "./ChangeUsers";
import type { What } from "./ChangeUsers";
import { whyPath } from "../why/question";
import { userActions } from "./UserList";
import { policyName } from "./users";
import type { User } from "./users";

interface Step {
    title: string;
    text: ReactNode;
    /** Decides; stands before the deciding one and has nothing to say; or is not asked. */
    place: "decides" | "passed" | "after";
}

/** The chain user, site, global as it was walked for this user. */
function chain(user: User): Step[] {
    const d = t.userDetail;
    const because = user.effective_policy?.because ?? "global";
    const at = { assigned_to_user: 0, policy_of_site: 1, global: 2 }[because] ?? 2;
    const place = (i: number) => (i < at ? "passed" : i === at ? "decides" : "after");
    const own = user.policy ? policyName(user.policy) : "";
    const site = user.site ?? "";
    return [
        {
            title: d.userPolicy,
            place: place(0),
            text: !own ? d.none : at === 0 ? d.granted(own) : d.missing(own),
        },
        {
            title: d.sitePolicy,
            place: place(1),
            text: at < 1 ? d.notAsked : !site ? d.noSite : at === 1 ? d.siteHas(site) : d.siteHasNone(site),
        },
        { title: d.globalPolicy, place: place(2), text: at < 2 ? d.notAsked : d.falls },
    ];
}

const moods: { [place in Step["place"]]: Mood } = { decides: "good", passed: "open", after: "open" };

function Chain({ user }: { user: User }) {
    const identity = user.effective_policy?.identity ?? "global";
    return (
        <Panel title={t.userDetail.applies}>
            <p className="fg-second">{t.userDetail.wholePolicy}</p>
            <ol className="fg-steps">
                {chain(user).map((step) => (
                    <li key={step.title} className={step.place === "decides" ? "fg-step fg-step-decides" : "fg-step"}>
                        <Mark mood={moods[step.place]} />
                        <div className="fg-step-text fg-anywhere">
                            {step.place === "after" ? <Muted>{step.title}</Muted> : <b>{step.title}</b>}{" "}
                            {step.place === "decides" && <span className="fg-note">{t.userDetail.decides}</span>}
                            <div className={step.place === "decides" ? undefined : "fg-second"}>{step.text}</div>
                            {step.place === "decides" && <Link to={editPath("policies", identity)}>{policyName(identity)}</Link>}
                        </div>
                    </li>
                ))}
            </ol>
        </Panel>
    );
}

function verdict(user: User, policy: ConfigObject): { may: boolean; text: string } {
    const d = t.userDetail;
    const name = policyName(String(policy.identity));
    if (!policy.federation_access) return { may: false, text: d.reasonFederation(name) };
    if (!policy.xmpp_access) return { may: false, text: d.reasonXmpp(name) };
    if (user.xmpp_excluded) return { may: false, text: d.reasonExcluded };
    return { may: true, text: d.reasonMay(name) };
}

function Verdict({ user }: { user: User }) {
    const identity = user.effective_policy?.identity ?? "global";
    const policy = useGet<ConfigObject>(`/policies/${segment(identity)}?view=draft`);
    const settings = useGet<ConfigObject>("/settings?view=draft");
    if (!policy.data || (!settings.data && !settings.error)) return policy.error ? <Failed error={policy.error} retry={policy.reload} /> : <Loading lines={2} />;
    const { may, text } = verdict(user, policy.data);
    return (
        <section className="fg-panel">
            <div className="fg-verdict fg-verdict-alone">
                <Mark mood={may ? "good" : "bad"} large />
                <div>
                    <h2>{may ? t.userDetail.may : t.userDetail.mayNot}</h2>
                    <p className="fg-lead">{text}</p>
                </div>
            </div>
            {settings.data && settings.data.federation_enabled === false && (
                <p className="fg-notice fg-notice-warn">{t.userDetail.federationOff}</p>
            )}
        </section>
    );
}

function Side({ user }: { user: User }) {
    const c = t.users.columns;
    const site = user.site;
    const xmpp = user.xmpp_excluded ? t.users.excluded : t.users.notExcluded;
    return (
        <>
            <Panel title={t.users.details}>
                <Facts
                    rows={[
                        [c.address, <span key="a" className="fg-mono">{user.address}</span>],
                        [c.name, user.display_name || t.none],
                        [c.site, site ? <Link key="s" to={editPath("sites", site)}>{site}</Link> : t.none],
                        [c.policy, user.policy ? policyName(user.policy) : t.users.automatic],
                        [c.xmpp, xmpp],
                    ]}
                />
            </Panel>
            <Panel title={t.userDetail.askWhy}>
                <p className="fg-second">{t.userDetail.askWhyText}</p>
                <Link to={whyPath({ from: user.address })}>{t.nav.why}</Link>
            </Panel>
        </>
    );
}

/** Asked as a list, so that a user who is not there is an answer and no failure. */
function useUser(address: string) {
    const name = encodeURIComponent(address.replace(/[*?]/g, "?"));
    const loaded = useGet<Page<User>>(`/users?view=draft&limit=10&address=${name}`);
    const user = loaded.data?.items.find((u) => u.address === address) ?? null;
    return { ...loaded, user };
}

function NotListed({ address }: { address: string }) {
    const rights = useMay("users");
    const { go } = useRoute();
    return (
        <div className="fg-page">
            <PageHeader
                title={<span className="fg-mono">{address}</span>}
                name={address}
                crumbs={[{ to: "/users", text: t.users.title }]}
            />
            <Panel>
                <Empty
                    title={t.users.notListed}
                    action={
                        <MayButton may={rights} onClick={() => go(`/users/new?key=${encodeURIComponent(address)}`)}>
                            {t.users.add}
                        </MayButton>
                    }
                >
                    {t.users.notListedText}
                </Empty>
            </Panel>
        </div>
    );
}

export default function UserDetail({ address = "" }: { address?: string }) {
    const { go } = useRoute();
    const { user, data, error, at, reload } = useUser(address);
    const rights = useMay("users", { site: user?.site });
    const { may } = rights;
    const [what, setWhat] = useState<What | null>(null);
    if (data && !user) return <NotListed address={address} />;
    const actions = user ? userActions(user, may, go, setWhat).slice(may ? 2 : 1) : [];
    const undo = user?.draft === "removed";
    return (
        <div className="fg-page">
            <PageHeader
                title={<span className="fg-mono">{address}</span>}
                name={address}
                lead={
                    <>
                        {user?.display_name} <DraftLabel mark={user?.draft} long />
                    </>
                }
                crumbs={[{ to: "/users", text: t.users.title }]}
                actions={
                    user && (
                        <>
                            <MayButton may={rights} variant="secondary" isDisabled={undo} onClick={() => setWhat("grant")}>
                                {t.users.grant}
                            </MayButton>
                            <MayButton may={rights} isDisabled={undo} onClick={() => go(editPath("users", address))}>
                                {t.common.edit}
                            </MayButton>
                            {may && !undo && <KebabMenu name={address} actions={actions} />}
                            {may && undo && <KebabMenu name={address} actions={userActions(user, may, go, setWhat)} />}
                        </>
                    )
                }
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!user && !error && <Loading lines={6} />}
            {user && (
                <WithSide
                    main={
                        <>
                            {user.draft && <p className="fg-notice fg-notice-draft">{undo ? t.common.removedHere : t.userDetail.differs}</p>}
                            <Verdict user={user} />
                            <Chain user={user} />
                        </>
                    }
                    side={<Side user={user} />}
                />
            )}
            {what && (
                <ChangeUsers
                    what={what}
                    target={{ users: [address] }}
                    close={() => setWhat(null)}
                    done={() => what === "delete" && go("/users", { force: true })}
                />
            )}
        </div>
    );
}
