/** S8: below the limit a charge is conducted at once; above it the shopper is asked. */
import assert from "node:assert/strict";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import { companion, companionKey } from "../phone/phone.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Sale, Shopper, Stage } from "./stage.ts";
import { type Chapter, euros, type Story, type Tell } from "./story.ts";

const bread = { name: "Bread", amount_minor: 350 };
const wine_rack = { name: "Wine rack", amount_minor: 8_900 };
const modest = { sale_minor: 5_000, day_minor: 100_000 };

/** Somebody with a limit of 50.00 a sale stands at lane 1 with a wine rack for 89.00. */
async function aboveTheLimit(
  stage: Stage,
  tell: Tell,
  name: string,
  more: Record<string, unknown> = {},
): Promise<{ shopper: Shopper; sale: Sale }> {
  const shopper = await stage.newShopper(name, { limits: modest });
  await stage.walksIn(shopper);
  await tell(`${name} walks in. The issuer knows that sales up to 50.00 EUR may pass unasked.`);
  stage.stands("1", shopper);
  const sale = await stage.till.ringsUp("1", [wine_rack], more);
  await stage.till.taps(sale, shopper);
  const waiting = await stage.till.comesTo(sale, "awaiting_approval");
  assert.equal(waiting.reason, "over_sale_limit");
  assert.ok(waiting.approval_until_ms !== null);
  await tell(`${euros(8_900)} is above it: the lane waits, and says until when.`);
  return { shopper, sale };
}

const atOnce: Chapter = {
  title: "below every limit the sale is conducted at once",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva", { limits: modest });
    await stage.walksIn(ana);
    stage.stands("1", ana);
    const sale = await stage.till.ringsUp("1", [bread]);
    await tell("Ana buys bread for 3.50 EUR; the cashier taps her.");
    await stage.till.taps(sale, ana);
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.receiptOf(ana, end)).amount_minor, 350);
    assert.ok(ana.events.every(({ type }) => type !== "approval_asked"));
    await tell("It is paid. Her phone was not asked, and has the receipt.");
  },
};

const yes: Chapter = {
  title: "above the limit the phone says yes, and the sale goes on",
  async play(stage, tell) {
    const { shopper, sale } = await aboveTheLimit(stage, tell, "Bea Stern");
    const asked = await stage.askedOn(shopper);
    assert.equal(asked.merchant_name, "Story Market");
    assert.equal(asked.amount_minor, 8_900);
    assert.deepEqual(asked.items.map((item) => item.name), ["Wine rack"]);
    await tell(`Her phone asks: ${asked.merchant_name}, ${euros(8_900)}, wine rack?`);
    assert.equal(await shopper.phone.answer(asked.approval, "all"), 8_900);
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.inLedger(end))?.amount_minor, 8_900);
    assert.equal((await stage.receiptOf(shopper, end)).amount_minor, 8_900);
    await tell("She says yes. The till has the outcome, her phone the receipt.");
  },
};

const no: Chapter = {
  title: "the phone says no: declined, and nothing is held",
  async play(stage, tell) {
    const { shopper, sale } = await aboveTheLimit(stage, tell, "Cem Kaya");
    const { approval } = await stage.askedOn(shopper);
    assert.equal(await shopper.phone.answer(approval, "no"), 0);
    const end = await stage.till.comesTo(sale, "declined");
    assert.equal(end.reason, "shopper_refused");
    assert.equal((await stage.inLedger(end))?.state, "declined");
    await tell("He says no on his phone. The lane is told who declined it, and is free.");
  },
};

const silence: Chapter = {
  title: "the phone says nothing: the sale ends in its time, and a late yes changes nothing",
  async play(stage, tell) {
    const { shopper, sale } = await aboveTheLimit(stage, tell, "Dora Lang");
    const { approval } = await stage.askedOn(shopper);
    await tell("Her phone lies at the bottom of a bag. Nobody answers.");
    const end = await stage.till.comesTo(sale, "declined");
    assert.equal(end.reason, "approval_expired");
    await assert.rejects(
      shopper.phone.answer(approval, "all"),
      (error) => error instanceof IssuerRefusal && error.problem === "approval_over",
    );
    assert.equal((await stage.inLedger(end))?.state, "declined");
    assert.equal((await stage.till.look(sale)).outcome, "declined");
    await tell("Her yes comes too late: the issuer says so, and no money moves.");
  },
};

const lane_gives_up: Chapter = {
  title: "the cashier gives the sale up while the phone is asked",
  async play(stage, tell) {
    const { shopper, sale } = await aboveTheLimit(stage, tell, "Emil Roth");
    const { approval } = await stage.askedOn(shopper);
    await stage.till.decide(sale, "cancellation", { operator: "olga" });
    const end = await stage.till.comesTo(sale, "reversed");
    await assert.rejects(
      shopper.phone.answer(approval, "all"),
      (error) => error instanceof IssuerRefusal && error.problem === "approval_over",
    );
    assert.equal((await stage.inLedger(end))?.state, "reversed");
    await tell("The cashier cancels. His phone learns that it is over, and nothing is charged.");
  },
};

const two_devices: Chapter = {
  title: "two devices answer: the first one counts, and the other is told so",
  async play(stage, tell) {
    const { shopper, sale } = await aboveTheLimit(stage, tell, "Fay Okoro");
    const world = {
      clock: realClock,
      random: realRandom,
      vault: nodeVault,
      fetch: (request: Request) => fetch(request),
    };
    const deviceSeed = realRandom.bytes(32);
    const device = await shopper.phone.addDevice(companionKey(world, deviceSeed), "watch");
    const watch = companion(world, {
      issuer: stage.config.issuer.url,
      issuerSigningKey: stage.office.signingKey,
      deviceSeed,
      account: shopper.account,
      device,
    });
    const [asked] = await watch.open();
    assert.ok(asked);
    assert.equal(await watch.answer(asked.approval, "all"), 8_900);
    assert.equal(await shopper.phone.answer(asked.approval, "no"), 8_900);
    await stage.till.comesTo(sale, "captured");
    await tell("Her watch says yes, then her phone says no: the phone is told that yes counts.");
  },
};

const part: Chapter = {
  title: "the shopper agrees to less: taken where the till takes a part, reversed where not",
  async play(stage, tell) {
    const some = await aboveTheLimit(stage, tell, "Gil Haas", { accept_partial: true });
    const asked = await stage.askedOn(some.shopper);
    assert.equal(await some.shopper.phone.answer(asked.approval, 5_000), 5_000);
    const end = await stage.till.comesTo(some.sale, "captured");
    assert.equal(end.amount_minor, 8_900);
    assert.equal(end.charge_minor, 5_000);
    assert.equal((await stage.inLedger(end))?.amount_minor, 5_000);
    assert.equal((await stage.receiptOf(some.shopper, end)).amount_minor, 5_000);
    await tell("Gil agrees to 50.00 EUR; the till takes it, and the rest in cash.");

    const all = await aboveTheLimit(stage, tell, "Hana Mori");
    const again = await stage.askedOn(all.shopper);
    await all.shopper.phone.answer(again.approval, 5_000);
    const other = await stage.till.comesTo(all.sale, "reversed");
    assert.equal(other.reason, "partial_not_taken");
    assert.equal((await stage.inLedger(other))?.state, "reversed");
    await tell("At a till that takes all or nothing, Hana's half is not taken.");
  },
};

const merchant_and_day: Chapter = {
  title: "limits of a merchant and of a day ask as well",
  async play(stage, tell) {
    const limits = { ...modest, merchants: [{ merchant: "story-foods", sale_minor: 300 }] };
    const ida = await stage.newShopper("Ida Berg", { limits });
    await stage.walksIn(ida);
    stage.stands("1", ida);
    const sale = await stage.till.ringsUp("1", [bread]);
    await stage.till.taps(sale, ida);
    assert.equal(
      (await stage.till.comesTo(sale, "awaiting_approval")).reason,
      "over_merchant_limit",
    );
    await tell("Ida lets this merchant take 3.00 EUR unasked: bread for 3.50 EUR is above that.");
    await ida.phone.answer((await stage.askedOn(ida)).approval, "all");
    await stage.till.comesTo(sale, "captured");

    const jon = await stage.newShopper("Jon Falk", { limits: { ...modest, day_minor: 600 } });
    await stage.walksIn(jon);
    stage.stands("1", jon);
    const first = await stage.till.ringsUp("1", [bread]);
    await stage.till.taps(first, jon);
    await stage.till.comesTo(first, "captured");
    const second = await stage.till.ringsUp("1", [bread]);
    await stage.till.taps(second, jon);
    assert.equal((await stage.till.comesTo(second, "awaiting_approval")).reason, "over_day_limit");
    await jon.phone.answer((await stage.askedOn(jon)).approval, "no");
    await stage.till.comesTo(second, "declined");
    await tell("Jon's second bread of the day is above his 6.00 EUR a day: he says no.");
  },
};

export const limits: Story = {
  name: "S8",
  title: "Limits and the shopper's yes",
  stage: { issuer: ["--approval", "3"] },
  chapters: [
    atOnce,
    yes,
    no,
    silence,
    lane_gives_up,
    two_devices,
    part,
    merchant_and_day,
  ],
};
