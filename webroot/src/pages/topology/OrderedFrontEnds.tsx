// The front ends of a domain, in the order they are tried. Buttons move them, so that it works by keyboard; what
// was moved is said aloud and keeps the focus.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import Down from "@patternfly/react-icons/dist/esm/icons/arrow-down-icon";
import Up from "@patternfly/react-icons/dist/esm/icons/arrow-up-icon";
import Cross from "@patternfly/react-icons/dist/esm/icons/times-icon";
import { useEffect, useRef, useState } from "react";
import { Link } from "../../frame/route";
import { number } from "../../parts/format";
import { Marked } from "../../parts/Marks";
import { t } from "../../words";
import { address } from "./FrontEnds";
import type { FrontEnd } from "./objects";

interface OrderProps {
    chosen: string[];
    known: FrontEnd[] | null;
    onChange: (names: string[]) => void;
    disabled: boolean;
    error?: string;
}

function Add({ left, add, disabled }: { left: string[]; add: (name: string) => void; disabled: boolean }) {
    return (
        <select className="fg-select" aria-label={t.topology.domainForm.add} value="" disabled={disabled} onChange={(e) => e.target.value && add(e.target.value)}>
            <option value="">{t.topology.domainForm.add}</option>
            {left.map((name) => (
                <option key={name} value={name}>
                    {name}
                </option>
            ))}
        </select>
    );
}

export function OrderedFrontEnds({ chosen, known, onChange, disabled, error }: OrderProps) {
    const [said, say] = useState("");
    const focus = useRef<string | null>(null);
    const list = useRef<HTMLOListElement>(null);
    const w = t.topology.domainForm;
    const left = (known ?? []).map((f) => f.name).filter((name) => !chosen.includes(name));

    useEffect(() => {
        if (!focus.current) return;
        const [name, way] = focus.current.split("\n");
        const row = [...(list.current?.children ?? [])].find((li) => li.getAttribute("data-name") === name);
        const buttons = [...(row?.querySelectorAll("button") ?? [])];
        const wanted = buttons[way === "up" ? 0 : 1];
        (wanted?.disabled ? buttons[way === "up" ? 1 : 0] : wanted)?.focus();
        focus.current = null;
    }, [chosen]);

    const move = (i: number, by: -1 | 1) => {
        const next = [...chosen];
        const [name] = next.splice(i, 1);
        next.splice(i + by, 0, name!);
        focus.current = `${name}\n${by < 0 ? "up" : "down"}`;
        say(w.moved(name!, i + by + 1, next.length));
        onChange(next);
    };
    return (
        <fieldset className="fg-list">
            <legend className="fg-label">{w.order}</legend>
            {chosen.length > 0 && (
                <ol className="fg-ordered" ref={list}>
                    {chosen.map((name, i) => {
                        const found = known?.find((f) => f.name === name);
                        return (
                            <li key={name} data-name={name}>
                                <span className="fg-figures fg-muted" aria-hidden="true">
                                    {number(i + 1)}
                                </span>
                                <span className="fg-grow fg-anywhere">
                                    {name}
                                    <span className="fg-second">
                                        {found && <span className="fg-mono">{address(found)}</span>}
                                        {known && !found && <Marked mood="bad">{w.missing}</Marked>}
                                    </span>
                                </span>
                                <Button variant="plain" aria-label={w.up(name)} isDisabled={disabled || i === 0} onClick={() => move(i, -1)} icon={<Up />} />
                                <Button variant="plain" aria-label={w.down(name)} isDisabled={disabled || i === chosen.length - 1} onClick={() => move(i, 1)} icon={<Down />} />
                                <Button
                                    variant="plain"
                                    aria-label={t.common.removeItem(name)}
                                    isDisabled={disabled}
                                    onClick={() => onChange(chosen.filter((other) => other !== name))}
                                    icon={<Cross />}
                                />
                            </li>
                        );
                    })}
                </ol>
            )}
            {!chosen.length && <p className="fg-notice fg-notice-warn">{w.none}</p>}
            <span className="fg-hidden" role="status">
                {said}
            </span>
            {left.length > 0 && <Add left={left} disabled={disabled} add={(name) => onChange([...chosen, name])} />}
            {known && !known.length && (
                <p>
                    {w.noneAtAll} <Link to="/front-ends/new">{w.make}</Link>
                </p>
            )}
            {known && known.length > 0 && !left.length && <p className="fg-second">{w.noneLeft}</p>}
            <div className={error ? "fg-help fg-error" : "fg-help"}>{error ?? w.orderHelp}</div>
        </fieldset>
    );
}
