// Which changes of the draft are to be committed: all of them, or those that were ticked.
export interface Pick {
    kind: string;
    key: string;
}

/** null: all. */
export type Selection = ReadonlyMap<string, Pick> | null;

export const mark = (pick: Pick) => `${pick.kind}\n${pick.key}`;

export function toggled(selection: Selection, pick: Pick, on: boolean): Selection {
    const next = new Map(selection ?? []);
    if (on) next.set(mark(pick), { kind: pick.kind, key: pick.key });
    else next.delete(mark(pick));
    return next;
}
