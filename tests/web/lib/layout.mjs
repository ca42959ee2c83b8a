// What is wrong with how a page is laid out: wider than the screen, cut off, texts upon each other.

/**
 * Faults of the page as lines that can be read. Text counts that can be seen: not what only screen readers see, what a
 * scrolling box holds back, or what stands behind a foot or head that stays.
 */
export function layoutFaults(page) {
    return page.evaluate(() => {
        const faults = [];
        const width = document.documentElement.clientWidth;
        const over = document.documentElement.scrollWidth - width;
        if (over > 0) faults.push(`${over} px wider than the screen`);
        const style = new Map();
        const of = (e) => style.get(e) ?? style.set(e, getComputedStyle(e)).get(e);

        /** The part of a rectangle that its ancestors let through; null when nothing is left or it may be scrolled to. */
        function visible(element, rect) {
            let { left, top, right, bottom } = rect;
            let position = of(element).position;
            for (let e = element; e && e !== document.documentElement; e = e.parentElement) {
                const s = of(e);
                if (s.visibility !== "visible" || s.display === "none" || Number(s.opacity) === 0 || s.clipPath !== "none") return null;
                if (e.closest("[inert]")) return null;
                const cut = s.textOverflow === "ellipsis";
                if ((e !== element || cut) && s.overflowX !== "visible" && position !== "fixed") {
                    const box = e.getBoundingClientRect();
                    const scrolls = s.overflowX === "auto" || s.overflowX === "scroll";
                    if (scrolls && e.scrollWidth > e.clientWidth + 1 && !e.id) return null;
                    if (cut || e.closest("select, input")) right = Math.min(right, box.right);
                    top = Math.max(top, box.top);
                    bottom = Math.min(bottom, box.bottom);
                }
                if (s.position === "fixed" || s.position === "sticky") position = s.position;
            }
            return bottom - top > 2 && right - left > 1 ? { left, top, right, bottom, position } : null;
        }

        const texts = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        while (walker.nextNode()) {
            const node = walker.currentNode;
            const parent = node.parentElement;
            if (!node.data.trim() || !parent || /^(SCRIPT|STYLE|OPTION|NOSCRIPT|TITLE)$/i.test(parent.tagName)) continue;
            range.selectNodeContents(node);
            for (const rect of range.getClientRects()) {
                const seen = visible(parent, rect);
                if (seen) texts.push({ ...seen, text: node.data.trim().slice(0, 40), node, parent });
            }
        }
        for (const t of texts) {
            if (t.right > width + 1 || t.left < -1) faults.push(`beyond the edge: "${t.text}" at ${Math.round(t.left)}–${Math.round(t.right)}`);
        }
        // Text that leaves the frame it stands in.
        const framed = (e) => e.closest(".fg-panel, .fg-card, .pf-v6-c-button, .pf-v6-c-label, .fg-side-card, .fg-toggle-row label");
        for (const t of texts) {
            const frame = framed(t.parent);
            if (!frame) continue;
            const box = frame.getBoundingClientRect();
            if (t.right > box.right + 1 || t.left < box.left - 1) faults.push(`out of its frame: "${t.text}"`);
        }
        const stays = (t) => t.position === "fixed" || t.position === "sticky" || t.parent.closest(".fg-foot, dialog, [role=dialog], .pf-v6-c-menu");
        const flow = texts.filter((t) => !stays(t)).sort((a, b) => a.top - b.top);
        for (let i = 0; i < flow.length; i++) {
            for (let j = i + 1; j < flow.length && flow[j].top < flow[i].bottom; j++) {
                const [a, b] = [flow[i], flow[j]];
                if (a.node === b.node) continue; // what an ellipsis stands for
                const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (wide > 2 && high > 5) faults.push(`upon each other: "${a.text}" and "${b.text}"`);
            }
        }
        return [...new Set(faults)].slice(0, 6);
    });
}
