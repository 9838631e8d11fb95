/**
 * The status page in a real browser: Chromium and what it needs are 188 MB to fetch and 667 MB on disk, on a
 * machine that has none of it.
 */
import assert from "node:assert/strict";

import type { Browser, Page } from "playwright-core";

import { openBrowser } from "../support/browser";
import { checkout, mustInside, outputs } from "../support/world";
import { contrast } from "./contrast";
import { savePicture } from "./picture";

const appliance = 100;
const desktop = { width: 1000, height: 780 };
const phone = { width: 360, height: 780 };

describe("the status page, in a browser on the LAN", () => {
  let browser: Browser;
  let page: Page;
  let url: string;
  const complaints: string[] = [];
  const pictures: Buffer[] = [];

  before(async () => {
    checkout().must("make", ["up"]);
    url = `http://${outputs().appliance.wanAddress}:8081/`;
    browser = await openBrowser("lan-client");
    page = await browser.newPage({ viewport: desktop });
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) complaints.push(request.url());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
  });
  after(async () => {
    const to = process.env["SCREENSHOT"];
    if (to !== undefined) await savePicture(browser, pictures, to);
    await browser.close();
  });

  // No expression is waited for: the page's own policy lets nothing be evaluated.
  const shows = (id: string, words: RegExp) =>
    page.locator(`#${id}`, { hasText: words }).waitFor({ timeout: 30_000 });
  const verdict = (word: string) => shows("verdict", RegExp(`^${word}$`));
  const text = (selector: string) => page.locator(selector).innerText();
  const fits = async () => {
    const [wide, window] = await page.evaluate<[number, number]>(
      "[document.documentElement.scrollWidth, window.innerWidth]",
    );
    assert.ok(wide <= window, `${wide} > ${window}`);
  };

  it("shows services, apps with links, and leases, and loads nothing from elsewhere", async () => {
    await verdict("Healthy");
    assert.equal(await text("#summary"), "2 of 2 apps answer, 4 of 4 services are well, 2 leases");
    assert.equal(await page.locator("#services > li").count(), 4);
    assert.match(await text("#apps"), /nginx-01[\s\S]*answers[\s\S]*notes\.prox\.local/);
    assert.match(await text("#leases"), /10\.20\.0\.20\s+notes/);
    assert.equal(await page.locator("#problems").isVisible(), false);
    pictures.push(await page.screenshot());
    assert.deepEqual(complaints, []);
    await page.locator("#apps a", { hasText: "notes" }).click();
    assert.match(await page.content(), /Served by notes/);
    await page.goBack();
    await verdict("Healthy");
    // The app is on a port of the proxy, and nothing but the click goes there.
    const clicked = complaints.splice(0);
    assert.deepEqual(clicked, [url.replace(/:8081\/$/, ":8080/notes/")]);
  });

  it("leaves what did not change alone: focus and what was opened stay over the next looks", async () => {
    const first = page.locator("#services details").first();
    await first.locator("summary").click();
    assert.match(await first.innerText(), /listens on port 67/);
    await page.locator("#apps a").first().focus();
    const looks = async () =>
      await page.evaluate<number>(
        "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/status')).length",
      );
    const before = await looks();
    while ((await looks()) < before + 2) await page.waitForTimeout(200);
    assert.equal(await page.evaluate("document.activeElement.closest('#apps') !== null"), true);
    assert.equal(await first.getAttribute("open"), "");
    await first.locator("summary").click();
  });

  it("says what is wrong and what to do when a service and an app are dead, on a phone too", async () => {
    mustInside(appliance, "systemctl stop dnsmasq");
    mustInside(101, "systemctl stop nginx");
    await verdict("Unhealthy");
    await page.locator("#problem-list li.warning", { hasText: "nginx-01" }).waitFor();
    const problems = await text("#problem-list");
    assert.match(problems, /Error: dnsmasq: no dnsmasq process/);
    assert.match(problems, /Warning: nginx-01: /);
    assert.equal(
      await page.locator("#problem-list code").first().innerText(),
      "pct exec 100 -- systemctl restart dnsmasq",
    );
    assert.match(await text("#services"), /dnsmasq\s*stopped/);
    // What does not answer comes first.
    assert.match(await text("#apps"), /^nginx-01\s*no answer/);
    await page.setViewportSize(phone);
    await fits();
    await page.emulateMedia({ colorScheme: "dark" });
    pictures.push(await page.screenshot());
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(desktop);
    mustInside(101, "systemctl start nginx");
    mustInside(appliance, "systemctl start dnsmasq");
    await verdict("Healthy");
  });

  it("fits a phone: nothing has to be pushed sideways", async () => {
    await page.setViewportSize(phone);
    await fits();
    await page.setViewportSize(desktop);
  });

  it("shows old facts as old when nobody looks any more", async () => {
    mustInside(appliance, "systemctl stop proximity-probe");
    await verdict("Unknown");
    const words = await text("#stale");
    assert.match(words, /Nobody has looked since .*Below is what was seen then/);
    assert.match(words, /pct exec 100 -- systemctl restart proximity-probe/);
    assert.match(await page.title(), /unknown/);
    assert.equal(await page.locator("#summary").isVisible(), false);
    mustInside(appliance, "systemctl start proximity-probe");
    await verdict("Healthy");
    assert.equal(await text("#stale"), "");
  });

  it("shows old facts as old when it is refused, and when it gets no answer at all", async () => {
    mustInside(appliance, "systemctl stop caddy");
    await shows("stale", /cannot be fetched/);
    assert.equal(await text("#verdict"), "Unknown");
    mustInside(appliance, "systemctl start caddy");
    await verdict("Healthy");
    mustInside(appliance, "kill -STOP $(pidof caddy)");
    await shows("stale", /there is no answer/);
    assert.match(await text("#stale"), /pct status 100/);
    mustInside(appliance, "kill -CONT $(pidof caddy)");
    await verdict("Healthy");
  });

  for (const scheme of ["light", "dark"] as const)
    it(`can be read in ${scheme} colours: every text has a contrast of 4.5 to 1`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      const poor = (await contrast(page)).filter(({ ratio }) => ratio < 4.5);
      assert.deepEqual(poor, []);
      const backdrop = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      assert.equal(backdrop, scheme === "dark" ? "rgb(20, 23, 28)" : "rgb(243, 245, 248)");
    });

  it("is built for those who do not see it: headings, one main, a verdict that is told", async () => {
    assert.equal(await page.locator("main").count(), 1);
    assert.equal(await page.locator("h1").count(), 1);
    assert.equal(await page.locator("[role=status]").count(), 1);
    assert.equal(await page.locator("section:not([aria-labelledby])").count(), 0);
    // Each state has its word beside the colour.
    for (const badge of await page.locator(".badge").all())
      assert.match(await badge.innerText(), /[a-z]{3}/i);
  });
});
