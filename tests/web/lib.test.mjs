// What the other files stand on: a server of one's own, a page that is signed in, a second person, a restart.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

let server;
before(async () => {
    server = await start();
});
after(async () => server?.stop());

it("two people are signed in, and still are after a restart", async () => {
    server.addAdmin("bob", "viewer");
    const one = await server.signedIn();
    const two = await server.another(one.browser, { name: "bob", path: "/streams" });
    await step(one, "lib-alice", async () => {
        await hands(one.page).heading("Overview").waitFor();
        await hands(one.page).button("Signed in as alice").waitFor();
    });
    await step(two, "lib-bob", () => hands(two.page).button("Signed in as bob").waitFor());
    const url = server.url;
    await server.restart();
    assert.equal(server.url, url);
    await one.page.reload();
    await hands(one.page).button("Signed in as alice").waitFor();
    const done = await server.commit({ domains: { "contoso.test": {} } });
    assert.equal(done.revision, (await server.get("/status")).revision);
});
