/** S6: the templates of those in range reach the gateway, the operator chooses among those whom the
 * camera knows, the charge is receipted on lane and phone, and given back where it was wrong. */
import assert from "node:assert/strict";
import { sleep, until } from "./waiting.ts";
import { type Chapter, euros, type Story } from "./story.ts";

const tea = { name: "Tea", amount_minor: 420 };
const cup = { name: "Cup", amount_minor: 1_580 };

const chosen: Chapter = {
  title: "the operator chooses among those who are here, and nobody else is known",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    const away = await stage.newShopper("Ben Ode");
    const visit = await stage.walksIn(ana);
    stage.stands("1", away);
    const sale = await stage.till.ringsUp("1", [tea, cup]);
    await sleep(300);
    assert.equal((await stage.till.look(sale)).state, "awaiting_candidates");
    await tell("Ben enrolled and has not checked in: to the camera he is a stranger.");
    stage.stands("1", ana);
    const seen = await stage.till.comesTo(sale, "awaiting_selection");
    assert.deepEqual(seen.candidates, [{ visit, initials: "AS", first_name: "Ana" }]);
    await tell("Ana steps up. The operator sees her initials and first name, and taps.");
    await stage.till.taps(sale, ana);
    const end = await stage.till.comesTo(sale, "captured");
    const receipt = await stage.receiptOf(ana, end);
    assert.equal(receipt.receipt, end.receipt);
    assert.equal(receipt.amount_minor, 2_000);
    const payment = await stage.actor(`payment/${sale.payment}`);
    assert.equal(payment?.context["operator"], "olga");
    await tell(`Lane and phone have the same receipt, over ${euros(2_000)}; who tapped is kept.`);
  },
};

const taken_by_itself: Chapter = {
  title: "an automatic lane takes the one who is identified, and wipes who has left",
  async play(stage, tell) {
    const cem = await stage.newShopper("Cem Kaya");
    const visit = await stage.walksIn(cem);
    stage.stands("2", cem);
    const first = await stage.till.ringsUp("2", [tea]);
    await stage.till.comesTo(first, "captured");
    await stage.leaves(cem);
    await until(
      "the store knows",
      async () => (await stage.actor(`visit/${visit}`))?.state === "left",
    );
    const second = await stage.till.ringsUp("2", [tea]);
    await sleep(400);
    assert.equal((await stage.till.look(second)).state, "awaiting_candidates");
    await stage.till.decide(second, "cancellation", { operator: "olga" });
    await tell("Cem pays by standing there, checks out, and the camera knows him no more.");
  },
};

const turned: Chapter = {
  title: "whom the camera takes for a film, perhaps, turns the head as the lane's display asks",
  async play(stage, tell) {
    const fay = await stage.newShopper("Fay Nor");
    await stage.walksIn(fay);
    stage.maybeFilmed("2", fay);
    const sale = await stage.till.comesTo(await stage.till.ringsUp("2", [tea]), "awaiting_turn");
    assert.equal(await stage.inLedger(sale), undefined);
    await tell("Fay holds still. The camera knows her, and cannot tell that she is no film.");
    await stage.turnsHead("2");
    await stage.till.comesTo(sale, "captured");
    const payment = await stage.actor(`payment/${sale.payment}`);
    const { turns, liveness } = payment?.context["evidence"] as Record<string, unknown>;
    assert.deepEqual([turns, liveness], [3, "passed"]);
    stage.stands("2", null);
    await tell("Three times she turns to the side that the arrow shows, and pays. It is evidence.");
  },
};

const film: Chapter = {
  title: "a film of somebody who is here turns to the wrong side, three times, and buys nothing",
  async play(stage, tell) {
    const gil = await stage.newShopper("Gil Amos");
    await stage.walksIn(gil);
    stage.maybeFilmed("2", gil);
    let sale = await stage.till.comesTo(await stage.till.ringsUp("2", [tea]), "awaiting_turn");
    while (sale.outcome === null) {
      await stage.turnsHead("2", true);
      await sleep(100);
      sale = await stage.till.look(sale);
    }
    assert.deepEqual([sale.state, sale.reason], ["cancelled", "turn_failed"]);
    assert.equal(await stage.inLedger(sale), undefined);
    await tell("Gil is at the shelves, his film is at the till. It knows nothing of the arrow.");
  },
};

const refunds: Chapter = {
  title: "money is given back in parts, once each, and never more than was taken",
  async play(stage, tell) {
    const dora = await stage.newShopper("Dora Lang");
    await stage.walksIn(dora);
    stage.stands("1", dora);
    const sale = await stage.till.ringsUp("1", [tea, cup]);
    await stage.till.taps(sale, dora);
    await stage.till.comesTo(sale, "captured");
    const ask = (service_id: string, amount_minor?: number) =>
      stage.till.refund(sale, {
        service_id,
        amount_minor,
        operator: "olga",
        reason: "cup is cracked",
      });
    const part = await ask("r1", 1_580);
    assert.equal(part.outcome, "refunded");
    assert.equal((await ask("r1", 1_580)).refund, part.refund);
    await tell("The cup is cracked: 15.80 EUR go back. The till asks twice, and it is one refund.");
    const more = await ask("r2", 421);
    assert.deepEqual([more.outcome, more.reason], ["refused", "more_than_captured"]);
    assert.equal((await ask("r3", 420)).outcome, "refunded");
    assert.equal((await stage.inLedger(sale))?.refunded_minor, 2_000);
    assert.equal((await ask("r4")).reason, "more_than_captured");
    await tell("One cent too much is refused; the rest goes back; then nothing is left.");
    await until("the phone has both", () => {
      const back = dora.events.filter((event) =>
        event.type === "receipt" && event.receipt.refund !== null
      );
      return back.length === 2;
    });
    const books = await stage.reconciled();
    assert.deepEqual(books.differences, []);
    assert.ok(books.payments > 0);
    await tell("Her phone has a receipt for each. The gateway's book and the issuer's agree.");
  },
};

const kept: Chapter = {
  title: "what cannot be given back says why",
  async play(stage, tell) {
    const emil = await stage.newShopper("Emil Roth", { instrument: "test_refund_refused" });
    await stage.walksIn(emil);
    stage.stands("1", emil);
    const sale = await stage.till.ringsUp("1", [tea]);
    const request = { service_id: "r1", operator: "olga", reason: "changed his mind" };
    assert.match(await stage.till.refundRefused(sale, request), /only a captured one/);
    await stage.till.taps(sale, emil);
    await stage.till.comesTo(sale, "captured");
    const back = await stage.till.refund(sale, request);
    assert.deepEqual([back.outcome, back.reason], ["refused", "account_closed"]);
    assert.equal((await stage.inLedger(sale))?.refunded_minor, 0);
    await tell("Emil's account is closed: the lane is told so, and the books stay as they were.");
  },
};

export const face: Story = {
  name: "S6",
  title: "Face checkout",
  chapters: [chosen, taken_by_itself, turned, film, refunds, kept],
};
