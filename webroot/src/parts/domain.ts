// A first look at a domain name while it is typed; the server has the last word.

/** Lower case, without spaces and one trailing dot; null when it cannot be a domain. */
export function domainLike(text: string): string | null {
    const domain = text.trim().toLowerCase().replace(/\.$/, "");
    if (!domain || domain.length > 253 || /^[\d.]+$/.test(domain)) return null;
    const good = (label: string) => /^[\p{L}\p{M}\p{N}-]{1,63}$/u.test(label) && !/^-|-$/.test(label);
    return domain.split(".").every(good) ? domain : null;
}
