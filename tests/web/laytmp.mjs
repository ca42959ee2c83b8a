import { start } from "./lib/server.mjs";
import { fill, pages, settled } from "./lib/world.mjs";
import { layoutFaults } from "./lib/layout.mjs";
const server = await start(); await fill(server);
const { browser, page: p0 } = await server.signedIn();
await p0.evaluate(async () => {
  const { csrf_token } = await (await fetch("/api/v1/session")).json();
  const send = (method, path, body) => fetch(`/api/v1${path}`, { method, headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token }, body: JSON.stringify(body) });
  await send("PATCH", "/partners/fabrikam.test", { tls: "optional" }); await send("PUT", "/partners/new.test", {}); await send("DELETE", "/partners/coho.test"); await send("PATCH", "/settings", { connection_limit: 500 });
});
for (const locale of (process.argv[2] ?? "de-DE,en-US,zh-CN").split(",")) {
  const { page, context } = await server.another(browser, { locale });
  for (const { path } of pages) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(server.url + path); await settled(page);
    for (const w of [1440, 2560, 768, 360]) {
      await page.setViewportSize({ width: w, height: 900 });
      await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go))));
      const f = await layoutFaults(page);
      if (f.length) console.log(locale, w, path, JSON.stringify(f));
    }
  }
  await context.close();
}
await browser.close(); await server.stop();
