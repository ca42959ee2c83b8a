// A number with one less and one more. Empty stays empty: what PatternFly's own would turn into 0 when it is left.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { InputGroup } from "@patternfly/react-core/dist/esm/components/InputGroup/InputGroup";
import { InputGroupItem } from "@patternfly/react-core/dist/esm/components/InputGroup/InputGroupItem";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/TextInput";
import Minus from "@patternfly/react-icons/dist/esm/icons/minus-icon";
import Plus from "@patternfly/react-icons/dist/esm/icons/plus-icon";

interface Props {
    id: string;
    helpId: string;
    value: string;
    onChange: (value: string) => void;
    /** What counts while nothing is written. */
    standard: number;
    min: number;
    max: number;
    words: { less: string; more: string };
    disabled: boolean;
    invalid: boolean;
}

export function Stepper({ id, helpId, value, onChange, standard, min, max, words, disabled, invalid }: Props) {
    const now = value.trim() === "" ? standard : Number(value);
    const step = (by: number) => onChange(String(Math.min(max, Math.max(min, now + by))));
    const button = (label: string, icon: React.ReactNode, by: number, end: boolean) => (
        <InputGroupItem>
            <Button variant="control" aria-label={label} icon={icon} isDisabled={disabled || end} onClick={() => step(by)} />
        </InputGroupItem>
    );
    return (
        <InputGroup className="fg-stepper">
            {button(words.less, <Minus />, -1, now <= min)}
            <InputGroupItem>
                <TextInput
                    id={id}
                    type="number"
                    min={min}
                    max={max}
                    value={value}
                    onChange={(_, next) => onChange(next)}
                    placeholder={String(standard)}
                    aria-describedby={helpId}
                    isDisabled={disabled}
                    validated={invalid ? "error" : "default"}
                />
            </InputGroupItem>
            {button(words.more, <Plus />, 1, now >= max)}
        </InputGroup>
    );
}
