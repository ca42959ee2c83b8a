// The head of every page: navigation toggle, name, home domain; who is signed in and how the panel looks.
import { Dropdown } from "@patternfly/react-core/dist/esm/components/Dropdown/Dropdown";
import { DropdownGroup } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownGroup";
import { DropdownItem } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownItem";
import { DropdownList } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownList";
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/MenuToggle";
import Bars from "@patternfly/react-icons/dist/esm/icons/bars-icon";
import Question from "@patternfly/react-icons/dist/esm/icons/question-circle-icon";
import { useState } from "react";
import { topicOf } from "../pages/help/topics";
import { useLive } from "../rest/live";
import { useSession } from "../rest/session";
import { languageNames, languages, t } from "../words";
import type { Language } from "../words";
import { storedLanguage } from "./language";
import { choose } from "./preferences";
import { JobsMenu } from "./JobsMenu";
import { Link, useRoute } from "./route";
import { useTheme } from "./theme";
import type { Theme } from "./theme";

/** "AK" for Anna Keller, where there is no room for more. */
function initials(name: string): string {
    const parts = name.split(/[\s._-]+/).filter(Boolean);
    return (parts.length > 1 ? parts[0]!.charAt(0) + parts[parts.length - 1]!.charAt(0) : name.slice(0, 2)).toUpperCase();
}

function UserMenu() {
    const { session, signOut } = useSession();
    const { go } = useRoute();
    const theme = useTheme();
    const spoken = storedLanguage();
    const [open, setOpen] = useState(false);
    if (!session) return null;
    const themes: [Theme, string][] = [
        ["system", t.masthead.system],
        ["light", t.masthead.light],
        ["dark", t.masthead.dark],
    ];
    return (
        <Dropdown
            isOpen={open}
            onOpenChange={setOpen}
            shouldFocusFirstItemOnOpen
            popperProps={{ position: "right" }}
            onSelect={(_, value) => {
                if (value === "out") void signOut();
                else if (value === "profile") go("/profile");
                else if (value === "browser") void choose({ language: null }).catch(() => undefined);
                else if (languages.some((code) => code === value)) void choose({ language: value as Language }).catch(() => undefined);
                else void choose({ theme: value as Theme }).catch(() => undefined);
                setOpen(false);
            }}
            toggle={(ref) => (
                <MenuToggle
                    ref={ref}
                    variant="plainText"
                    onClick={() => setOpen(!open)}
                    isExpanded={open}
                    aria-label={t.masthead.user(session.username)}
                    className="fg-user"
                >
                    <span className="fg-name">{session.username}</span>
                    <span className="fg-initials" data-text={initials(session.username)} />
                </MenuToggle>
            )}
        >
            <DropdownGroup label={t.roles[session.role]}>
                <DropdownList>
                    <DropdownItem value="profile">{t.masthead.profile}</DropdownItem>
                    <DropdownItem value="out">{t.masthead.signOut}</DropdownItem>
                </DropdownList>
            </DropdownGroup>
            <DropdownGroup label={t.masthead.theme}>
                <DropdownList>
                    {themes.map(([value, text]) => (
                        <DropdownItem key={value} value={value} isSelected={theme === value}>
                            {text}
                        </DropdownItem>
                    ))}
                </DropdownList>
            </DropdownGroup>
            <DropdownGroup label={t.masthead.language}>
                <DropdownList>
                    <DropdownItem value="browser" isSelected={!spoken}>
                        {t.masthead.browser}
                    </DropdownItem>
                    {languages.map((code) => (
                        <DropdownItem key={code} value={code} isSelected={spoken === code} lang={code}>
                            {languageNames[code]}
                        </DropdownItem>
                    ))}
                </DropdownList>
            </DropdownGroup>
        </Dropdown>
    );
}

/** To the topic that explains the page at hand. */
function HelpLink() {
    const { path } = useRoute();
    const topic = topicOf(path);
    return (
        <Link to={topic ? `/help/${topic}` : "/help"} className="fg-icon-button" aria-label={t.help.open} title={t.help.open}>
            <Question />
        </Link>
    );
}

export function Masthead({ open, toggle }: { open: boolean; toggle: () => void }) {
    const { status } = useLive();
    const home = status.data?.home_domain;
    return (
        <header className="fg-masthead">
            <button
                type="button"
                className="fg-icon-button"
                onClick={toggle}
                aria-expanded={open}
                aria-controls="navigation"
                aria-label={t.masthead.toggle}
            >
                <Bars />
            </button>
            <Link to="/" className="fg-brand">
                {t.product}
            </Link>
            {home && <span className="fg-home">{home}</span>}
            <span className="fg-fill" />
            <HelpLink />
            <JobsMenu />
            <UserMenu />
        </header>
    );
}
