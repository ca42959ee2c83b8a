// Names and figures between Chinese words: those in Latin letters stand apart, Chinese ones do not.
const latin = /[!-~]/;

/** With a space after it, if it ends in Latin letters. */
export const before = (text: string) => (latin.test(text.slice(-1)) ? `${text} ` : text);

/** With a space on each side that is in Latin letters. */
export const between = (text: string) => `${latin.test(text.slice(0, 1)) ? " " : ""}${before(text)}`;
