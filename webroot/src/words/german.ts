// Who did something, in a German sentence: names stay as they are, the console takes its case.
export const local = "die lokale Konsole";

/** By somebody. */
export const by = (who: string) => (who === local ? "von der lokalen Konsole" : `von ${who}`);

/** At the beginning of a sentence. */
export const begin = (who: string) => (who === local ? "Die lokale Konsole" : who);
