// The servers of partners at one address: they take every stream, over TLS or not, and believe every dialback key.
// What does not answer, and what calls and never says who it is, is here as well.
import { execFileSync } from "node:child_process";
import { connect, createServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

const header = (from, to) =>
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' " +
    `xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='p1' from='${from}' to='${to}'>`;

/** A certificate and key on the spot. */
export function certificate(name) {
    const pem = execFileSync(
        "openssl",
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", `/CN=${name}`,
            "-addext", `subjectAltName=DNS:${name}`, "-addext", "extendedKeyUsage=serverAuth,clientAuth", "-keyout", "-"],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    const part = (what) => new RegExp(`-----BEGIN ${what}-----[^]+?-----END ${what}-----\\n`).exec(pem)[0];
    return { pem: part("CERTIFICATE"), key: part("PRIVATE KEY") };
}

/** Speaks for one partner on one connection. */
function serve(socket, context) {
    let text = "";
    let names = null;
    const read = (stream) => (data) => {
        text += data;
        const opening = /<stream:stream [^>]*>/.exec(text);
        if (opening) {
            const named = (name) => new RegExp(` ${name}=['"]([^'"]*)`).exec(opening[0])?.[1] ?? "";
            names = [named("to"), named("from")];
            const tls = context && !stream.encrypted ? "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" : "";
            stream.write(`${header(...names)}<stream:features>${tls}<dialback xmlns='urn:xmpp:features:dialback'/></stream:features>`);
            text = text.slice(opening.index + opening[0].length);
        }
        if (text.includes("<starttls")) {
            text = "";
            stream.removeAllListeners("data");
            stream.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", () => {
                const secure = new TLSSocket(stream, { isServer: true, secureContext: context });
                secure.on("error", () => undefined);
                secure.on("data", read(secure));
            });
        } else if (text.includes("</db:result>")) {
            text = "";
            stream.write(`<db:result from='${names[0]}' to='${names[1]}' type='valid'/>`);
        } else if (text.includes("</stream:stream>")) {
            stream.end("</stream:stream>");
        }
    };
    socket.on("error", () => undefined);
    socket.on("data", read(socket));
}

/** Takes streams: with TLS when there is a `name` for the certificate; `silent` never answers. */
export async function peer({ name = null, silent = false } = {}) {
    const given = name && certificate(name);
    const context = given && createSecureContext({ cert: given.pem, key: given.key });
    const sockets = new Set();
    const server = createServer((socket) => {
        sockets.add(socket);
        if (silent) socket.on("error", () => undefined);
        else serve(socket, context);
    });
    await new Promise((go) => server.listen(0, "127.0.0.1", go));
    return {
        address: `127.0.0.1:${server.address().port}`,
        stop: () => {
            sockets.forEach((socket) => socket.destroy());
            server.close();
        },
    };
}

/** Calls as a partner and stops half-way; the answer hangs up. */
export function caller(port, from, to) {
    const socket = connect(port, "127.0.0.1", () => socket.write(header(from, to).replace(" id='p1'", "")));
    socket.on("error", () => undefined);
    return () => socket.destroy();
}
