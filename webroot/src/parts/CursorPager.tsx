// The foot of a list whose pages the server gives by cursors: how many there are, and the way through them.
import type { Page } from "../rest/types";
import { Pager } from "./ListTools";
import { usePaging } from "./usePaging";
import { t } from "../words";

interface CursorPagerProps {
    page: Page<unknown>;
    size: number;
    /** How many there are, in words of their own. */
    total?: string;
}

export function CursorPager({ page, size, total }: CursorPagerProps) {
    const { from, previous, toFirst, next } = usePaging(size);
    return (
        <footer className="fg-foot">
            <span className="fg-muted">{total ?? t.objects.total(page.total)}</span>
            {(from > 0 || page.next_cursor) && (
                <Pager
                    from={from + 1}
                    to={from + page.items.length}
                    total={page.total}
                    previous={previous}
                    toFirst={toFirst}
                    next={page.next_cursor ? () => next(page.next_cursor ?? "") : null}
                />
            )}
        </footer>
    );
}
