// Paging where the server gives a cursor for the next page. The cursor and the position stand in the address; the way
// back is the browser's own where it came from the page before, else (a link that was sent) it leads to the beginning.
import { useRoute } from "../frame/route";

export interface Paging {
    cursor: string;
    /** How many stand before this page. */
    from: number;
    /** Where `previous` leads to is the beginning, not the page before. */
    toFirst: boolean;
    previous: (() => void) | null;
    next: (cursor: string) => void;
}

/** What this history entry says of how it was reached: forward, by the pager of the list of this name. */
function cameByPager(name: string): boolean {
    const state = window.history.state as { paged?: string } | null;
    return state?.paged === name;
}

/** @param name  tells the lists of one page apart; "" where there is but one */
export function usePaging(size: number, name = ""): Paging {
    const { path, query, go } = useRoute();
    const key = (part: string) => (name ? `${name}.${part}` : part);
    const from = Number(query.get(key("from"))) || 0;
    const address = (change: (params: URLSearchParams) => void) => {
        const params = new URLSearchParams(query);
        change(params);
        const text = params.toString();
        return `${path}${text ? `?${text}` : ""}`;
    };
    const back = cameByPager(name);
    const first = () =>
        go(
            address((params) => {
                params.delete(key("cursor"));
                params.delete(key("from"));
            }),
        );
    return {
        cursor: query.get(key("cursor")) ?? "",
        from,
        toFirst: !back && from > size,
        previous: from > 0 ? (back ? () => window.history.back() : first) : null,
        next: (cursor) =>
            go(
                address((params) => {
                    params.set(key("cursor"), cursor);
                    params.set(key("from"), String(from + size));
                }),
                { state: { paged: name } },
            ),
    };
}

/** Takes every list of a page back to its beginning: for the search above them all. */
export function fromTheBeginning(query: URLSearchParams): { [name: string]: string } {
    const names = [...query.keys()].filter((name) => /(^|\.)(cursor|from)$/.test(name));
    return Object.fromEntries(names.map((name) => [name, ""]));
}
