// Check pages of the built website with axe: alternative texts, contrast, the order of headings, names of links, and
// whether a page scrolls sideways; light and dark, on a screen of 1280 and of 390 pixels.
//
//     npm install --no-save axe-core playwright-core
//     node tools/accessibility.mjs build/docs              the pages below
//     node tools/accessibility.mjs build/docs index.html   some pages
//     SCREENSHOTS=folder node tools/accessibility.mjs …    also writes a picture of each
//
// CHROMIUM is the browser's program. The exit code is 1 if there are findings.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json")); // what npm has installed in the current folder
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const PAGES = [
  "index", "install", "tutorial", "performance", "accuracy", "islands", "glossary", "teachers", "activations/index",
  "activations/gelu", "auto_gallery/index", "auto_gallery/plot_06_map", "auto_learn/index", "auto_learn/lesson_1_relu",
  "howto/index", "howto/own_data", "howto/choosing", "reference/index", "reference/generated/index",
  "reference/generated/command_line", "project/changelog", "search",
].map((name) => `${name}.html`);
const [site, ...given] = process.argv.slice(2);
const pages = given.length ? given : PAGES;
const missing = site ? pages.filter((page) => !existsSync(join(site, page))) : ["the folder of the website"];
if (missing.length) {
  console.error(`missing: ${missing.join(", ")}`);
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
let findings = 0;
for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    for (const page of pages) {
      const tab = await context.newPage();
      tab.setDefaultTimeout(300_000);
      await tab.goto(pathToFileURL(resolve(site, page)).href);
      await tab.addScriptTag({ path: axe });
      const { violations } = await tab.evaluate(() => axe.run({ resultTypes: ["violations"] }));
      const seen = violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, any }) => `${id}: ${help}\n    ${target.join(" ")}\n    ${any[0]?.message ?? ""}`),
      );
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) seen.push(`the page is ${wide} pixels wider than the screen`);
      for (const text of seen) console.log(`${page}, ${colorScheme}, ${width}: ${text}`);
      findings += seen.length;
      if (process.env.SCREENSHOTS) {
        const name = page.replace(/\.html$/, "").replaceAll("/", "-");
        const path = join(process.env.SCREENSHOTS, `${name}-${colorScheme}-${width}.png`);
        const length = await tab.evaluate(() => document.documentElement.scrollHeight);
        await tab.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(length, 8000) } });
      }
      await tab.close();
    }
    await context.close();
  }
}
await browser.close();
console.log(`${findings} findings on ${pages.length} pages`);
process.exit(findings ? 1 : 0);
