/**
 * An operator at the page of a lane, in a real Chromium: signs in, keys an answer,
 * takes out what is not attested, confirms the rest, gives money back, reads what was refused
 * afterwards, and looks at the debug page. Prints a JSON line at each turn of the story.
 * `drive.js CHROMIUM URL OPERATOR PIN PICTURES`: pictures of the page go into that folder.
 */
import { join } from "node:path";

// By a name that is known at run time only: the product's own configuration has no such library.
const library = "playwright-core";
const { chromium } = await import(library);
const [executablePath, url, operator, pin, pictures] = Deno.args;
if (!executablePath || !url || !operator || !pin || !pictures) {
  throw new RangeError("drive.js CHROMIUM URL OPERATOR PIN PICTURES");
}
/** A browser on a busy machine. */
const patience_ms = 120_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const page = await (await browser.newContext({ viewport: { width: 900, height: 820 } }))
  .newPage();
page.setDefaultTimeout(patience_ms);
const trouble = [];
page.on("pageerror", (error) => trouble.push(error.message));
const say = (turn, more = {}) => console.log(JSON.stringify({ turn, ...more, trouble }));
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
try {
  await page.goto(url);
  await page.fill("#operator", operator);
  await page.fill("#pin", pin);
  await page.click("#sign-in button");
  await page.waitForSelector("#signed-in:not([hidden])");
  say("signed_in");

  await page.waitForSelector("#answer:not([hidden])");
  await picture("1-answer");
  await page.fill("#spoken", "AS");
  await page.click("#answer button:not([disabled])");
  await page.waitForSelector("#eligibility [data-drop]");
  await picture("2-eligibility");
  const mayConfirm = await page.isEnabled("[data-confirm]");
  const left = await page.inputValue("#spoken");
  say("eligibility", { asked: await page.textContent("#eligibility"), mayConfirm, left });
  await page.click("#eligibility li:has-text('Rum') [data-drop]:not([disabled])");
  await page.click("[data-confirm]:not([disabled])");

  await page.click("#give-back:not([hidden], [disabled])");
  await page.waitForSelector("#refund:not([hidden])");
  const offered = await page.inputValue("#refund-amount");
  await page.fill("#refund-amount", "1.50");
  await page.fill("#refund-reason", "one was broken");
  await picture("3-refund");
  await page.click("#refund button[type=submit]");
  await page.waitForSelector("#refunded .badge");
  await picture("4-refunded");
  say("refunded", { offered, told: await page.textContent("#refunded") });

  await page.waitForSelector("#without-issuer .late");
  await picture("5-late");
  say("late", { told: await page.textContent("#without-issuer") });

  // An address that was kept from before, or copied in part, must not stop the debug page.
  for (const address of ["#/visit/long-gone", "#lane"]) {
    await page.goto("about:blank");
    await page.goto(new URL(`/debug/${address}`, url).href);
    await page.waitForSelector("#live.good");
    await page.click("#zones a:has-text('Lane 4')");
    await page.waitForSelector("#actor-state .badge");
    say("debug", { heading: await page.textContent("#actor-heading") });
  }
} catch (error) {
  // What the operator saw at that moment, and what the page's own program complained of.
  await page.screenshot({ path: join(pictures, "failed.png") });
  say("failed", { error: String(error) });
  throw error;
} finally {
  await browser.close();
}
