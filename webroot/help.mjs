// Turns the help texts (help/LANGUAGE/TOPIC.md) into small modules for the panel, and checks them: the same topics and
// sections in every language, every link resolves, every page of the panel has its topic.
//
//   help/topics.json   groups and order      help/en/partners.md   one topic
//   "help:index"       titles and loaders    "help:en/partners"    its nodes     "help:en/search"   what is searched
//
// A node is a string or an array that begins with its kind; src/pages/help/Nodes.tsx shows them. There is no HTML in
// between, so nothing in a text can become markup.
import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";

const root = dirname(fileURLToPath(import.meta.url));
export const languages = ["en", "de", "zh"];
const blocks = ["fields", "negotiation", "failures", "rest"];
const facts = ["default", "range"];

const children = (node, where) => node.children.map((child) => convert(child, where));
const plain = (node) => (typeof node === "string" ? node : node[0] === "x" ? "" : node.slice(1).map((n) => (Array.isArray(n) || typeof n === "string" ? plain(n) : "")).join(""));

/** Text with {{default:settings.x}} in it: the panel fills these in from the program's own tables. */
function text(value, where) {
    const parts = value.split(/\{\{([^}]*)\}\}/);
    if (parts.length === 1) return value;
    return ["t", ...parts.map((part, i) => (i % 2 ? directive(part, facts, where) : part)).filter((part) => part !== "")];
}

function directive(body, known, where) {
    const [name, argument = ""] = body.trim().split(":");
    if (!known.includes(name)) throw new Error(`${where.file}: {{${body}}} is not known here`);
    return ["x", name, argument];
}

function heading(node, where) {
    const last = node.children[node.children.length - 1];
    const found = /^(.*?)\s*\{#([a-z0-9-]+)\}$/s.exec(last?.value ?? "");
    if (!found) throw new Error(`${where.file}: the heading "${last?.value}" has no {#name}`);
    last.value = found[1];
    const title = children(node, where);
    where.sections.push({ id: found[2], title: title.map(plain).join("") });
    return [node.depth === 2 ? "h2" : "h3", found[2], ...title];
}

function link(node, where) {
    where.links.push(node.url);
    return ["a", node.url.replace(/^help:/, "/help/"), ...children(node, where)];
}

function paragraph(node, where) {
    const only = node.children.length === 1 && node.children[0].type === "text" ? node.children[0].value : "";
    const found = /^\{\{([^}]*)\}\}$/.exec(only.trim());
    const name = found?.[1].split(":")[0].trim();
    return found && blocks.includes(name) ? directive(found[1], blocks, where) : ["p", ...children(node, where)];
}

function table(node, where) {
    const rows = node.children.map((row) => row.children.map((cell) => ["t", ...children(cell, where)]));
    return ["table", rows[0], rows.slice(1)];
}

function convert(node, where) {
    switch (node.type) {
        case "text":
            return text(node.value, where);
        case "paragraph":
            return paragraph(node, where);
        case "heading":
            return heading(node, where);
        case "list":
            return [node.ordered ? "ol" : "ul", ...children(node, where)];
        case "listItem": {
            const inner = children(node, where);
            return ["li", ...(inner.length === 1 && inner[0][0] === "p" ? inner[0].slice(1) : inner)];
        }
        case "code":
            return ["pre", node.value];
        case "inlineCode":
            return ["code", node.value];
        case "strong":
            return ["b", ...children(node, where)];
        case "emphasis":
            return ["i", ...children(node, where)];
        case "blockquote":
            return ["note", ...children(node, where)];
        case "break":
            return " ";
        case "table":
            return table(node, where);
        case "link":
            return link(node, where);
        default:
            throw new Error(`${where.file}: help texts have no "${node.type}"`);
    }
}

async function readTopic(language, name) {
    const file = `help/${language}/${name}.md`;
    const source = await readFile(join(root, file), "utf8");
    const tree = fromMarkdown(source, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
    const [title, ...rest] = tree.children;
    if (title?.type !== "heading" || title.depth !== 1) throw new Error(`${file}: begins with its title, "# …"`);
    const where = { file, sections: [], links: [] };
    const nodes = rest.map((node) => convert(node, where));
    const first = nodes.find((node) => node[0] === "p");
    return { name, file, title: title.children.map((c) => c.value).join(""), lead: first ? plain(first) : "", nodes, ...where };
}

/** What is searched: the text under each heading. */
function searchable(topic) {
    const entries = [{ topic: topic.name, section: "", title: topic.title, text: "" }];
    for (const node of topic.nodes) {
        if (node[0] === "h2" || node[0] === "h3") {
            entries.push({ topic: topic.name, section: node[1], title: topic.sections.find((s) => s.id === node[1]).title, text: "" });
        } else {
            entries[entries.length - 1].text += ` ${words(node)}`;
        }
    }
    for (const entry of entries) entry.text = entry.text.replace(/\s+/g, " ").trim();
    return entries;
}

/** The words of a node, tables and lists too. */
function words(node) {
    if (typeof node === "string") return node;
    if (node[0] === "x") return "";
    if (node[0] === "a") return node.slice(2).map(words).join("");
    const between = ["ul", "ol", "table", "note"].includes(node[0]) ? " " : "";
    return node.slice(1).flat(node[0] === "table" ? 2 : 0).map((n) => (typeof n === "string" || Array.isArray(n) ? words(n) : "")).join(between);
}

export async function readHelp() {
    const groups = JSON.parse(await readFile(join(root, "help/topics.json"), "utf8"));
    const names = groups.flatMap((group) => group.topics);
    const all = {};
    for (const language of languages) {
        const files = (await readdir(join(root, "help", language))).filter((f) => f.endsWith(".md")).map((f) => f.slice(0, -3));
        const odd = [...files.filter((f) => !names.includes(f)), ...names.filter((n) => !files.includes(n))];
        if (odd.length) throw new Error(`help/${language} and help/topics.json disagree: ${odd.join(", ")}`);
        all[language] = await Promise.all(names.map((name) => readTopic(language, name)));
    }
    return { groups, all };
}

/** Throws when languages differ in their sections, or a link leads nowhere. */
export function checkHelp({ all }, isPage) {
    for (const language of languages) {
        for (const [i, topic] of all[language].entries()) {
            const ids = (t) => t.sections.map((s) => s.id).join(" ");
            if (ids(topic) !== ids(all.en[i])) throw new Error(`${topic.file}: its sections are not those in English`);
            for (const url of topic.links) checkLink(url, topic, all[language], isPage);
        }
    }
}

function checkLink(url, topic, topics, isPage) {
    const fail = () => {
        throw new Error(`${topic.file}: the link ${url} leads nowhere`);
    };
    if (url.startsWith("help:")) {
        const [name, section] = url.slice(5).split("#");
        const target = topics.find((t) => t.name === name) ?? fail();
        if (section && !target.sections.some((s) => s.id === section)) fail();
    } else if (!url.startsWith("/") || !isPage(url.split(/[?#]/)[0])) {
        fail();
    }
}

function indexModule({ groups, all }) {
    const list = (language) =>
        all[language].map(
            (t) =>
                `{name:${JSON.stringify(t.name)},title:${JSON.stringify(t.title)},lead:${JSON.stringify(t.lead)},` +
                `load:()=>import("help:${language}/${t.name}")}`,
        );
    const entry = (language) => `${language}:{topics:[${list(language).join(",")}],search:()=>import("help:${language}/search")}`;
    return `export const groups=${JSON.stringify(groups)};export const help={${languages.map(entry).join(",")}};`;
}

/** For esbuild: the modules "help:…". */
export const helpModules = {
    name: "help",
    setup(b) {
        let read = null;
        b.onStart(() => {
            read = null;
        });
        b.onResolve({ filter: /^help:/ }, (args) => ({ path: args.path.slice(5), namespace: "help" }));
        b.onLoad({ filter: /.*/, namespace: "help" }, async (args) => {
            read ??= readHelp();
            const found = await read;
            const watchFiles = Object.values(found.all).flatMap((topics) => topics.map((t) => join(root, t.file)));
            if (args.path === "index") return { contents: indexModule(found), loader: "js", watchFiles };
            const [language, name] = args.path.split("/");
            const topics = found.all[language];
            const value = name === "search" ? topics.flatMap(searchable) : topics.find((t) => t.name === name).nodes;
            return { contents: `export default ${JSON.stringify(value)}`, loader: "js", watchFiles };
        });
    },
};
