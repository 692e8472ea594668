/** The reference acquirer: each deed once, every outcome on purpose, and a book that lasts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { memoryBook, openAcquirerBook } from "./store/acquirer_book.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { manualClock } from "./testing/clock.ts";

const request = (instrument = "test_ok", reference = "s/p/1", amount_minor = 500) => ({
  reference,
  instrument,
  amount_minor,
  currency: "EUR",
});

Deno.test("the first deed stands, whatever is asked again", async () => {
  const { authorise, capture, refund, reverse } = testAcquirer();
  assert.deepEqual(await authorise(request()), { outcome: "authorised" });
  const taken = { outcome: "captured", captured_minor: 300 };
  assert.deepEqual(await capture(request("test_ok", "s/p/1", 300)), taken);
  assert.deepEqual(await capture(request()), taken);
  assert.deepEqual(await reverse(request()), taken);
  const back = (name: string, amount_minor: number) =>
    refund({ ...request("test_ok", "s/p/1", amount_minor), refund: name });
  assert.deepEqual(await back("a", 200), { outcome: "refunded" });
  assert.deepEqual(await back("a", 200), { outcome: "refunded" });
  assert.deepEqual(await back("b", 101), { outcome: "refused", reason: "more_than_captured" });
  assert.deepEqual(await back("c", 100), { outcome: "refunded" });
});

Deno.test("what was let go of is not taken", async () => {
  const { authorise, capture, reverse } = testAcquirer();
  await authorise(request());
  assert.deepEqual(await reverse(request()), { outcome: "reversed" });
  assert.deepEqual(await reverse(request()), { outcome: "reversed" });
  assert.deepEqual(await capture(request()), { outcome: "refused", reason: "authorisation_lost" });
});

Deno.test("what is overtaken by its reversal holds nothing", async () => {
  const { authorise, reverse } = testAcquirer();
  assert.deepEqual(await reverse(request()), { outcome: "reversed" });
  const declined = { outcome: "declined", reason: "reversed" };
  assert.deepEqual(await authorise(request()), declined);
  assert.deepEqual(await authorise(request("test_ok", "s/p/2")), { outcome: "authorised" });
});

Deno.test("what several tries hold is let go of in one call", async () => {
  const { authorise, capture, reverseAll } = testAcquirer();
  const tries = ["s/p/1", "s/p/2", "s/p/3"].map((name) => request("test_ok", name));
  await authorise(tries[0]!);
  await capture(tries[1]!);
  const told = [
    { outcome: "reversed" },
    { outcome: "captured", captured_minor: 500 },
    { outcome: "reversed" },
  ];
  assert.deepEqual(await reverseAll(tries), told);
  assert.deepEqual(await reverseAll(tries), told);
  for (const at of [0, 2]) {
    const lost = { outcome: "refused", reason: "authorisation_lost" };
    assert.deepEqual(await capture(tries[at]!), lost);
  }
});

Deno.test("an answer is lost after the deed, and comes when it is asked for again", async () => {
  const book = memoryBook();
  const { capture } = testAcquirer({ book });
  await assert.rejects(capture(request("test_answer_lost")), { kind: "issuer_unreachable" });
  assert.equal(book.find("s/p/1", "capture")?.amount_minor, 500);
  assert.equal((await capture(request("test_answer_lost"))).outcome, "captured");
});

Deno.test("an answer is late", async () => {
  const clock = manualClock();
  const { authorise } = testAcquirer({ clock });
  let answer: unknown;
  const asking = authorise(request("test_slow")).then((found) => answer = found);
  await clock.advance(1_999);
  assert.equal(answer, undefined);
  await clock.advance(1);
  await asking;
  assert.deepEqual(answer, { outcome: "authorised" });
});

Deno.test("a book in a file outlives its process, and sums up like one in memory", () => {
  const folder = Deno.makeTempDirSync({ prefix: "acquirer" });
  try {
    const path = join(folder, "acquirer.sqlite");
    const first = openAcquirerBook(path);
    for (const book of [first, memoryBook()]) {
      book.note("r", "capture", { reason: null, amount_minor: 10 });
      book.note("r", "refund a", { reason: null, amount_minor: 3 });
      book.note("r", "refund b", { reason: "account_closed", amount_minor: 4 });
      assert.equal(book.refunded_minor("r"), 3);
      assert.deepEqual(book.find("r", "refund b"), { reason: "account_closed", amount_minor: 4 });
      assert.equal(book.find("r", "reverse"), undefined);
    }
    first.close();
    const again = openAcquirerBook(path);
    assert.deepEqual(again.find("r", "capture"), { reason: null, amount_minor: 10 });
    again.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
