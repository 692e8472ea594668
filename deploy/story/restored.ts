/** The issuer's file is put back from a backup, while stores and the acquirer know better: nothing
 * is taken twice, nothing captured is let go, and the books say what differs. */
import assert from "node:assert/strict";
import type { Sale, Shopper, Stage } from "./stage.ts";
import { type Chapter, euros, type Story, type Tell } from "./story.ts";
import { sleep, until } from "./waiting.ts";

const tea = { name: "Tea", amount_minor: 420 };
const cake = { name: "Cake", amount_minor: 840 };

/** How long the issuer holds what is not captured. */
const held_s = 30;

/** Tapped at lane 1. */
async function tapped(stage: Stage, shopper: Shopper, item: typeof tea): Promise<Sale> {
  stage.stands("1", shopper);
  return await stage.till.taps(await stage.till.ringsUp("1", [item]), shopper);
}

async function buys(stage: Stage, shopper: Shopper, item: typeof tea): Promise<Sale> {
  return await stage.till.comesTo(await tapped(stage, shopper, item), "captured");
}

const back = (service_id: string, amount_minor: number) =>
  ({ service_id, operator: "olga", reason: "stale", amount_minor }) as const;

const receiptsOf = ({ events }: Shopper) =>
  events.flatMap((event) => event.type === "receipt" ? [event.receipt] : []);

/** What the books differ in, by payment. */
async function differences(stage: Stage): Promise<Record<string, string>> {
  const { differences } = await stage.reconciled();
  const named = differences as { payment: string; kind: string }[];
  return Object.fromEntries(named.map(({ payment, kind }) => [payment, kind]));
}

/** A backup from between a yes and its capture, and what came after it. */
async function sellsOn(stage: Stage, tell: Tell) {
  const ana = await stage.newShopper("Ana Silva", { instrument: "test_slow" });
  const ben = await stage.newShopper("Ben Ode");
  for (const shopper of [ana, ben]) await stage.walksIn(shopper);
  const bens = await buys(stage, ben, cake);
  const asked = await tapped(stage, ana, tea);
  // Her bank takes its time: the gateway's process dies before it hears the yes.
  await sleep(500);
  await stage.services.killGateway();
  await until("the issuer has the yes", async () => {
    const { payments } = await (await stage.office.asGateway()).call("ledger");
    return payments.find(({ payment }) => payment === asked.payment)?.state === "authorised";
  });
  await stage.copiesIssuersFile();
  await tell("Ana's tea is held at her bank and not taken yet. A backup is made of the issuer.");
  stage.till.signedOut();
  await stage.services.startGateway();
  const anas = await stage.till.comesTo(asked, "captured");
  await stage.receiptOf(ana, anas);
  assert.equal((await stage.till.refund(bens, back("back-1", 100))).outcome, "refunded");
  const cem = await stage.newShopper("Cem Kaya");
  await stage.walksIn(cem);
  const cems = await buys(stage, cem, cake);
  await stage.receiptOf(cem, cems);
  assert.deepEqual(await differences(stage), {});
  await tell("The store sells on: the tea is taken, Ben gets 1.00 EUR back, Cem has cake.");
  stage.air.forget(cem.phone);
  return { ana, anas, ben, bens, cem, cems };
}

/** The capture that the old file does not know comes back, and nothing else happens. */
async function isBookedAgain(stage: Stage, sale: Sale): Promise<void> {
  const again = await until("the issuer has found the capture again", async () => {
    const row = await stage.inLedger(sale);
    assert.ok(row?.state !== "reversed", "what was captured was let go");
    return row?.state === "captured" && row;
  }, 2 * held_s * 1_000);
  assert.deepEqual([again.captures, again.amount_minor, again.receipt], [1, 420, sale.receipt]);
  assert.deepEqual(stage.takenBy(sale), { captured_minor: 420, reversed: false });
}

const put_back: Chapter = {
  title: "a file is put back from between a yes and its capture: the capture is booked again",
  async play(stage, tell) {
    const { ana, anas, ben, bens, cem, cems } = await sellsOn(stage, tell);
    await stage.putsIssuersFileBack();
    const forgotten = {
      [bens.payment]: "refund_differs",
      [cems.payment]: "captured_here_alone",
    };
    const books = await differences(stage);
    assert.deepEqual(books, { [anas.payment]: "captured_here_alone", ...forgotten });
    await tell("The issuer's file is the old one. The books name all three that it forgot.");
    await isBookedAgain(stage, anas);
    assert.deepEqual(await differences(stage), forgotten);
    await tell("It wants to let go of Ana's tea, hears that it was taken, and books it anew:");
    await tell("the same receipt, the same number, and her phone is not told twice.");
    const refused = await stage.till.refund(bens, back("back-2", 840));
    assert.deepEqual([refused.outcome, refused.reason], ["refused", "more_than_captured"]);
    await tell(`All of ${euros(840)} again for Ben? The acquirer knows of the part he has.`);
    await stage.receiptOf(ben, await buys(stage, ben, tea));
    const told = [ana, ben, cem].flatMap(receiptsOf).map(({ receipt }) => receipt);
    assert.equal(new Set(told).size, told.length, "a receipt was told twice");
    assert.equal(receiptsOf(ana).length, 1);
    await tell("Ben buys tea. His phone had read further than the old file goes, and has it.");
  },
};

export const restored: Story = {
  name: "RESTORED",
  title: "The issuer's file is an old one",
  stage: { issuer: ["--authorisation", String(held_s)] },
  chapters: [put_back],
};
