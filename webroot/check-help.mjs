// Part of `npm run check`: help texts are whole in every language, their links resolve, and every page of the panel has a
// topic of its own.
import { readFile } from "node:fs/promises";
import { checkHelp, readHelp } from "./help.mjs";

const routes = await readFile("src/routes.tsx", "utf8");
const patterns = [...routes.matchAll(/\[\s*[`"](\/[^`"]*|)[`"],/g)].map((m) => m[1] || "/");
const kinds = [...routes.matchAll(/^ {4}\w+: "(\/[a-z-]+)",$/gm)].map((m) => m[1]);
const pages = [...new Set([...patterns, ...kinds])].filter((p) => !p.includes("${"));
const matches = (pattern, path) => new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}/?$`).test(path);
const isPage = (path) => pages.some((pattern) => matches(pattern, path));

const help = await readHelp();
checkHelp(help, isPage);
const topics = await readFile("src/pages/help/topics.ts", "utf8");
const known = help.all.en.map((t) => t.name);
const mapped = [...topics.matchAll(/\["([^"]+)", "([^"]+)"\]/g)].map((m) => ({ page: m[1], topic: m[2] }));
const first = (path) => `/${path.split("/")[1] ?? ""}`;
const missing = [...new Set(pages.map(first))].filter((page) => page !== "/help" && !mapped.some((m) => m.page === page));
const wrong = mapped.filter((m) => !known.includes(m.topic.split("#")[0]));
if (missing.length) throw new Error(`src/pages/help/topics.ts: no topic for ${missing.join(", ")}`);
if (wrong.length) throw new Error(`src/pages/help/topics.ts: there is no topic ${wrong.map((m) => m.topic).join(", ")}`);
process.stdout.write(`help: ${known.length} topics in ${Object.keys(help.all).length} languages, ${mapped.length} pages\n`);
