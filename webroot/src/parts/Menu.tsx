// The kebab: rarer actions of a row or a page.
import { Dropdown } from "@patternfly/react-core/dist/esm/components/Dropdown/Dropdown";
import { DropdownItem } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownItem";
import { DropdownList } from "@patternfly/react-core/dist/esm/components/Dropdown/DropdownList";
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/MenuToggle";
import Kebab from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import { useState } from "react";
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

export function KebabMenu({ name, label, actions }: KebabProps) {
    const [open, setOpen] = useState(false);
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
