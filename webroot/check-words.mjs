// Checks the catalogues in src/words: every language has every key and none more, every key is used somewhere,
// no text was left in English, and every file of words has its counterpart in each language.
//
// What the server names by codes (src/words/codes.ts) is compared with the codes that stand in its sources.
//
// Whether a key is used is asked of the TypeScript compiler: a property of the English catalogue counts as used when
// code outside src/words reads it by name, reads it by a computed name, or passes the object around it on.
import { build } from "esbuild";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(fileURLToPath(import.meta.url));
const folder = join(root, "src/words");
const languages = ["en", "de", "zh"];
const faults = [];

/** Texts that are the same in every language: names, protocol words, patterns, signs. */
const same = {
    both: [
        /^[^\p{L}]*$/u,
        /^(fedgate|SASL|TLS|TLS \/ SASL|SHA-256|PEM|DNS|SRV|IP|XMPP|SIP|REST|JSON|CSV|TOTP|Token|API|s|ms|h|min)$/,
        /^name@domain$/,
        /^(yes|added|never)$/,
    ],
    de: [
        /^(Name|Global|Token|Tokens|Streams|Stream|Revision|Revisionen|Domain|Proxy|Filter|Status|System|Operator|Administrator|optional|Optional)$/,
        /^(PEM|Code|Navigation|Transport|Stanzas|DNS|Partner|Text|Helpdesk|Version|Import|Export|Details|Format|Port|Host|Ticket|Policy|Passwort|Deutsch)$/,
    ],
    zh: [],
};

async function catalogue(language) {
    const result = await build({
        entryPoints: [join(folder, language, "index.ts")],
        bundle: true,
        write: false,
        format: "esm",
        charset: "utf8",
    });
    const url = `data:text/javascript;base64,${Buffer.from(result.outputFiles[0].text).toString("base64")}`;
    return (await import(url)).words;
}

/** Compares two catalogues key by key; a function must take as many arguments in both. */
function compare(path, english, other, language) {
    if (typeof english !== typeof other || Array.isArray(english) !== Array.isArray(other)) {
        faults.push(`${language}: ${path} is a ${typeof other}, in English a ${typeof english}`);
    } else if (typeof english === "object") {
        for (const key of Object.keys(english))
            if (key === "codes" && !path) continue; // English is what the server says itself
            else if (key in other) compare(path ? `${path}.${key}` : key, english[key], other[key], language);
            else faults.push(`${language}: ${path}.${key} is missing`);
        for (const key of Object.keys(other))
            if (!(key in english)) faults.push(`${language}: ${path}.${key} is not in the English catalogue`);
    } else if (typeof english === "function") {
        if (other.length > english.length) faults.push(`${language}: ${path} takes other arguments than in English`);
    } else if (english === other && ![...same.both, ...same[language]].some((rule) => rule.test(english))) {
        faults.push(`${language}: ${path} is in English: "${english}"`);
    }
}

/** Words that stand in code must be words of the file that English keeps them in. */
async function sameFiles() {
    const english = (await readdir(join(folder, "en"))).sort();
    for (const language of languages.slice(1)) {
        const files = new Set(await readdir(join(folder, language)));
        for (const file of english)
            if (!files.has(file)) faults.push(`${language}: the file ${file} is missing`);
            else files.delete(file);
        for (const file of files) faults.push(`${language}: the file ${file} has no counterpart in English`);
    }
}

/* ---- unused keys ---- */

/** The object literal that a property holds, looking through "satisfies"; an "as" hides its keys from the compiler. */
function literal(node) {
    if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node)) return literal(node.expression);
    return ts.isObjectLiteralExpression(node) ? node : null;
}

/** All keys of the English catalogue: declaration to path. */
function declared(program) {
    const found = new Map();
    const walk = (object, path) => {
        for (const property of object.properties) {
            if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) continue;
            const here = `${path}${property.name.text ?? property.name.getText()}`;
            found.set(property, here);
            const inner = ts.isPropertyAssignment(property) && literal(property.initializer);
            if (inner) walk(inner, `${here}.`);
        }
    };
    for (const file of program.getSourceFiles()) {
        if (!file.fileName.includes("/src/words/en/") || /\/(index|codes)\.ts$/.test(file.fileName)) continue;
        for (const statement of file.statements)
            if (ts.isVariableStatement(statement) && statement.modifiers?.length)
                for (const d of statement.declarationList.declarations) {
                    const object = d.initializer && literal(d.initializer);
                    if (object) walk(object, "");
                }
    }
    return found;
}

function unused(program) {
    const checker = program.getTypeChecker();
    const keys = declared(program);
    const used = new Set();
    const mark = (symbol) => symbol?.declarations?.forEach((d) => keys.has(d) && used.add(d));
    const markAll = (type, depth = 0) => {
        if (depth > 6) return;
        for (const part of type.isUnion() ? type.types : [type])
            for (const symbol of part.getProperties())
                if (symbol.declarations?.some((d) => keys.has(d))) {
                    mark(symbol);
                    const d = symbol.declarations.find((x) => keys.has(x));
                    markAll(checker.getTypeOfSymbolAtLocation(symbol, d), depth + 1);
                }
    };
    /** Whether the object is only named here to reach one of its keys. */
    const reaches = (node) => {
        const up = node.parent;
        if (ts.isPropertyAccessExpression(up) && up.expression === node) return true;
        if (ts.isElementAccessExpression(up) && up.expression === node) return true;
        if (ts.isNonNullExpression(up) || ts.isParenthesizedExpression(up)) return reaches(up);
        return ts.isVariableDeclaration(up) && up.initializer === node;
    };
    const visit = (node) => {
        if (ts.isPropertyAccessExpression(node)) {
            mark(checker.getSymbolAtLocation(node.name));
            if (!reaches(node)) markAll(checker.getTypeAtLocation(node));
        } else if (ts.isElementAccessExpression(node)) {
            const argument = node.argumentExpression;
            if (ts.isStringLiteralLike(argument)) mark(checker.getSymbolAtLocation(argument));
            else {
                markAllShallow(checker.getTypeAtLocation(node.expression), checker.getTypeAtLocation(argument));
                if (!reaches(node)) markAll(checker.getTypeAtLocation(node));
            }
        } else if (ts.isBindingElement(node)) {
            const name = (node.propertyName ?? node.name).getText();
            mark(checker.getTypeAtLocation(node.parent).getProperty(name));
        }
        ts.forEachChild(node, visit);
    };
    /** A computed key reads what its type can name; when that is any text, every key. */
    const markAllShallow = (type, key) => {
        const names = key.isUnion() ? key.types : [key];
        const exact = names.every((one) => one.isStringLiteral() || one.isNumberLiteral() || one.flags & ts.TypeFlags.Undefined);
        const wanted = exact ? new Set(names.map((one) => String(one.value))) : null;
        for (const part of type.isUnion() ? type.types : [type])
            for (const symbol of part.getProperties()) if (!wanted || wanted.has(symbol.name)) mark(symbol);
    };
    for (const file of program.getSourceFiles())
        if (file.fileName.includes("/webroot/src/") && !/\/src\/words\/(index\.ts|(en|de|zh)\/)/.test(file.fileName)) visit(file);
    return [...keys].filter(([d]) => !used.has(d)).map(([, path]) => path);
}

/* ---- codes of the server ---- */

const sources = join(root, "..");

async function readSources(folder) {
    const entries = await readdir(join(sources, folder), { recursive: true });
    const files = entries.filter((name) => name.endsWith(".c") && !name.startsWith("cli/"));
    return (await Promise.all(files.map((name) => readFile(join(sources, folder, name), "utf8")))).join("\n");
}

/** What stands between the parentheses of every call of these functions. */
function* calls(source, names) {
    const start = new RegExp(`\\b(?:${names.join("|")})\\(`, "g");
    for (let found = start.exec(source); found; found = start.exec(source)) {
        let depth = 1;
        let i = start.lastIndex;
        for (let quoted = false; depth && i < source.length; i++) {
            const c = source[i];
            if (c === "\\") i++;
            else if (c === '"') quoted = !quoted;
            else if (!quoted) depth += c === "(" ? 1 : c === ")" ? -1 : 0;
        }
        yield source.slice(start.lastIndex, i);
    }
}

/** Codes that are sent with problems: the words in lower case among the arguments, pointers and sentences aside. */
async function problemCodes() {
    const all = (await Promise.all(["api", "server", "gateway"].map(readSources))).join("\n");
    const names = [
        "fg_reply_problem", "fg_reply_problems", "fg_reply_problem_with", "fg_answer_problem", "fg_unauthorized",
        "fg_problem_add", "fg_path_problem", "answer_fault", "add_note", "say", "refuse", "fault",
    ];
    const codes = new Set();
    for (const call of calls(all, names))
        for (const [, word] of call.matchAll(/"((?:[^"\\]|\\.)*)"/g))
            if (/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(word)) codes.add(word);
    const matrix = await readFile(join(sources, "gateway/negotiation.c"), "utf8");
    for (const [, code] of matrix.matchAll(/\{\s*"([a-z_]+)",\s*"[A-Z]/g)) codes.add(code);
    for (const member of ["stored", "applied"]) codes.delete(member); // of the body that tells how far a commit came
    return codes;
}

async function ids(file, pattern) {
    return new Set([...(await readFile(join(sources, file), "utf8")).matchAll(pattern)].map((m) => m[1]));
}

/** Arguments that are words in lower case but no codes. */
const noCodes = new Set(["en", "objects", "requires", "s", "secret", "username"]);

async function serverCodes(languages, catalogues) {
    const expected = {
        problems: await problemCodes(),
        failures: new Set([
            ...(await ids("gateway/failure.h", /^ {4}X\(([a-z_]+),/gm)),
            ...(await ids("server/forward/channel.h", /^ {4}X\(([a-z_]+),/gm)),
        ]),
        rules: await ids("gateway/policy.c", /\b(?:pass|fail)\(\s*"([a-z_]+)"/g),
    };
    expected.rules.add("allowed");
    languages.forEach((language, i) => {
        for (const [part, codes] of Object.entries(expected)) {
            const words = catalogues[i].codes[part];
            for (const code of codes)
                if (!(code in words) && !noCodes.has(code)) faults.push(`${language}: codes.${part}.${code} is missing`);
            for (const code of Object.keys(words))
                if (!codes.has(code)) faults.push(`${language}: codes.${part}.${code} is sent by nothing`);
        }
    });
}

function program() {
    const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    return ts.createProgram(parsed.fileNames, parsed.options);
}

await sameFiles();
const [english, ...others] = await Promise.all(languages.map(catalogue));
others.forEach((other, i) => compare("", english, other, languages[i + 1]));
await serverCodes(languages.slice(1), others);
for (const path of unused(program())) faults.push(`en: ${path} is used nowhere`);
if (faults.length) {
    process.stderr.write(`${faults.join("\n")}\n${faults.length} faults in the words\n`);
    process.exit(1);
}
