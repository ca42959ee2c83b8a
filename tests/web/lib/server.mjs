// A real fedgate of one's own: started on loopback with a data directory that goes when it stops.
//
//   const server = await start();                       the binary that FEDGATE names; administrator "alice"
//   await server.put("/draft/objects/…", value)         as local administrator, over the local socket
//   const { page, faults } = await server.signedIn()    a page of a new browser, signed in as alice
//   await server.restart(); await server.stop();
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { another, open } from "./browser.mjs";

export const ADMIN = "alice";
export const PASSWORD = "correct horse battery 9";

function binary() {
    if (!process.env.FEDGATE) throw new Error("set FEDGATE to the path of the fedgate binary");
    return resolve(process.env.FEDGATE);
}

/** An answer of the REST interface; `ok()` is its data, or an error that shows the problem. */
function answer(method, path, response, text) {
    const json = /json/.test(response.headers["content-type"] ?? "");
    const data = text && json ? JSON.parse(text) : null;
    return {
        status: response.statusCode,
        headers: response.headers,
        etag: response.headers.etag ?? null,
        text,
        data,
        ok() {
            if (this.status >= 400) throw new Error(`${method} ${path}: ${this.status} ${text}`);
            return data;
        },
    };
}

class Server {
    constructor(args) {
        this.data = mkdtempSync(join(tmpdir(), "fedgate-web-"));
        this.args = args;
        this.lines = [];
        this.url = null;
        this.browsers = new Set();
        process.once("exit", () => this.process?.kill("SIGKILL")); // nothing outlives the test
    }

    /** Starts the process and waits until it is ready; at the port it had before, if it had one. */
    async up() {
        const panel = this.url ? new URL(this.url).host : "127.0.0.1:0";
        const command = ["serve", "--data-dir", this.data, "--panel", panel, ...this.args];
        this.process = spawn(binary(), command, { stdio: ["ignore", "ignore", "pipe"] });
        this.ended = new Promise((go) => this.process.once("exit", (code, signal) => go(code ?? signal)));
        const ready = new Promise((go) => {
            createInterface({ input: this.process.stderr }).on("line", (line) => {
                this.lines.push(line);
                const found = /\bready panel=(\S+)/.exec(line);
                if (found) go(found[1]);
            });
        });
        const url = await Promise.race([ready, this.ended.then(() => null)]);
        if (!url) throw new Error(`fedgate ended at its start:\n${this.log()}`);
        this.url = url.replace(/\/$/, "");
        return this;
    }

    log() {
        return this.lines.join("\n");
    }

    /** Runs a subcommand against the data directory; returns what it printed. */
    cli(args, input = "") {
        const done = spawnSync(binary(), [...args, "--data-dir", this.data], { input, encoding: "utf8" });
        if (done.status !== 0) throw new Error(`fedgate ${args.join(" ")}: ${done.stderr}`);
        return done.stdout;
    }

    addAdmin(name, role = "administrator", password = PASSWORD) {
        this.cli(["admin", "add", name, "--role", role, "--password-stdin"], `${password}\n`);
    }

    /** A request over the local socket: identity local:UID, role administrator. */
    request(method, path, body, headers = {}) {
        const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
        return new Promise((go, fail) => {
            const request = http.request(
                {
                    socketPath: join(this.data, "admin.sock"),
                    method,
                    path: `/api/v1${path}`,
                    headers: { ...(text === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
                },
                (response) => {
                    const parts = [];
                    response.on("data", (part) => parts.push(part));
                    response.on("error", fail);
                    response.on("end", () => go(answer(method, path, response, Buffer.concat(parts).toString())));
                },
            );
            request.on("error", fail);
            request.end(text);
        });
    }

    async get(path) {
        return (await this.request("GET", path)).ok();
    }

    async post(path, body = {}) {
        return (await this.request("POST", path, body)).ok();
    }

    async put(path, body) {
        return (await this.request("PUT", path, body)).ok();
    }

    async patch(path, body) {
        return (await this.request("PATCH", path, body)).ok();
    }

    async remove(path) {
        return (await this.request("DELETE", path)).ok();
    }

    /** One commit without a draft: commit({ partners: { "a.test": {…}, "b.test": null } }); null deletes. */
    commit(kinds, comment = "test", more = {}) {
        const changes = Object.entries(kinds).flatMap(([kind, objects]) =>
            Object.entries(objects).map(([key, value]) =>
                value === null ? { op: "delete", kind, key } : { op: "put", kind, key, value },
            ),
        );
        return this.post("/commits", { changes, comment, ...more });
    }

    /** Signs a context's browser in without the form: the cookie is what counts. */
    async signIn(context, name = ADMIN, password = PASSWORD) {
        const done = await context.request.post(`${this.url}/api/v1/session`, { data: { username: name, password } });
        if (!done.ok()) throw new Error(`sign-in of ${name}: ${done.status()} ${await done.text()}`);
    }

    /** A new browser with a page that is signed in and shows `path`: { browser, context, page, faults }. */
    async signedIn({ name = ADMIN, password = PASSWORD, path = "/", ...options } = {}) {
        const opened = await open(options);
        this.browsers.add(opened.browser);
        return this.#enter(opened, name, password, path);
    }

    /** The same in a context of its own of a browser that runs: a second person. */
    async another(browser, { name = ADMIN, password = PASSWORD, path = "/", ...options } = {}) {
        return this.#enter(await another(browser, options), name, password, path);
    }

    async #enter(opened, name, password, path) {
        await this.signIn(opened.context, name, password);
        await opened.page.goto(this.url + path);
        return opened;
    }

    /** Ends the process; a sanitizer's finding or a bad exit code is an error. */
    async down() {
        this.process.kill("SIGTERM");
        const code = await this.ended;
        const log = this.log();
        if (code !== 0 || /ERROR: AddressSanitizer|LeakSanitizer|runtime error:/.test(log)) {
            throw new Error(`fedgate ended with ${code}:\n${log.slice(-8000)}`);
        }
    }

    async restart() {
        await this.down();
        await this.up();
    }

    /** Closes the browsers, ends the process, removes the data. */
    async stop() {
        try {
            for (const browser of this.browsers) await browser.close();
            if (this.process.exitCode === null && this.process.signalCode === null) await this.down();
        } finally {
            this.process.kill("SIGKILL");
            rmSync(this.data, { recursive: true, force: true });
        }
    }
}

/**
 * A running server. `args`: more flags of `serve`; `admin`: false leaves the setup link unused, else the
 * administrator ADMIN with PASSWORD is there.
 */
export async function start({ args = [], admin = true } = {}) {
    const server = new Server(args);
    try {
        if (admin) server.addAdmin(ADMIN);
        return await server.up();
    } catch (error) {
        server.process?.kill("SIGKILL");
        rmSync(server.data, { recursive: true, force: true });
        throw error;
    }
}

/** The setup link of a server that has no administrator yet. */
export function setupLink(server) {
    const found = /https:\/\/\S+\/setup#\S+/.exec(readFileSync(join(server.data, "setup-link"), "utf8"));
    if (!found) throw new Error(`no setup link:\n${server.log()}`);
    return found[0];
}
