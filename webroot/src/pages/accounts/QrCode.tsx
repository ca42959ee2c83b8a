// A QR code as one SVG path: no image, no style, nothing the content security policy would refuse.
import encodeQR from "qr";
import { useMemo } from "react";

/** Modules of quiet around the code, which readers need. */
const quiet = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
    const { size, path } = useMemo(() => {
        const rows = encodeQR(text, "raw", { ecc: "medium", border: quiet });
        const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
        return { size: rows.length, path: dark.join("") };
    }, [text]);
    return (
        <svg className="fg-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
            <rect width={size} height={size} fill="#fff" />
            <path d={path} fill="#000" />
        </svg>
    );
}
