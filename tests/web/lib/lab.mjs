// The world of tests/interop/test_web.py, asked from a test: the partner's server, the SIP side, the engine's thread.
const base = process.env.FEDGATE_LAB;

async function call(name, args) {
    const answer = await fetch(`${base}/${name}`, { method: "POST", body: JSON.stringify(args) });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${name}: ${value}`);
    return value;
}

export const lab = {
    /** Whether there is a world at all. */
    there: !!base,
    /** The partner's server becomes another one: "external", "dialback_tls" or "clear". */
    partnerServer: (mode) => call("partner_server", { mode }),
    /** Juliet writes to Romeo by SIP; what was said on the wire, once `expect` was the answer. */
    juliet: (text, expect = 200) => call("juliet", { text, expect }),
    /** Waits until Romeo has got a message with just this text. */
    romeoHears: (text) => call("romeo_hears", { text }),
    /** Waits until the SIP side has got a message with this text in it. */
    sipHears: (text) => call("sip_hears", { text }),
    /** Holds the engine's thread still, or lets it go on. */
    engine: (still) => call("engine", { still }),
    /** The REST interface as local administrator. */
    rest: (method, path, body = null) => call("rest", { method, path, body }),
};
