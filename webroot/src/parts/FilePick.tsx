// Choosing files from this computer: a button, and the ground around it takes dropped files.
import { useRef, useState } from "react";
import type { DragEvent, ReactNode } from "react";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";

interface PickProps {
    text: string;
    hint: string;
    accept: string;
    many?: boolean;
    disabled?: boolean;
    onFiles: (files: File[]) => void;
    children?: ReactNode;
}

export function FilePick({ text, hint, accept, many, disabled, onFiles, children }: PickProps) {
    const input = useRef<HTMLInputElement>(null);
    const [over, setOver] = useState(false);
    const take = (list: FileList | null | undefined) => {
        const files = [...(list ?? [])];
        if (files.length && !disabled) onFiles(many ? files : files.slice(0, 1));
    };
    const drop = (e: DragEvent) => {
        e.preventDefault();
        setOver(false);
        take(e.dataTransfer.files);
    };
    return (
        <div
            className={over ? "fg-drop fg-drop-over" : "fg-drop"}
            onDragOver={(e) => {
                e.preventDefault();
                setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
        >
            <Button variant="secondary" isDisabled={disabled} onClick={() => input.current?.click()}>
                {text}
            </Button>
            <span className="fg-second">{hint}</span>
            <input
                ref={input}
                type="file"
                accept={accept}
                multiple={many}
                disabled={disabled}
                hidden
                aria-label={text}
                onChange={(e) => {
                    take(e.target.files);
                    e.target.value = "";
                }}
            />
            {children}
        </div>
    );
}
