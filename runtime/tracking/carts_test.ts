/** What a walk-out cart holds after what happened in the shop, and when a person must look. */
import assert from "node:assert/strict";
import { limits } from "../limits.ts";
import { beliefs } from "./beliefs.ts";
import { planogramOf } from "./planogram.ts";
import { products, SmallShop } from "./testing.ts";

const later = beliefs.grace_ms / 1_000 + 2;

Deno.test("carts: what is taken is in the cart, with what was seen", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  shop.move("tea", -300, "anna");
  shop.leave("anna");
  shop.wait(later);
  const [closed] = shop.closed;
  assert.equal(closed?.outcome, "certain");
  assert.deepEqual(shop.held("anna"), { "20000001": 1 });
  const [evidence] = closed!.lines[0]!.evidence;
  assert.equal(evidence?.plate, "tea");
  assert.ok(Math.abs(evidence!.delta_g + 300) < 1);
  assert.deepEqual(evidence?.actors.map(({ cart, reached }) => ({ cart, reached })), [
    { cart: "anna", reached: true },
  ]);
});

Deno.test("carts: what is put back is out again, on its plate or on another", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  shop.move("tea", -500, "anna");
  shop.move("tea", -600, "anna");
  shop.move("tea", 500, "anna");
  shop.stand("anna", 6, 0);
  shop.move("oil", 300, "anna");
  shop.leave("anna");
  shop.wait(later);
  assert.equal(shop.closed[0]?.outcome, "certain");
  assert.deepEqual(shop.held("anna"), { "20000001": 1 });
});

Deno.test("carts: a hand tells two people at one plate apart", () => {
  const shop = new SmallShop();
  shop.enter("anna", -0.3, 0);
  shop.enter("ben", 0.3, 0);
  shop.move("tea", -500, "ben");
  shop.leave("anna");
  shop.leave("ben");
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  assert.deepEqual(shop.closed.map(({ outcome }) => outcome), ["certain", "certain"]);
  assert.deepEqual([shop.held("anna"), shop.held("ben")], [{}, { "20000002": 1 }]);
});

Deno.test("carts: where no hand was seen the bags at the exit decide", () => {
  const shop = new SmallShop();
  shop.enter("anna", -0.3, 0);
  shop.enter("ben", 0.3, 0);
  shop.move("tea", -500);
  shop.leave("anna", 500);
  shop.leave("ben", 0);
  shop.wait(later);
  assert.deepEqual(shop.closed.map(({ outcome }) => outcome), ["certain", "certain"]);
  assert.deepEqual([shop.held("anna"), shop.held("ben")], [{ "20000002": 1 }, {}]);
});

Deno.test("carts: whoever puts it back had taken it", () => {
  const shop = new SmallShop();
  shop.enter("anna", -0.3, 0);
  shop.enter("ben", 0.3, 0);
  shop.move("tea", -500);
  shop.stand("ben", 6, 0);
  shop.move("oil", 500, "ben");
  shop.leave("anna");
  shop.leave("ben");
  shop.wait(later);
  assert.deepEqual([shop.held("anna"), shop.held("ben")], [{}, {}]);
});

Deno.test("carts: what nothing decides goes to a person at the deadline, with both ways", () => {
  const shop = new SmallShop();
  shop.enter("anna", -0.3, 0);
  shop.enter("ben", 0.3, 0);
  shop.move("tea", -500);
  shop.leave("anna");
  shop.leave("ben");
  shop.wait(later);
  assert.equal(shop.closed.length, 0, "the carts wait for more evidence");
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  assert.deepEqual(shop.closed.map(({ outcome, why }) => [outcome, why]), [
    ["review", "ambiguous"],
    ["review", "ambiguous"],
  ]);
  for (const { alternatives } of shop.closed) {
    assert.deepEqual(
      alternatives.slice(0, 2).map(({ units }) => JSON.stringify(units)).sort(),
      ['{"20000002":1}', "{}"],
    );
  }
});

Deno.test("carts: counts of what is left tell two of one from one of another", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  // Light packages of 300 g and a heavy one of 500 g: two of the one, or one of the other?
  shop.move("tea", -552, "anna");
  shop.leave("anna");
  for (let look = 0; look < 6; look++) {
    shop.count("tea", { "20000001": 6, "20000002": 8 });
    shop.wait(4);
  }
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  const [closed] = shop.closed;
  assert.notDeepEqual(shop.held("anna"), { "20000002": 1 });
  assert.equal(closed?.lines.length === 0 || closed?.lines[0]?.gtin === "20000001", true);
});

Deno.test("carts: two hands take two packages, one hand takes the one that is as heavy", () => {
  // A pack of 500 g beside wafers of 250 g.
  const sold = [...products, { gtin: "20000004", unit_g: 250, deviation_g: 4 }];
  const shelf = { id: "tea", x_m: 0, y_m: 0, stock: { "20000002": 8, "20000004": 8 } };
  for (const [hands, held] of [[1, { "20000002": 1 }], [2, { "20000004": 2 }]] as const) {
    const shop = new SmallShop(sold, [shelf]);
    shop.enter("anna", 0, 0);
    if (hands === 2) shop.reach("tea", "anna");
    shop.move("tea", -500, "anna");
    shop.leave("anna");
    shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
    assert.deepEqual(shop.held("anna"), held);
  }
});

Deno.test("carts: nobody takes from two plates within a second: a hand was another's", () => {
  const shelves = [
    { id: "low", x_m: 0, y_m: 0, stock: { "20000001": 8 } },
    { id: "high", x_m: 0, y_m: 0, stock: { "20000003": 8 } },
  ];
  for (const [seconds, outcome] of [[1, "review"], [3, "certain"]] as const) {
    const shop = new SmallShop(products, shelves);
    shop.enter("anna", -0.2, 0);
    shop.enter("ben", 0.2, 0);
    shop.move("low", -300, "anna", seconds);
    shop.move("high", -820, "anna");
    shop.leave("anna");
    shop.leave("ben");
    shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
    assert.deepEqual(shop.closed.map((closed) => closed.outcome), [outcome, outcome]);
  }
});

Deno.test("carts: what is taken may lie there again before the plate has rested", () => {
  const shop = new SmallShop();
  shop.enter("anna", -0.3, 0);
  shop.enter("ben", 0.3, 0);
  shop.move("tea", -500, "anna", 0.9);
  shop.move("tea", -300, "ben", 0.9);
  shop.move("tea", 500, "anna");
  shop.leave("anna");
  shop.leave("ben");
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  assert.deepEqual([shop.held("anna"), shop.held("ben")], [{}, { "20000001": 1 }]);
});

Deno.test("carts: a bag much lighter than its cart goes to a person", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  shop.move("tea", -500, "anna");
  shop.leave("anna", 0);
  shop.wait(later);
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  assert.deepEqual(shop.closed.map(({ outcome }) => outcome), ["review"]);
});

Deno.test("carts: a bag is held against the cart that is likeliest in the end", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  shop.enter("ben", 0.62, 0);
  // Ben takes both, and twice his hand is taken for Anna's.
  shop.move("tea", -500, "anna");
  shop.move("tea", -300, "anna");
  shop.leave("anna", 0);
  shop.wait(later);
  assert.equal(shop.carts.preview("anna")!.lines.length, 2, "her empty bag is no proof yet");
  shop.leave("ben", 800);
  shop.wait(later);
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  assert.deepEqual(shop.closed.map(({ outcome }) => outcome), ["certain", "certain"]);
  assert.deepEqual(shop.held("anna"), {});
});

Deno.test("carts: leaning on a plate changes nothing", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  shop.carts.take({ type: "plate.weighed", plate: "tea", weight_g: 5_200, at_ms: shop.now_ms });
  shop.wait(3);
  shop.leave("anna");
  shop.wait(later);
  assert.deepEqual(shop.held("anna"), {});
});

Deno.test("carts: a plate that is not in the planogram is refused by name", () => {
  const shop = new SmallShop();
  assert.throws(
    () => shop.carts.take({ type: "plate.weighed", plate: "rice", weight_g: 1, at_ms: 1 }),
    { kind: "not_found", message: "there is no plate rice: name it in the planogram" },
  );
});

Deno.test("carts: a tracker that names everybody anew is told so, and fills no memory", () => {
  const shop = new SmallShop();
  const see = (track: string, at_ms: number) =>
    shop.carts.take({ type: "person.seen", track, x_m: 1, y_m: 1, at_ms });
  const at_ms = shop.now_ms;
  // Far apart, so that nobody meets anybody.
  for (let one = 0; one < limits.tracks; one++) {
    shop.carts.take({
      type: "person.seen",
      track: `t${one}`,
      x_m: one % 9_000,
      y_m: one / 9,
      at_ms,
    });
  }
  assert.throws(() => see("one-more", at_ms), { kind: "overloaded" });
  see("t7", at_ms + 1);
  shop.carts.advance(at_ms + 120_000);
  see("one-more", at_ms + 120_000);
});

Deno.test("planogram: two products that no scale can tell apart are refused by name", () => {
  assert.throws(
    () =>
      planogramOf(
        [...products, { gtin: "20000004", unit_g: 305, deviation_g: 3 }],
        [{ id: "tea", x_m: 0, y_m: 0, stock: { "20000001": 1, "20000004": 1 } }],
        beliefs.scale_deviation_g,
      ),
    {
      kind: "config_invalid",
      message: "plate tea holds 20000001 and 20000004, which weigh the same: " +
        "move one to another plate",
    },
  );
});

Deno.test("a cart that an earlier tracker left goes on with what it held", () => {
  const shop = new SmallShop();
  const seen = { plate: "tea", began_ms: 1, settled_ms: 2, delta_g: -300, actors: [] };
  const lines = [{ gtin: "20000001", units: 2, confidence: 0.98, evidence: [seen] }];
  assert.equal(shop.carts.resume("ana", lines, shop.now_ms), true);
  shop.enter("ana", 0, 0);
  assert.deepEqual(shop.carts.preview("ana")?.lines, [{ ...lines[0], confidence: 1 }]);
  assert.deepEqual([...shop.carts.levels.keys()].sort(), ["oil", "tea"]);
  const strange = [{ gtin: "29999999", units: 1, confidence: 1, evidence: [] }];
  assert.equal(shop.carts.resume("ben", strange, shop.now_ms), false);
  assert.equal(shop.carts.preview("ben"), undefined);
});

Deno.test("what was seen before a restart is still there when its cart closes long after", () => {
  const shop = new SmallShop();
  const at_ms = shop.now_ms - 60_000;
  const seen = { plate: "tea", began_ms: at_ms, settled_ms: at_ms + 2, delta_g: -300, actors: [] };
  const lines = [{ gtin: "20000001", units: 2, confidence: 0.98, evidence: [seen] }];
  shop.carts.resume("ana", lines, shop.now_ms);
  shop.enter("ana", 0, 0);
  shop.wait(130);
  assert.deepEqual(shop.carts.preview("ana")?.lines[0]?.evidence, [seen]);
});

Deno.test("a change that comes when too much waits is refused whole, and found out later", () => {
  const shop = new SmallShop();
  shop.enter("anna", 0, 0);
  const at_ms = shop.now_ms;
  for (let one = 0; one < limits.waiting_changes; one++) {
    const count_ms = at_ms + one / limits.waiting_changes;
    shop.carts.take({
      type: "plate.counted",
      plate: "oil",
      counts: { "20000003": 8 },
      at_ms: count_ms,
    });
  }
  shop.carts.take({ type: "hand.reached", track: "t-anna", plate: "tea", at_ms });
  const weigh = (after_ms: number) =>
    shop.carts.take({
      type: "plate.weighed",
      plate: "tea",
      weight_g: 4_700,
      at_ms: at_ms + after_ms,
    });
  assert.throws(() => {
    for (let after_ms = 100; after_ms < 3_000; after_ms += 100) weigh(after_ms);
  }, { kind: "overloaded" });
  shop.carts.advance(at_ms + 2 * beliefs.lag_ms);
  shop.move("tea", -300);
  shop.leave("anna");
  shop.wait(later);
  shop.carts.advance(shop.now_ms + beliefs.deadline_ms);
  assert.deepEqual(shop.held("anna"), { "20000001": 1 });
});
