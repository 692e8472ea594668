/**
 * Enrols somebody on a page as a shopper would: a real Chromium whose camera or microphone plays a
 * file. Prints one JSON line: whose account it is, the browser's device seed, and what the shopper
 * was told. `drive.js CHROMIUM URL camera|microphone FILE PICTURES`: pictures of the page go into
 * that folder.
 */
import { join } from "node:path";

// By a name that is known at run time only: the product's own configuration has no such library.
const library = "playwright-core";
const { chromium } = await import(library);
const [executablePath, url, device, file, pictures] = Deno.args;
const played = {
  camera: `--use-file-for-fake-video-capture=${file}`,
  microphone: `--use-file-for-fake-audio-capture=${file}`,
}[device];
if (!executablePath || !url || !played || !pictures) {
  throw new RangeError("drive.js CHROMIUM URL camera|microphone FILE PICTURES");
}
/** A browser on a busy machine, with two networks to open, or rounds to say again. */
const patience_ms = 400_000;

const browser = await chromium.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    played,
  ],
});
try {
  const context = await browser.newContext({
    permissions: [device],
    viewport: { width: 760, height: 900 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patience_ms);
  const trouble = [];
  /** Requests in their order: consent has to come before anything is captured. */
  const asked = [];
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(message.text());
  });
  page.on(
    "request",
    (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`),
  );
  await page.goto(url);
  await page.screenshot({ path: join(pictures, "1-consent.png") });
  await page.fill("[name=first_name]", "Ada");
  await page.fill("[name=initials]", "AL");
  await page.fill("[name=instrument]", "test_ok");
  await page.click("#person button");
  // The first view or round was taken, or it is over already.
  await page.waitForSelector("[data-taken='1'], #done:not([hidden]), #failed:not([hidden])");
  await page.screenshot({ path: join(pictures, "2-capture.png") });
  await page.waitForSelector("#done:not([hidden]), #failed:not([hidden])");
  await page.screenshot({ path: join(pictures, "3-end.png") });
  const told = await page.textContent("#reason");
  const account = await page.textContent("#account");
  const seed = await page.evaluate(`new Promise((resolve) => {
    const opening = indexedDB.open("saunter", 1);
    opening.onsuccess = () => {
      const all = opening.result.transaction("device").objectStore("device").get("seed");
      all.onsuccess = () => resolve([...all.result]);
    };
  })`);
  console.log(JSON.stringify({ account, seed, told, trouble, asked }));
} finally {
  await browser.close();
}
