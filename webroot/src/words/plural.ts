// Numbers and plurals as a language writes them; every catalogue makes its own from its locale.

/** "1,234" or "1.234". */
export function figures(locale: string): (n: number) => string {
    const format = new Intl.NumberFormat(locale);
    return (n) => format.format(n);
}

/** "1 stream", "12 streams": for languages that tell one from many. */
export function counter(locale: string): (n: number, one: string, many: string) => string {
    const rules = new Intl.PluralRules(locale);
    const figure = figures(locale);
    return (n, one, many) => `${figure(n)} ${rules.select(n) === "one" ? one : many}`;
}
