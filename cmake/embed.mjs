// Packs the built panel for embedding: node embed.mjs DIST OUT writes the compressed forms of every
// file to OUT/files and OUT/assets.c, which pulls them in by .incbin (an array literal of a megabyte
// would take the compiler minutes).
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [dist, out] = process.argv.slice(2);
const types = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
};

async function* walk(dir) {
    for (const entry of await readdir(dir, { withFileTypes: true })) {
        const path = join(dir, entry.name);
        if (entry.isDirectory()) yield* walk(path);
        else yield path;
    }
}

function forms(data) {
    const brotli = brotliCompressSync(data, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
    });
    const gzip = gzipSync(data, { level: 9 });
    // A form that saves next to nothing is not worth its bytes (fonts, images).
    const worth = (form) => form.length < data.length * 0.95;
    return { plain: data, gzip: worth(gzip) ? gzip : null, brotli: worth(brotli) ? brotli : null };
}

const cString = (text) => JSON.stringify(text);

async function pack(path, index) {
    const data = await readFile(path);
    const name = "/" + relative(dist, path).split(sep).join("/");
    const made = forms(data);
    const asm = [];
    const fields = [];
    for (const [form, bytes] of Object.entries(made)) {
        if (!bytes) continue;
        const symbol = `fg_asset_${index}_${form}`;
        const file = join(out, "files", `${index}.${form}`);
        await writeFile(file, bytes);
        asm.push(`FG_INCLUDE(${symbol}, ${cString(file)})`);
        fields.push(`.${form} = {${symbol}, ${bytes.length}}`);
    }
    const hash = createHash("sha256").update(data).digest("hex").slice(0, 32);
    const immutable = /-[A-Z0-9]{8}\.[a-z0-9]+$/.test(name);
    const type = types[extname(name)] ?? "application/octet-stream";
    const row = `    {.path = ${cString(name)}, .type = ${cString(type)}, .hash = "${hash}", ` +
        `.immutable = ${immutable},\n     ${fields.join(", ")}},`;
    return { name, asm, row };
}

const head = `/* Made by cmake/embed.mjs from the built panel. */
#include "server/http/assets.h"

#define FG_INCLUDE(symbol, file)                                                              \\
    __asm__(".section .rodata\\n.balign 16\\n.hidden " #symbol "\\n.global " #symbol "\\n" #symbol  \\
            ":\\n.incbin \\"" file "\\"\\n.byte 0\\n.previous\\n");                                   \\
    extern const unsigned char symbol[];

`;

await rm(join(out, "files"), { recursive: true, force: true });
await mkdir(join(out, "files"), { recursive: true });
const paths = [];
for await (const path of walk(dist)) paths.push(path);
const packed = await Promise.all(paths.map(pack));
// Sorted by code unit, as strcmp does for these names: the table is searched by halves.
packed.sort((a, b) => (a.name < b.name ? -1 : 1));
await writeFile(
    join(out, "assets.c"),
    head + packed.flatMap((p) => p.asm).join("\n") + "\n\nstatic const struct fg_http_asset items[] = {\n" +
        packed.map((p) => p.row).join("\n") +
        "\n};\n\nconst struct fg_http_assets fg_http_embedded_assets = {items, sizeof items / sizeof *items};\n",
);
