// usage: node shoot.tmp.mjs width scheme locale outdir [filter]
import { start } from "./lib/server.mjs";
import { fill, pages, settled } from "./lib/world.mjs";
import { mkdirSync } from "node:fs";
const jobs = JSON.parse(process.argv[2]); // [[w,scheme,locale,filter?]]
const out = process.argv[3];
const server = await start();
await fill(server);
const { browser, page: p0 } = await server.signedIn();
await p0.evaluate(async () => {
  const { csrf_token } = await (await fetch("/api/v1/session")).json();
  const send = (method, path, body) => fetch(`/api/v1${path}`, { method, headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token }, body: JSON.stringify(body) });
  await send("PATCH", "/partners/fabrikam.test", { tls: "optional" });
  await send("PUT", "/partners/new.test", {});
  await send("DELETE", "/partners/coho.test");
  await send("PATCH", "/settings", { connection_limit: 500 });
});
for (const [w, scheme, locale, filter] of jobs) {
  const dir = `${out}/${w}-${scheme}-${locale}`; mkdirSync(dir, { recursive: true });
  const { page, context } = await server.another(browser, { viewport: { width: w, height: w < 500 ? 780 : 900 }, colorScheme: scheme, locale });
  for (const { path } of pages) {
    if (filter && !new RegExp(filter).test(path)) continue;
    await page.goto(server.url + path); await settled(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log("OVER", w, locale, path, over);
    const h = await page.evaluate(() => Math.min(2600, document.documentElement.scrollHeight, 3000));
    await page.screenshot({ path: `${dir}/${path.replace(/[^a-z0-9]+/gi, "_")}.png`, fullPage: true, clip: { x: 0, y: 0, width: w, height: Math.max(h, 500) } });
  }
  await context.close();
}
await browser.close();
await server.stop();
