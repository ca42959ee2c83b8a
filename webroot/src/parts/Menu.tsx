// The kebab: rarer actions of a row or a page.
import { Dropdown } from "@patternfly/react-core/dist/esm/components/Dropdown/Dropdown";
import { DropdownItem } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownItem";
import { DropdownList } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownList";
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/MenuToggle";
import Kebab from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import { useEffect, useState } from "react";
import { t } from "../words";

export interface Action {
    text: string;
    run: () => void;
    danger?: boolean;
    disabled?: string;
}

interface KebabProps {
    /** Whose actions these are. */
    name: string;
    /** In place of "Actions for NAME". */
    label?: string;
    actions: Action[];
}

/** A button only until it is pressed: a menu costs much, and a list has one in each row. */
export function KebabMenu(props: KebabProps) {
    const [used, setUsed] = useState(false);
    if (used) return <Opened {...props} />;
    return (
        <MenuToggle
            variant="plain"
            aria-label={props.label ?? t.common.actions(props.name)}
            onClick={() => setUsed(true)}
            isExpanded={false}
            icon={<Kebab />}
        />
    );
}

function Opened({ name, label, actions }: KebabProps) {
    const [open, setOpen] = useState(false);
    // After the click that made it, which would close it again.
    useEffect(() => {
        const timer = setTimeout(() => setOpen(true));
        return () => clearTimeout(timer);
    }, []);
    return (
        <Dropdown
            isOpen={open}
            onOpenChange={setOpen}
            onSelect={() => setOpen(false)}
            shouldFocusFirstItemOnOpen
            popperProps={{ position: "right" }}
            toggle={(ref) => (
                <MenuToggle
                    ref={ref}
                    variant="plain"
                    aria-label={label ?? t.common.actions(name)}
                    onClick={() => setOpen(!open)}
                    isExpanded={open}
                    icon={<Kebab />}
                />
            )}
        >
            <DropdownList>
                {actions.map((action) => (
                    <DropdownItem
                        key={action.text}
                        onClick={action.run}
                        isDanger={action.danger}
                        isDisabled={!!action.disabled}
                        description={action.disabled}
                    >
                        {action.text}
                    </DropdownItem>
                ))}
            </DropdownList>
        </Dropdown>
    );
}
