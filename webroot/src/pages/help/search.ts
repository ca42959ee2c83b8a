// Searches the help: every word must occur; titles count more than texts. Chinese has no spaces between words, so words
// are looked for anywhere in a text.

export interface Found {
    entry: HelpEntry;
    excerpt: string;
}

const around = 60;

function excerptOf(text: string, words: string[]): string {
    const lower = text.toLowerCase();
    const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
    const at = places.length ? Math.min(...places) : 0;
    const from = at > around ? text.indexOf(" ", at - around) + 1 || at - around : 0;
    const end = Math.min(text.length, at + 2 * around);
    return `${from > 0 ? "… " : ""}${text.slice(from, end)}${end < text.length ? " …" : ""}`;
}

function score(entry: HelpEntry, words: string[]): number {
    const title = entry.title.toLowerCase();
    const text = entry.text.toLowerCase();
    let sum = 0;
    for (const word of words) {
        if (title.includes(word)) sum += entry.section ? 5 : 8;
        else if (text.includes(word)) sum += 1;
        else return 0;
    }
    return sum;
}

export function find(entries: HelpEntry[], words: string[]): Found[] {
    return entries
        .map((entry) => ({ entry, points: score(entry, words) }))
        .filter(({ points }) => points > 0)
        .sort((a, b) => b.points - a.points)
        .slice(0, 50)
        .map(({ entry }) => ({ entry, excerpt: excerptOf(entry.text, words) }));
}
