// The first lines of a CSV file, for the preview; the server reads the file itself.
export const columnNames = ["address", "display_name", "site", "policy", "xmpp_excluded"];

/** What a preview needs of a file; a hundred thousand lines stay on the disk. */
const previewBytes = 32768;

export interface Preview {
    jsonLines: boolean;
    head: string[];
    rows: string[][];
}

function delimiterOf(line: string): string {
    const counts = [",", ";", "\t"].map((d) => [line.split(d).length, d] as const);
    return counts.sort((a, b) => b[0] - a[0])[0]![1];
}

/** Rows of comma-separated values; quotes may hold delimiters, line ends and doubled quotes. */
export function parseCsv(text: string, delimiter: string): string[][] {
    const rows: string[][] = [];
    let row: string[] = [];
    let cell = "";
    let quoted = false;
    const endCell = () => {
        row.push(cell);
        cell = "";
    };
    const endRow = () => {
        endCell();
        if (row.length > 1 || row[0] !== "") rows.push(row);
        row = [];
    };
    for (let i = 0; i < text.length; i++) {
        const c = text[i]!;
        if (quoted && c === '"' && text[i + 1] === '"') {
            cell += '"';
            i++;
        } else if (c === '"' && (quoted || cell === "")) {
            quoted = !quoted;
        } else if (quoted) {
            cell += c;
        } else if (c === delimiter) {
            endCell();
        } else if (c === "\n") {
            endRow();
        } else if (c !== "\r") {
            cell += c;
        }
    }
    if (cell !== "" || row.length) endRow();
    return rows;
}

async function startOf(file: Blob): Promise<string> {
    const bytes = new Uint8Array(await file.slice(0, previewBytes).arrayBuffer());
    const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
    const text = new TextDecoder(utf16).decode(bytes).replace(/^\uFEFF/, "");
    if (file.size <= previewBytes) return text;
    return text.slice(0, text.lastIndexOf("\n") + 1) || text;
}

export async function preview(file: Blob, most: number): Promise<Preview> {
    const text = (await startOf(file)).replace(/^#TYPE[^\n]*\n/, "").trimStart();
    if (text.startsWith("{")) {
        return { jsonLines: true, head: [], rows: text.split(/\r?\n/).filter(Boolean).slice(0, most).map((line) => [line]) };
    }
    const [head = [], ...rows] = parseCsv(text, delimiterOf(text.split("\n", 1)[0] ?? ""));
    return { jsonLines: false, head: head.map((name) => name.trim()), rows: rows.slice(0, most) };
}

/** One line of a file to download. A cell that a spreadsheet would take for a formula is made plain text. */
export function csvLine(cells: string[]): string {
    const safe = cells.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell));
    return safe.map((cell) => (/[",\n\r;]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join(",");
}
