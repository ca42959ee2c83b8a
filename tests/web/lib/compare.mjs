// Pictures of pages beside reference pictures. Both are made small first, so that how a machine draws letters does not
// count and what moved, vanished or changed its colour does.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Draws PNGs (Buffers) at half their size; gives the first one as PNG and the share of pixels that differ from the second. */
async function measure(tool, taken, reference) {
    return tool.evaluate(
        async ([one, two]) => {
            const load = (text) =>
                new Promise((go, fail) => {
                    const image = new Image();
                    image.onload = () => go(image);
                    image.onerror = fail;
                    image.src = `data:image/png;base64,${text}`;
                });
            const draw = (image, width, height) => {
                const canvas = document.createElement("canvas");
                Object.assign(canvas, { width, height });
                const at = canvas.getContext("2d", { willReadFrequently: true });
                at.imageSmoothingQuality = "high";
                at.drawImage(image, 0, 0, width, height);
                return { canvas, pixels: (w, h) => at.getImageData(0, 0, w, h).data };
            };
            const first = await load(one);
            const [w, h] = [Math.round(first.width / 2), Math.round(first.height / 2)];
            const small = draw(first, w, h).canvas.toDataURL("image/png").split(",")[1];
            if (!two) return { small, share: 1 };
            const second = await load(two);
            if (second.width !== w || second.height !== h) return { small, share: 1 };
            const [x, y] = [Math.round(w / 4), Math.round(h / 4)];
            const [a, b] = [draw(await load(small), x, y).pixels(x, y), draw(second, x, y).pixels(x, y)];
            let differ = 0;
            for (let i = 0; i < a.length; i += 4) {
                if (Math.max(Math.abs(a[i] - b[i]), Math.abs(a[i + 1] - b[i + 1]), Math.abs(a[i + 2] - b[i + 2])) > 24) differ++;
            }
            return { small, share: differ / (x * y) };
        },
        [taken.toString("base64"), reference?.toString("base64") ?? null],
    );
}

/**
 * The share of the picture (0 to 1) that differs from the reference at `path`; with FEDGATE_UPDATE_PICTURES set the
 * picture becomes the reference. `tool`: an empty page of the browser, to work with pictures in.
 */
export async function difference(tool, taken, path) {
    const reference = existsSync(path) ? readFileSync(path) : null;
    const { small, share } = await measure(tool, taken, reference);
    if (!process.env.FEDGATE_UPDATE_PICTURES) return share;
    if (share > 0.002) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, Buffer.from(small, "base64"));
    }
    return 0;
}
