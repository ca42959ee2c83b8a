// Paging where the server gives a cursor for the next page: the cursor and the position stand in the address, and
// the way back is the browser's own.
import { useRoute } from "../frame/route";
import type { Page } from "../rest/types";
import { Pager } from "./ListTools";
import { t } from "../words";

interface CursorPagerProps {
    page: Page<unknown>;
    size: number;
    /** How many there are, in words of their own. */
    total?: string;
}

export function CursorPager({ page, size, total }: CursorPagerProps) {
    const { path, query, go } = useRoute();
    const from = Number(query.get("from")) || 0;
    const next = () => {
        const params = new URLSearchParams(query);
        params.set("cursor", page.next_cursor ?? "");
        params.set("from", String(from + size));
        go(`${path}?${params.toString()}`);
    };
    return (
        <footer className="fg-foot">
            <span className="fg-muted">{total ?? t.objects.total(page.total)}</span>
            {(from > 0 || page.next_cursor) && (
                <Pager
                    from={from + 1}
                    to={from + page.items.length}
                    total={page.total}
                    previous={from > 0 ? () => window.history.back() : null}
                    next={page.next_cursor ? next : null}
                />
            )}
        </footer>
    );
}
