// A first look at a domain name while it is typed; the server has the last word.

/** Lower case, without spaces and one trailing dot; null when it cannot be a domain. */
export function domainLike(text: string): string | null {
    const domain = text.trim().toLowerCase().replace(/\.$/, "");
    if (!domain || domain.length > 253 || /^[\d.]+$/.test(domain)) return null;
    const good = domain.split(".").every((label) => /^(?!-)[\p{L}\p{M}\p{N}\u00b7\u200c\u200d-]{1,63}(?<!-)$/u.test(label));
    return good ? domain : null;
}
