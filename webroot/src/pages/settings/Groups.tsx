// A group of settings as a panel, and the index of the groups beside them.
import { Link } from "../../frame/route";
import { number } from "../../parts/format";
import { Panel } from "../../parts/Panel";
import type { ConfigObject, Value } from "../../rest/types";
import { t } from "../../words";
import type { Group, Leaf } from "./leaves";
import { SettingField } from "./SettingField";

interface GroupProps {
    group: Group;
    input: ConfigObject;
    running: ConfigObject | null;
    errors: { [pointer: string]: string };
    disabled: boolean;
    onChange: (path: string, value: Value) => void;
}

export function SettingGroup({ group, ...fields }: GroupProps) {
    return (
        <div id={group.id} className="fg-setting-group">
            <Panel title={group.title} ruled>
                {group.help && <p className="fg-second fg-setting-help">{group.help}</p>}
                <div className="fg-two">
                    {group.leaves.map((leaf) => (
                        <SettingField key={leaf.path} leaf={leaf} {...fields} />
                    ))}
                </div>
            </Panel>
        </div>
    );
}

interface IndexProps {
    groups: Group[];
    drafted: (leaf: Leaf) => boolean;
    changed: (leaf: Leaf) => boolean;
    /** The dialback secret stands there as well. */
    secret: boolean;
}

export function SettingIndex({ groups, drafted, changed, secret }: IndexProps) {
    const s = t.settings;
    return (
        <div className="fg-sticky fg-setting-index">
            <Panel title={s.index} ruled>
                <ul className="fg-rows">
                    {groups.map((group) => {
                        const staged = group.leaves.filter(drafted).length;
                        const other = group.leaves.filter(changed).length;
                        return (
                            <li key={group.id}>
                                <span className="fg-grow">
                                    <Link to={`/settings${window.location.search}#${group.id}`}>{group.title}</Link>
                                </span>
                                <span className="fg-second fg-right">
                                    {staged > 0 ? <span className="fg-drafted">{s.inDraft(number(staged))}</span> : other > 0 ? s.changedOf(number(other)) : ""}
                                </span>
                            </li>
                        );
                    })}
                    {secret && (
                        <li>
                            <Link to="/settings#dialback">{s.dialback.title}</Link>
                        </li>
                    )}
                </ul>
            </Panel>
        </div>
    );
}
