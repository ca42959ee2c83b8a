// One user in the list: a row of the table, or a block on a narrow screen.
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { Link } from "../../frame/route";
import { DraftLabel, Mark, Muted } from "../../parts/Marks";
import { KebabMenu } from "../../parts/Menu";
import type { Action } from "../../parts/Menu";
import { editPath } from "../../routes";
import { t } from "../../words";
import { policyName, userPath } from "./users";
import type { User } from "./users";

interface RowProps {
    user: User;
    selected: boolean;
    select: (on: boolean) => void;
    actions: Action[];
    selectable: boolean;
}

function Effective({ user }: { user: User }) {
    const effective = user.effective_policy;
    if (!effective) return <Muted>{t.none}</Muted>;
    return (
        <>
            <Link to={editPath("policies", effective.identity)}>{policyName(effective.identity)}</Link>
            <div className="fg-second">{t.users.because[effective.because] ?? effective.because}</div>
        </>
    );
}

function Xmpp({ user }: { user: User }) {
    if (!user.xmpp_excluded) return <Muted>{t.users.notExcluded}</Muted>;
    return (
        <span className="fg-marked">
            <Mark mood="paused" />
            <span>{t.users.excluded}</span>
        </span>
    );
}

function Tick({ user, selected, select, selectable }: RowProps) {
    return (
        <input
            type="checkbox"
            checked={selected}
            disabled={!selectable}
            onChange={(e) => select(e.target.checked)}
            aria-label={t.common.select(user.address)}
        />
    );
}

export function UserRow(props: RowProps) {
    const { user, selected, actions } = props;
    const c = t.users.columns;
    return (
        <Tr className={selected ? "fg-selected" : undefined}>
            <Td className="fg-check">
                <Tick {...props} />
            </Td>
            <Td dataLabel={c.address} className="fg-anywhere">
                <Link to={userPath(user.address)} className="fg-mono">
                    {user.address}
                </Link>{" "}
                <DraftLabel mark={user.draft} />
            </Td>
            <Td dataLabel={c.name} className="fg-anywhere">
                {user.display_name || <Muted>{t.none}</Muted>}
            </Td>
            <Td dataLabel={c.site} className="fg-anywhere">
                {user.site ?? <Muted>{t.none}</Muted>}
            </Td>
            <Td dataLabel={c.policy} className="fg-anywhere">
                {user.policy ? policyName(user.policy) : <Muted>{t.users.automatic}</Muted>}
            </Td>
            <Td dataLabel={c.effective} className="fg-anywhere">
                <Effective user={user} />
            </Td>
            <Td dataLabel={c.xmpp} className="fg-nowrap">
                <Xmpp user={user} />
            </Td>
            <Td className="fg-kebab">
                <KebabMenu name={user.address} actions={actions} />
            </Td>
        </Tr>
    );
}

export function UserBlock(props: RowProps) {
    const { user, actions } = props;
    const effective = user.effective_policy;
    const facts = [user.display_name, user.site ?? ""].filter(Boolean).join(" · ");
    return (
        <li className={props.selected ? "fg-block fg-selected" : "fg-block"}>
            <Tick {...props} />
            <div className="fg-block-text fg-anywhere">
                <Link to={userPath(user.address)} className="fg-mono">
                    {user.address}
                </Link>{" "}
                <DraftLabel mark={user.draft} long />
                {facts && <div>{facts}</div>}
                {effective && (
                    <div className="fg-second">
                        {policyName(effective.identity)}: {t.users.because[effective.because] ?? effective.because}
                    </div>
                )}
                {user.xmpp_excluded && (
                    <div className="fg-second">
                        <Xmpp user={user} />
                    </div>
                )}
            </div>
            <KebabMenu name={user.address} actions={actions} />
        </li>
    );
}
