/** The issuer is away: lanes say so at once, sell on within what it has reserved, and bring it all
 * when it is back. */
import assert from "node:assert/strict";
import type { Sale, Shopper, Stage } from "./stage.ts";
import type { Tills } from "./tills.ts";
import { sleep, until } from "./waiting.ts";
import { type Chapter, euros, type Story } from "./story.ts";

const tea = { name: "Tea", amount_minor: 420 };
const wine = { name: "Wine", amount_minor: 1_200, category: "spirits" };
const grill = { name: "Grill", amount_minor: 6_000 };

/** Rung up at a lane, and tapped there. */
async function buys(
  stage: Stage,
  shopper: Shopper,
  ...basket: Parameters<Tills["ringsUp"]>[1][number][]
): Promise<Sale> {
  stage.stands("1", shopper);
  const sale = await stage.till.ringsUp("1", basket);
  await stage.till.taps(sale, shopper);
  return sale;
}

const sells_on: Chapter = {
  title: "the issuer goes: lanes say so, sell on, and bring it in when it is back",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    await stage.walksIn(ana);
    assert.equal((await stage.till.lane("1")).offline_since_ms, null);
    const before_ms = Date.now();
    await stage.issuerGoes();
    const { offline_since_ms } = await stage.till.lane("1");
    assert.ok(offline_since_ms !== null && offline_since_ms >= before_ms - 1_000);
    await tell("The issuer's process is dead. Every lane says since when it is away.");
    const sale = await stage.till.comesTo(await buys(stage, ana, tea), "accepted_offline");
    assert.equal(sale.outcome, "accepted_offline");
    assert.equal(sale.offline_since_ms, offline_since_ms);
    assert.deepEqual((await stage.till.lane("1")).stand_in.open, 1);
    await tell(
      "Ana buys tea. The gateway holds an allowance that the issuer signed for her visit:",
    );
    await tell("it writes down that it is used, tells the till that it is paid, and waits.");
    await stage.issuerReturns();
    const end = await stage.till.comesTo(sale, "captured");
    const row = await stage.inLedger(end);
    assert.deepEqual([row?.state, row?.captures, row?.amount_minor], ["captured", 1, 420]);
    assert.equal((await stage.receiptOf(ana, end)).amount_minor, 420);
    assert.equal((await stage.till.lane("1")).stand_in.open, 0);
    await tell("The issuer is back and hears of the tea: charged once, and Ana has her receipt.");
    await stage.leaves(ana);
  },
};

const within_limits: Chapter = {
  title: "not more than was reserved, and nothing that only the issuer can say",
  async play(stage, tell) {
    const birth_date = "1985-05-17";
    const bea = await stage.newShopper("Bea Stern", { birth_date });
    const dan = await stage.newShopper("Dan Weiss", { limits: { offline_minor: 0 } });
    await stage.walksIn(bea);
    await stage.walksIn(dan);
    await stage.issuerGoes();
    const dear = await stage.till.comesTo(await buys(stage, bea, grill), "cancelled");
    assert.equal(dear.reason, "offline_over_allowance");
    await tell(`A grill for ${euros(6_000)} is above the ${euros(2_000)} reserved: not paid here.`);
    const mixed = await stage.till.comesTo(
      await buys(stage, bea, tea, wine),
      "awaiting_eligibility",
    );
    assert.equal(mixed.reason, "issuer_away");
    await stage.till.refused(mixed, "eligibility", { confirmed: true, operator: "olga" });
    await stage.till.decide(mixed, "eligibility", { drop: [1], operator: "olga" });
    const first = await stage.till.comesTo(mixed, "accepted_offline");
    assert.equal(first.charge_minor, 420);
    await tell("Wine needs the issuer's word. Olga takes it out; the tea is accepted.");
    const second = await stage.till.comesTo(await buys(stage, bea, tea), "accepted_offline");
    const third = await stage.till.comesTo(await buys(stage, bea, tea), "cancelled");
    assert.equal(third.reason, "offline_no_allowance");
    await tell("Two allowances were reserved for Bea's visit; the third tea is one too many.");
    const none = await stage.till.comesTo(await buys(stage, dan, tea), "cancelled");
    assert.equal(none.reason, "offline_no_allowance");
    await tell("Dan wants nothing accepted without the issuer: nothing is.");
    await stage.issuerReturns();
    for (const sale of [first, second]) await stage.till.comesTo(sale, "captured");
    for (const shopper of [bea, dan]) await stage.leaves(shopper);
    await tell("The issuer is back: both teas are charged, in their order.");
  },
};

const recognised: Chapter = {
  title: "initials tell two apart without the issuer; a phrase does not, and no stranger comes in",
  async play(stage, tell) {
    const eva = await stage.newShopper("Eva Lind", { phrase: "blue kettle" });
    await stage.walksIn(eva);
    await stage.issuerGoes();
    stage.stands("4", eva);
    const sale = await stage.till.comesTo(await stage.till.ringsUp("4", [tea]), "awaiting_answer");
    await stage.till.decide(sale, "answer", { kind: "phrase", answer: "blue kettle" });
    const unchecked = await until("the phrase comes to nothing", async () => {
      const now = await stage.till.look(sale);
      return now.state === "awaiting_answer" && now.reason === "answer_unchecked" && now;
    });
    await stage.till.decide(unchecked, "answer", { kind: "initials", answer: "E.L." });
    await stage.till.comesTo(sale, "accepted_offline");
    await tell(
      "Only the issuer can compare a phrase. Eva keys her initials, which the store knows.",
    );
    stage.stands("1", null);
    const lone = await stage.till.ringsUp("1", [tea]);
    await sleep(300);
    assert.deepEqual((await stage.till.look(lone)).candidates, []);
    await stage.till.decide(lone, "cancellation", { operator: "olga" });
    await stage.issuerReturns();
    await stage.till.comesTo(sale, "captured");
    await stage.leaves(eva);
  },
};

const mid_sale: Chapter = {
  title: "lost in the middle of a sale: the till has an outcome all the same, and one charge",
  async play(stage, tell) {
    const fay = await stage.newShopper("Fay Okoro");
    await stage.walksIn(fay);
    stage.stands("1", fay);
    const sale = await stage.till.ringsUp("1", [tea]);
    await stage.till.comesTo(sale, "awaiting_selection");
    await stage.services.killIssuer();
    await stage.till.taps(sale, fay);
    await tell("The cashier taps Fay at the moment in which the issuer dies.");
    await stage.till.comesTo(sale, "accepted_offline");
    await stage.issuerReturns();
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.inLedger(end))?.captures, 1);
    await tell("What was asked before goes first, what was accepted after it: one charge.");
    await stage.leaves(fay);
  },
};

const killed: Chapter = {
  title: "the gateway is killed while the issuer is away: nothing told is lost or told twice",
  async play(stage, tell) {
    const gil = await stage.newShopper("Gil Haas");
    await stage.walksIn(gil);
    await stage.issuerGoes();
    const sale = await stage.till.comesTo(await buys(stage, gil, tea), "accepted_offline");
    const since = (await stage.till.lane("1")).offline_since_ms;
    await stage.gatewayDies();
    assert.equal((await stage.till.look(sale)).outcome, "accepted_offline");
    const now = await stage.till.lane("1");
    assert.deepEqual([now.stand_in.open, now.offline_since_ms], [1, since]);
    assert.equal(now.stand_in.accepting, false);
    await tell("The gateway is up again and knows what it told. Its cameras know nobody, and it");
    await tell("accepts nothing before it has heard the issuer once: its disk may be an old one.");
    await stage.issuerReturns();
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.inLedger(end))?.captures, 1);
    assert.equal((await stage.receiptOf(gil, end)).amount_minor, 420);
    await stage.leaves(gil);
  },
};

const refused_late: Chapter = {
  title: "the issuer will not have it afterwards: store and shopper are told",
  async play(stage, tell) {
    const hana = await stage.newShopper("Hana Mori", { instrument: "test_insufficient_funds" });
    await stage.walksIn(hana);
    await stage.issuerGoes();
    const sale = await stage.till.comesTo(await buys(stage, hana, tea), "accepted_offline");
    await stage.issuerReturns();
    const end = await stage.till.comesTo(sale, "refused_late");
    assert.equal(end.reason, "insufficient_funds");
    const [late] = (await stage.till.lane("1")).stand_in.refused_late;
    assert.equal(late?.payment, sale.payment);
    const told = await until(
      "the phone is told",
      () =>
        hana.events.find((event) =>
          event.type === "refused_late" && event.refusal.payment === sale.payment
        ),
    );
    assert.equal(told.type === "refused_late" && told.refusal.reason, "insufficient_funds");
    assert.equal((await stage.inLedger(end))?.state, "declined");
    await tell(
      "There is no money. The lane names the sale and the reason; Hana's phone says so too.",
    );
    await stage.leaves(hana);
  },
};

const outlasts: Chapter = {
  title: "a stay outlasts its lease, since nobody can say that it ended; then it is over",
  async play(stage, tell) {
    const ida = await stage.newShopper("Ida Berg");
    const visit = await stage.walksIn(ida);
    await stage.issuerGoes();
    await until(
      "the lease is over",
      async () => (await stage.actor(`visit/${visit}`))?.state === "held_over",
    );
    const sale = await stage.till.comesTo(await buys(stage, ida, tea), "accepted_offline");
    await tell("No phone can renew its lease now. What was reserved holds the stay, and Ida pays.");
    stage.air.forget(ida.phone);
    await stage.issuerReturns();
    await stage.till.comesTo(sale, "captured");
    await until("she is gone", async () => (await stage.actor(`visit/${visit}`))?.state === "left");
    await tell("She went home meanwhile. The issuer, back again, says that her stay is over.");
  },
};

export const offline: Story = {
  name: "OFFLINE",
  title: "The issuer away: sales go on, and are settled when it is back",
  stage: { issuer: ["--allowance", "2000", "--offline-limit", "4000"] },
  chapters: [sells_on, within_limits, recognised, mid_sale, killed, refused_late],
};

/** Apart, since its leases are short. */
export const outlasting: Story = {
  name: "OUTLAST",
  title: "The issuer away for longer than a lease",
  stage: { issuer: ["--lease", "5"] },
  chapters: [outlasts],
};
