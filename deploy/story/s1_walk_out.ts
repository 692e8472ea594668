/** S1: shown a code, taken from a shelf, carried out, paid: and every other way in which that may
 * end. */
// long because the story of a trip has many ends
import assert from "node:assert/strict";
import type { Candidate } from "../../actors/messages.ts";
import { realClock } from "../../runtime/main.ts";
import { sampleCatalogue } from "../retailer/catalogue.ts";
import { priceOf } from "../retailer/pricing.ts";
import { Aisle } from "./aisle.ts";
import { gateCamera } from "./aisle_place.ts";
import type { Stage } from "./stage.ts";
import { until } from "./waiting.ts";
import { type Chapter, euros, type Story } from "./story.ts";

const aisles = new WeakMap<Stage, Promise<Aisle>>();
/** The stage's aisle, opened for its first chapter. */
function aisleOf(stage: Stage): Promise<Aisle> {
  const open = aisles.get(stage) ?? Aisle.open(stage);
  aisles.set(stage, open);
  return open;
}

const productOf = (sku: string) => sampleCatalogue.products.find((one) => one.sku === sku)!;
/** What the retailer asks for so many, with its offers and taxes. */
const priced = (sku: string, units: number) =>
  priceOf(sampleCatalogue, [{ product: productOf(sku), units }]).total_minor;

/** How many went through whom nobody had let in. */
const tailgated = async (stage: Stage) =>
  Number((await stage.actor("gate/in"))?.context["tailgated"]);

const bought: Chapter = {
  title: "a code at the gate, three teas taken, one put back: two are paid",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const ana = await stage.newShopper("Ana Silva");
    await aisle.signUp(ana);
    await tell("Ana's phone shows a code that it has signed for this half minute.");
    const { trip, track } = await aisle.enters(ana);
    await tell("The issuer knows whose it is, the retailer admits her, the gate opens.");
    await aisle.takes(track, "TEA-01", 3);
    await until("three teas", async () => (await aisle.cart(trip)).lines[0]?.units === 3);
    await aisle.takes(track, "TEA-01", -1);
    await until("two teas", async () => (await aisle.cart(trip)).lines[0]?.units === 2);
    await tell("The shelf lost three teas and got one back: two are in her cart.");
    await aisle.leaves(trip, track);
    const cart = await aisle.comesTo(trip, "paid");
    assert.equal(cart.amount_minor, priced("TEA-01", 2));
    const shown = await aisle.onPhone(ana, trip, "paid");
    assert.deepEqual(shown.items.map(({ name, quantity }) => [name, quantity]), [["Green tea", 2]]);
    const receipt = await until("a receipt", async () => (await ana.phone.receipts())[0]);
    assert.equal(receipt.amount_minor, cart.amount_minor);
    assert.equal((await stage.actor(`payment/${trip}`))?.state, "captured");
    await tell(
      `She walks out. The retailer prices it, the issuer charges ${euros(cart.amount_minor)}.`,
    );
  },
};

const turnedAway: Chapter = {
  title: "a code opens once, and the retailer's own system decides who comes in",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const ben = await stage.newShopper("Ben Stern");
    const stranger = await aisle.shows(ben.phone.entryCode());
    assert.deepEqual([stranger.state, stranger.last.reason], ["closed", "retailer_refused"]);
    await tell(
      "Ben has an account at the issuer, and none at this retailer: the gate stays closed.",
    );
    await aisle.signUp(ben);
    const { trip, track } = await aisle.enters(ben);
    const before = await tailgated(stage);
    await aisle.goesThrough();
    await until("noticed", async () => await tailgated(stage) === before + 1);
    await tell("Signed up, he comes in. Somebody slips in behind him: that is noticed.");
    await aisle.leaves(trip, track);
    await aisle.comesTo(trip, "cancelled");
    assert.equal((await aisle.onPhone(ben, trip, "cancelled")).amount_minor, 0);
    await tell("He takes nothing. The empty trip goes to the retailer, which cancels it.");
  },
};

const byFace: Chapter = {
  title: "a face opens the gate for her and her company, and what may be a film opens nothing",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const ina = await stage.newShopper("Ina Roth");
    await aisle.signUp(ina);
    const visit = await stage.walksIn(ina);
    const before = (await aisle.gate()).last;
    stage.standsBefore(gateCamera, ina, true);
    const seen = await until("the camera sees somebody", async () => {
      const candidates = (await stage.actor(`camera/${gateCamera}`))?.context["candidates"];
      return (candidates as Candidate[]).find((candidate) => candidate.visit === visit);
    });
    assert.notEqual(seen.evidence.liveness, "passed");
    const { state, last } = await aisle.gate();
    assert.deepEqual([state, last], ["closed", before]);
    await tell(
      "Ina's phone has heard the beacon. A film of her face is held up: the gate is closed.",
    );
    assert.ok(await ina.phone.weAre(2) > realClock.now_ms());
    stage.standsBefore(gateCamera, ina);
    const { entry } = await until("the gate opens", async () => {
      const now = await aisle.gate();
      return now.state === "open" && now;
    });
    const track = await aisle.goesThrough();
    const child = await aisle.goesThrough();
    stage.standsBefore(gateCamera, null);
    const others = await tailgated(stage);
    await aisle.goesThrough();
    await until("noticed", async () => await tailgated(stage) === others + 1);
    const { context } = (await stage.actor(`cart/${entry}`))!;
    assert.deepEqual(context["evidence"], { kind: "face_at_gate", visit, camera: gateCamera });
    assert.deepEqual([context["people"], context["tracks"]], [2, [track, child]]);
    await tell(
      "She stands there herself, with her child; her phone has said that they are two. The gate " +
        "opens, both come in to one cart, and a third behind them is noticed.",
    );
    await aisle.takes(track, "CHO-01", 1);
    await until("in the cart", async () => (await aisle.cart(entry)).lines[0]?.units === 1);
    await aisle.leaves(entry, child);
    assert.equal((await aisle.cart(entry)).state, "shopping");
    await aisle.leaves(entry, track);
    const cart = await aisle.comesTo(entry, "paid");
    assert.equal(cart.amount_minor, priced("CHO-01", 1));
    await aisle.onPhone(ina, entry, "paid");
    await stage.leaves(ina);
    await tell(
      `They walk out with chocolate, and she is charged ${euros(cart.amount_minor)}, once.`,
    );
  },
};

const retailerDown: Chapter = {
  title: "the retailer is down when a cart is ready: it waits, and is paid once",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const cem = await stage.newShopper("Cem Kaya");
    await aisle.signUp(cem);
    const { trip, track } = await aisle.enters(cem);
    await aisle.takes(track, "COF-01", 1);
    await stage.services.killRetailer();
    await aisle.leaves(trip, track);
    await aisle.comesTo(trip, "submitting");
    await tell("The retailer's system has died. Cem's cart is on the gateway's disk and waits.");
    await stage.services.startRetailer();
    const cart = await aisle.comesTo(trip, "paid");
    assert.equal(cart.amount_minor, priced("COF-01", 1));
    assert.equal((await cem.phone.receipts()).length, 1);
    await tell(
      `It is back: the trip is acknowledged, priced and paid: ${euros(cart.amount_minor)}.`,
    );
  },
};

const overLimit: Chapter = {
  title: "above a limit the phone is asked, though its owner has left the shop",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const dora = await stage.newShopper("Dora Lang", { limits: { sale_minor: 1_000 } });
    await aisle.signUp(dora);
    const { trip, track } = await aisle.enters(dora);
    await aisle.takes(track, "OIL-01", 2);
    await aisle.leaves(trip, track);
    await aisle.onPhone(dora, trip, "awaiting_approval");
    await tell("Two bottles are above Dora's own limit. She is in the street; her phone asks.");
    const asked = await stage.askedOn(dora);
    await dora.phone.answer(asked.approval, "all");
    await aisle.comesTo(trip, "paid");
    await tell("She says yes, and it is paid.");
  },
};

const declined: Chapter = {
  title: "declined after the exit: owed, told to the phone, and no entry until it is paid",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const emil = await stage.newShopper("Emil Roth", { instrument: "test_insufficient_funds" });
    await aisle.signUp(emil);
    const { trip, track } = await aisle.enters(emil);
    await aisle.takes(track, "CHO-01", 1);
    await aisle.leaves(trip, track);
    const owed = await aisle.onPhone(emil, trip, "owed");
    assert.equal(owed.reason, "insufficient_funds");
    const payment = await until("owing", async () => {
      const found = await stage.actor(`payment/${trip}`);
      return found?.state === "owing" && found;
    });
    assert.equal(payment.context["reason"], "insufficient_funds");
    const again = await aisle.shows(emil.phone.entryCode());
    assert.equal(again.last.reason, "outstanding_balance");
    await tell("Emil's account is empty. His phone says what he owes; the gate stays closed.");
    await aisle.paysAtShop(trip);
    await aisle.onPhone(emil, trip, "cancelled");
    assert.equal((await aisle.shows(emil.phone.entryCode())).state, "open");
    await aisle.goesThrough();
    await tell("He pays at the shop, which tells the issuer so: the gate opens to him again.");
  },
};

const disputed: Chapter = {
  title: "a line is disputed from the phone: the store looks at what it saw, and gives it back",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const fay = await stage.newShopper("Fay Omar");
    await aisle.signUp(fay);
    const { trip, track } = await aisle.enters(fay);
    await aisle.takes(track, "TEA-01", 2);
    await aisle.leaves(trip, track);
    await aisle.comesTo(trip, "paid");
    const dispute = await fay.phone.disputeLine(trip, 0, 1);
    // Where the tracker was not sure of the line, nobody need look.
    await until("decided", async () => {
      const now = await aisle.cart(trip);
      if (now.state !== "disputed") return now.disputes.some(({ granted }) => granted === true);
      assert.equal((await aisle.queue()).find((cart) => cart.trip === trip)?.state, "disputed");
      await aisle.decideDispute(trip, dispute, true);
      return true;
    });
    const shown = await until("given back", async () => {
      const found = await aisle.onPhone(fay, trip, "paid");
      return found.refunded_minor > 0 && found;
    });
    assert.equal(shown.refunded_minor, Math.round(shown.amount_minor / 2));
    await until(
      "the gateway knows",
      async () => (await stage.actor(`refund/${dispute}`))?.state === "refunded",
    );
    await tell(`Fay says that one tea was never taken: ${euros(shown.refunded_minor)} come back.`);
  },
};

const restarted: Chapter = {
  title: "the gateway dies while people shop: carts go on, unless something moved meanwhile",
  async play(stage, tell) {
    const aisle = await aisleOf(stage);
    const hal = await stage.newShopper("Hal Berg");
    await aisle.signUp(hal);
    const { trip, track } = await aisle.enters(hal);
    await aisle.takes(track, "TEA-01", 1);
    await aisle.understood(trip, "TEA-01");
    await stage.services.killGateway();
    assert.ok(await stage.services.startGateway());
    await aisle.rests();
    await tell("The gateway is killed while Hal shops. Every plate is found as it was left.");
    await aisle.leaves(trip, track);
    const paid = await aisle.comesTo(trip, "paid");
    assert.deepEqual([paid.amount_minor, paid.reason], [priced("TEA-01", 1), null]);
    await tell("His cart goes on with the tea that was in it, and is paid without anybody's help.");

    const gil = await stage.newShopper("Gil Moreau");
    await aisle.signUp(gil);
    const next = await aisle.enters(gil);
    await aisle.takes(next.track, "COF-01", 1);
    await aisle.understood(next.trip, "COF-01");
    await stage.services.killGateway();
    aisle.lifts("COF-01", 1);
    assert.ok(await stage.services.startGateway());
    await aisle.rests();
    await tell(
      "It is killed again; this time a coffee is gone when it is back, and nobody saw whose.",
    );
    await aisle.leaves(next.trip, next.track);
    const waiting = await aisle.comesTo(next.trip, "in_review");
    assert.equal(waiting.reason, "tracker_forgot");
    assert.ok((await aisle.queue()).some((cart) => cart.trip === next.trip));
    await aisle.decide(next.trip, "COF-01", 2);
    const cart = await aisle.comesTo(next.trip, "paid");
    assert.equal(cart.amount_minor, priced("COF-01", 2));
    await tell("Gil's cart goes to a person, who looks at what was seen and says two coffees.");
  },
};

export const walkOut: Story = {
  name: "S1",
  title: "Walk out",
  stage: { aisle: true },
  chapters: [bought, byFace, turnedAway, retailerDown, overLimit, declined, disputed, restarted],
};
