// Builds the panel into dist/ (or the folder that FG_DIST names): split JavaScript, one style sheet, index.html, all with hashed names.
//
// The style sheet is built by itself: the scripts only say which PatternFly sheets they need (an import
// of a .css file), so one file holds exactly those, whichever page was loaded first.
import { build } from "esbuild";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { helpModules } from "./help.mjs";

const root = dirname(fileURLToPath(import.meta.url));
const dist = resolve(root, process.env.FG_DIST ?? "dist");
const loaders = { ".woff2": "file", ".woff": "file", ".ttf": "file", ".svg": "file", ".png": "file", ".jpg": "file" };

/** Collects the style sheets that scripts import and leaves nothing of them in the scripts. */
function collectStyles(found) {
    return {
        name: "collect-styles",
        setup(b) {
            b.onLoad({ filter: /\.css$/ }, (args) => {
                found.add(args.path);
                return { contents: "", loader: "js" };
            });
        },
    };
}

/** Keeps of the faces in base.css those that the panel shows: text and figures, upright, variable. */
const keptFaces = {
    name: "kept-faces",
    setup(b) {
        b.onLoad({ filter: /react-core\/dist\/styles\/base\.css$/ }, async (args) => {
            const css = await readFile(args.path, "utf8");
            const contents = css.replace(/@font-face\s*{[^}]*}/g, (face) =>
                /RedHat(Text|Mono|Display)VF/.test(face) && !/Italic/.test(face) ? face : "",
            );
            return { contents, loader: "css" };
        });
    },
};

const common = {
    absWorkingDir: root,
    outdir: dist,
    bundle: true,
    minify: true,
    metafile: true,
    legalComments: "none",
    target: ["es2020", "chrome100", "firefox100", "safari15"],
    loader: loaders,
    assetNames: "assets/[name]-[hash]",
    logLevel: "warning",
};

/** The shared worker of all tabs, a script of its own; the panel knows its address. */
async function worker() {
    const result = await build({
        ...common,
        entryPoints: { events: "src/rest/events.worker.ts" },
        entryNames: "assets/[name]-[hash]",
        format: "iife",
    });
    return `/${output(result.metafile, "src/rest/events.worker.ts")}`;
}

async function scripts(found) {
    const events = await worker();
    const result = await build({
        ...common,
        entryPoints: { panel: "src/main.tsx" },
        entryNames: "assets/[name]-[hash]",
        chunkNames: "assets/[name]-[hash]",
        format: "esm",
        splitting: true,
        jsx: "automatic",
        define: { "process.env.NODE_ENV": '"production"', EVENTS_WORKER: JSON.stringify(events) },
        plugins: [collectStyles(found), helpModules],
    });
    return result.metafile;
}

/** An output and what it imports at once. */
function closure(metafile, path) {
    const seen = new Set();
    const visit = (one) => {
        if (seen.has(one)) return;
        seen.add(one);
        for (const i of metafile.outputs[one].imports) if (i.kind === "import-statement") visit(i.path);
    };
    visit(path);
    return [...seen];
}

/** The output that a module of src/ has become as an entry or as a page loaded later. */
function outputOf(metafile, entry) {
    return Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === entry);
}

/** What src/start.ts asks for: the files of each catalogue and of each address, without those of the first load. */
async function startFiles(metafile, first) {
    const routes = await readFile(join(root, "src/routes.tsx"), "utf8");
    const modules = new Map([...routes.matchAll(/^const (\w+) = lazy\(\(\) => import\("\.\/([\w/]+)"\)\);$/gm)].map((m) => [m[1], m[2]]));
    const patterns = [...routes.matchAll(/^ {4}\["(\/?[\w/:-]*)", (\w+)/gm)];
    if (!patterns.some(([, pattern]) => pattern === "/partners")) throw new Error("src/routes.tsx: no table of pages found");
    const all = [];
    const number = (file) => (all.includes(file) ? all.indexOf(file) : all.push(file) - 1);
    const files = (entry) =>
        closure(metafile, outputOf(metafile, entry)).filter((path) => !first.includes(path)).map((path) => number(within(path)));
    return {
        files: all,
        words: Object.fromEntries(["en", "de", "zh"].map((code) => [code, files(`src/words/${code}/index.ts`)])),
        pages: patterns.map(([, pattern, name]) => [pattern, files(`src/${modules.get(name)}.tsx`)]),
    };
}

/** The script that runs first, on its own. */
async function starter(files) {
    const result = await build({
        ...common,
        entryPoints: { start: "src/start.ts" },
        entryNames: "assets/[name]-[hash]",
        format: "iife",
        define: { START_FILES: JSON.stringify(files) },
    });
    return output(result.metafile, "src/start.ts");
}

async function styles(found) {
    const base = "node_modules/@patternfly/react-core/dist/styles/base.css";
    const sheets = [...found].map((path) => relative(root, path)).filter((path) => !path.startsWith("src/"));
    const list = [base, ...sheets.sort(), "src/style/panel.css"];
    const result = await build({
        ...common,
        stdin: { contents: list.map((path) => `@import "./${path}";`).join("\n"), resolveDir: root, loader: "css" },
        entryNames: "assets/panel-[hash]",
        plugins: [keptFaces],
    });
    return result.metafile;
}

/** Path of an output, which the build names relative to the root, within dist. */
const within = (path) => relative(dist, resolve(root, path));

/** The file that an entry became. Pages loaded later count as entries too, so the entry is named. */
function output(metafile, entry) {
    return within(outputOf(metafile, entry));
}

/** Files the browser must have before the first page shows: the entry and what it imports at once. */
const firstLoad = (metafile) => closure(metafile, outputOf(metafile, "src/main.tsx"));

/** The catalogues of words: one more file of the first load, by the language in use. */
function catalogues(metafile) {
    const paths = Object.keys(metafile.outputs);
    return paths.filter((p) => /^src\/words\/\w+\/index\.ts$/.test(metafile.outputs[p].entryPoint ?? ""));
}

/** The icon keeps its name: bookmarks and tabs outlive a build. */
async function icon() {
    await writeFile(join(dist, "assets/icon.svg"), await readFile(join(root, "src/icon.svg")));
}

async function page(start, script, style, preload) {
    const html = await readFile(join(root, "src/index.html"), "utf8");
    const links = preload.map((path) => `<link rel="modulepreload" href="/${path}">`).join("\n    ");
    await writeFile(
        join(dist, "index.html"),
        html.replace("%START%", `/${start}`).replace("%STYLE%", `/${style}`).replace("%SCRIPT%", `/${script}`).replace("%PRELOAD%", links),
    );
}

async function compressed(paths) {
    let sum = 0;
    for (const path of paths) sum += gzipSync(await readFile(resolve(root, path)), { level: 9 }).length;
    return Math.round(sum / 1000);
}

async function make() {
    const found = new Set();
    await rm(dist, { recursive: true, force: true });
    await mkdir(dist, { recursive: true });
    const js = await scripts(found);
    const css = await styles(found);
    const script = output(js, "src/main.tsx");
    const style = output(css, "<stdin>");
    const first = firstLoad(js);
    const start = await starter(await startFiles(js, first));
    await page(start, script, style, first.map(within).filter((p) => p !== script));
    await icon();
    const words = await Promise.all(catalogues(js).map((path) => compressed([path])));
    const kb = [(await compressed([...first, join(dist, start)])) + Math.max(...words), await compressed([join(dist, style)])];
    process.stdout.write(`panel: first load ${kb[0] + kb[1]} kB gzip (scripts ${kb[0]}, style ${kb[1]})\n`);
    if (kb[0] + kb[1] > 250) throw new Error("the first load is larger than 250 kB");
}

await make();
if (process.argv.includes("--watch")) {
    let timer = null;
    const again = () => {
        clearTimeout(timer);
        timer = setTimeout(() => make().catch((e) => process.stderr.write(`${e.message}\n`)), 100);
    };
    for (const folder of ["src", "help"]) watch(join(root, folder), { recursive: true }, again);
    await stat(dist);
}
