/**
 * Somebody with a phone at the page of carts that wait for a person, in a real Chromium, by the
 * keyboard alone: signs in, corrects a line while the page looks for news, adds what nobody saw
 * being taken, and decides. Prints a JSON line at each turn of the story.
 * `review.js CHROMIUM URL OPERATOR PIN PICTURES`: pictures of the page go into that folder.
 */
import { join } from "node:path";

// By a name that is known at run time only: the product's own configuration has no such library.
const library = "playwright-core";
const { chromium } = await import(library);
const [executablePath, url, operator, pin, pictures] = Deno.args;
if (!executablePath || !url || !operator || !pin || !pictures) {
  throw new RangeError("review.js CHROMIUM URL OPERATOR PIN PICTURES");
}
/** A browser on a busy machine. */
const patience_ms = 120_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } }))
  .newPage();
page.setDefaultTimeout(patience_ms);
// The phone's clock is an hour fast: how long ago something was is told by the gateway's.
await page.addInitScript(() => {
  const now = Date.now;
  Date.now = () => now() + 3_600_000;
});
const trouble = [];
page.on("pageerror", (error) => trouble.push(error.message));
const say = (turn, more = {}) => console.log(JSON.stringify({ turn, ...more, trouble }));
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
const focused = () =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "nothing");
const looked = () => page.waitForResponse((answer) => answer.url().endsWith("/aisle/reviews"));
const type = (text) => page.keyboard.type(text);
/** Tab by Tab to what the selector names, as somebody without a mouse. */
async function reach(selector) {
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

try {
  await page.goto(url);
  await page.waitForSelector("[data-cart]");
  await page.waitForSelector("#gates :text('whom nobody had let in')");
  await picture("1-waiting");
  say("slipped");
  await reach("#operator");
  await type(operator);
  await reach("#pin");
  await type(pin);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#signed-in:not([hidden])");

  await reach("input[data-gtin]");
  await looked();
  await looked();
  await page.waitForTimeout(200);
  const kept = await focused();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const sheet = await page.evaluate(() =>
    Math.max(...[...document.querySelectorAll(".cart *")]
      .map((part) => part.getBoundingClientRect().right - innerWidth))
  );
  say("looked", { kept, wide, sheet, shown: await page.textContent("[data-cart]") });

  await page.keyboard.press("Control+A");
  await page.keyboard.press("Backspace");
  await page.click("[data-decide]:not([disabled])");
  const blank = await page.evaluate(() =>
    document.activeElement instanceof HTMLInputElement && !document.activeElement.validity.valid
  );
  say("blank", { blank, waiting: await page.locator("[data-cart]").count() });

  await type("2");
  await reach("input.more");
  await type("Dark chocolate");
  await reach("[data-more]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[aria-label='Units of Dark chocolate']");
  await picture("2-corrected");
  await reach("[data-decide]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Nothing waits for you");
  await picture("3-decided");
  say("decided");
} catch (error) {
  // What the operator saw at that moment, and what the page's own program complained of.
  await page.screenshot({ path: join(pictures, "failed.png") });
  say("failed", { error: String(error) });
  throw error;
} finally {
  await browser.close();
}
