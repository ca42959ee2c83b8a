// A first look at a domain name while it is typed; the server has the last word.

/** Lower case, without spaces and one trailing dot; null when it cannot be a domain. */
export function domainLike(text: string): string | null {
    const domain = text.trim().toLowerCase().replace(/\.$/, "");
    if (!domain || domain.length > 253 || /^[\d.]+$/.test(domain)) return null;
    const good = (label: string) => /^[\p{L}\p{M}\p{N}-]{1,63}$/u.test(label) && !/^-|-$/.test(label);
    return domain.split(".").every(good) ? domain : null;
}

/** Why it cannot be a domain: the name of the reason among t.partnerCare.faults. */
export function domainFault(text: string): "address" | "web" | "ip" | "star" | "long" | "dots" | "other" {
    const domain = text.trim().replace(/\.$/, "");
    if (domain.includes("@")) return "address";
    if (domain.includes("/")) return "web";
    if (/^[\d.]+$/.test(domain) || domain.includes(":")) return "ip";
    if (domain.includes("*")) return "star";
    if (/^\.|\.\./.test(domain)) return "dots";
    if (domain.length > 253 || domain.split(".").some((label) => label.length > 63)) return "long";
    return "other";
}
