/**
 * A shopper with the issuer's page as a phone, in a real Chromium: opens an account, shows the code
 * for two, sees the trip paid, and says that one thing was never taken; another shopper's clock is
 * fast. Prints a JSON line at each turn of the story.
 * `pocket.js CHROMIUM URL NAME _ PICTURES`: pictures of the page go into that folder.
 */
import { join } from "node:path";

// By a name that is known at run time only: the product's own configuration has no such library.
const library = "playwright-core";
const { chromium } = await import(library);
const [executablePath, url, name, _, pictures] = Deno.args;
if (!executablePath || !url || !name || !pictures) {
  throw new RangeError("pocket.js CHROMIUM URL NAME _ PICTURES");
}
/** A browser on a busy machine. */
const patience_ms = 120_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
const page = await context.newPage();
page.setDefaultTimeout(patience_ms);
const trouble = [];
page.on("pageerror", (error) => trouble.push(error.message));
page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
const say = (turn, more = {}) => console.log(JSON.stringify({ turn, ...more, trouble }));
const picture = (file) => page.screenshot({ path: join(pictures, `${file}.png`), fullPage: true });

/** What a gate's camera would see of the code: its grey pixels. */
async function seenCode() {
  const png = await page.locator("#code svg").screenshot();
  const eye = await context.newPage();
  const seen = await eye.evaluate(async (text) => {
    const image = new Image();
    image.src = `data:image/png;base64,${text}`;
    await image.decode();
    const { width, height } = image;
    const paper = new OffscreenCanvas(width, height).getContext("2d");
    paper.drawImage(image, 0, 0);
    const { data } = paper.getImageData(0, 0, width, height);
    return { width, height, grey: [...data.filter((_, at) => at % 4 === 0)] };
  }, png.toString("base64"));
  await eye.close();
  return seen;
}

/** What another shopper is told whose clock is five minutes fast: first when joining, then when the
 * page is opened again. The clock is set right in between, and after. */
async function withFastClock() {
  const other = await (await browser.newContext()).newPage();
  other.setDefaultTimeout(patience_ms);
  await other.addInitScript(() => {
    const now = Date.now;
    globalThis.fast_ms = 300_000;
    Date.now = () => now() + globalThis.fast_ms;
  });
  const trouble = async () => {
    await other.waitForSelector("#trouble:not([hidden])");
    return await other.textContent("#trouble");
  };
  const setRight = () => other.evaluate("globalThis.fast_ms = 0");
  await other.goto(url);
  await signUp(other, "Bea");
  const told = [await trouble()];
  await setRight();
  await other.click("#person button");
  await other.waitForSelector("#code svg");
  await other.reload();
  told.push(await trouble());
  await setRight();
  await other.waitForSelector("#code svg");
  return told;
}

async function signUp(shown, first_name) {
  await shown.fill("[name=first_name]", first_name);
  await shown.fill("[name=initials]", "ij");
  await shown.fill("[name=instrument]", "test_ok");
  await shown.click("#person button");
}

try {
  await page.goto(url);
  await signUp(page, name);
  await page.waitForSelector("#code svg");
  await page.fill("#people", "2");
  await picture("1-code");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  say("code", { seen: await seenCode(), wide });
  const before = await page.getAttribute("#code path", "d");
  await page.waitForFunction(
    (old) => document.querySelector("#code path")?.getAttribute("d") !== old,
    before,
  );
  say("another", { seen: await seenCode() });

  await page.waitForSelector("[data-state=paid]");
  await picture("2-paid");
  say("paid", { told: await page.textContent("#list") });
  // More than there is: the page says why not for longer than it takes to look anew.
  await page.$eval("#list li input", (units) => units.removeAttribute("max"));
  await page.fill("#list li input", "3");
  await page.click("#list li button");
  await page.waitForTimeout(6_000);
  const refusals = trouble.splice(0).filter((line) => !line.includes("status of 400"));
  trouble.push(...refusals);
  say("refused", { said: await page.innerText("main") });
  await page.fill("#list li input", "1");
  await page.click("#list li button");
  await page.waitForSelector("#list :text('1 disputed')");
  say("disputed");
  await page.waitForSelector("#list li :text('given back')");
  await picture("3-given-back");
  say("given_back", { told: await page.textContent("#list") });

  await page.click("#offers");
  await page.waitForSelector("#offers:checked");
  // The account is this browser's: it is found again without a word.
  await page.reload();
  await page.waitForSelector("#code svg");
  await page.waitForSelector("[data-state=paid]");
  await page.waitForSelector("#offers:checked");
  say("again", { joining: await page.isVisible("#join") });
  say("clock", { told: await withFastClock() });
} catch (error) {
  // What the shopper saw at that moment, and what the page's own program complained of.
  await page.screenshot({ path: join(pictures, "failed.png") });
  say("failed", { error: String(error) });
  throw error;
} finally {
  await browser.close();
}
