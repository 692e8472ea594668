/** What a display shows beside what somebody holds: caps, consent, and how each look ends. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { arrives, type Shop, shop } from "./testing/shop.ts";

const policy = { show_ms: 30_000, per_shopper: 2, per_display: 3, within_ms: 600_000 };
const soup = { content: "soup", personal: false, similarity: 0.6, entity: "ingredient/tomato" };
const offer = { content: "offer", personal: true, similarity: 0.9, entity: "gtin/x" };
const salad = { ...soup, content: "salad", similarity: 0.4 };

function hall(changes: Partial<typeof policy> = {}): Shop {
  const at = shop();
  const told = { ...policy, ...changes };
  at.post("display/hall", { type: "store.display_configured", languages: ["en"], policy: told });
  return at;
}

/** Somebody holds a product before it, and this goes with it. */
function looks(at: Shop, choices: readonly typeof soup[], visit: string | null = null): void {
  assert.ok(at.post("display/hall", { type: "shopper.looked_at", gtin: "g", visit }));
  const asked = at.asked().find(({ type }) => type === "content.choose");
  assert.ok(asked?.type === "content.choose");
  assert.deepEqual([asked.display, asked.gtin, asked.languages], ["hall", "g", ["en"]]);
  at.post("display/hall", { type: "content.chosen", look: asked.look, choices });
}
const shown = (at: Shop) => (at.context("display/hall")["shown"] as typeof soup | null)?.content;
const leftOut = (at: Shop) => at.context("display/hall")["left_out"];
const toPhone = (at: Shop) => at.asked().filter(({ type }) => type === "issuer.show_content");

Deno.test("the best that goes with it is shown for a while, and then nothing", () => {
  const at = hall();
  looks(at, [soup, salad]);
  assert.equal(at.state("display/hall"), "showing");
  assert.equal(shown(at), "soup");
  assert.equal(at.context("display/hall")["agreed"], false);
  at.pass(policy.show_ms);
  assert.equal(at.state("display/hall"), "idle");
  assert.equal(at.context("display/hall")["subject"], null);
});

Deno.test("nobody's personal offer is shown to somebody unknown", () => {
  const at = hall();
  looks(at, [offer, soup]);
  assert.equal(shown(at), "soup");
  assert.deepEqual(leftOut(at), [{ content: "offer", reason: "not_agreed" }]);
  looks(at, [offer]);
  assert.equal(shown(at), undefined);
  assert.equal(at.state("display/hall"), "showing");
});

Deno.test("who agreed to offers is shown the offer, here and on the phone", () => {
  const at = hall();
  arrives(at, "ada", { offers: true });
  looks(at, [offer, soup], "ada");
  assert.equal(shown(at), "offer");
  assert.deepEqual(toPhone(at), [{
    type: "issuer.show_content",
    visit: "ada",
    gtin: "g",
    picked: false,
    content: "offer",
    entity: "gtin/x",
    personal: true,
  }]);
});

Deno.test("who did not agree sees what everybody sees, and the issuer hears of nothing", () => {
  const at = hall();
  arrives(at, "ada");
  looks(at, [offer, soup], "ada");
  assert.equal(shown(at), "soup");
  assert.deepEqual(toPhone(at), []);
});

Deno.test("a visit that is not there, or says nothing, has not agreed", () => {
  const at = hall();
  looks(at, [offer, soup], "nobody");
  assert.equal(at.state("display/hall"), "awaiting_consent");
  at.pass(limits.consent_timeout_ms);
  assert.equal(shown(at), "soup");
  assert.deepEqual(toPhone(at), []);
});

Deno.test("a shopper who has gone is offered nothing any more", () => {
  const at = hall();
  arrives(at, "ada", { offers: true });
  at.pass(595_000);
  assert.equal(at.state("visit/ada"), "fading");
  looks(at, [offer, soup], "ada");
  assert.equal(shown(at), "soup");
});

Deno.test("nobody is shown the same more often than the store says, others still are", () => {
  const at = hall();
  for (const visit of ["ada", "bob"]) arrives(at, visit, { offers: true });
  for (const expected of ["soup", "soup", "salad"]) {
    looks(at, [soup, salad], "ada");
    assert.equal(shown(at), expected);
  }
  assert.deepEqual(leftOut(at), [{ content: "soup", reason: "shown_to_shopper" }]);
  looks(at, [soup, salad], "bob");
  assert.equal(shown(at), "soup");
});

Deno.test("a display shows the same so often within a time, and again after it", () => {
  const at = hall();
  for (let look = 0; look < policy.per_display; look++) looks(at, [soup]);
  looks(at, [soup]);
  assert.equal(shown(at), undefined);
  assert.deepEqual(leftOut(at), [{ content: "soup", reason: "shown_here" }]);
  at.pass(policy.within_ms);
  looks(at, [soup]);
  assert.equal(shown(at), "soup");
});

Deno.test("the latest look counts, and an answer to an earlier one changes nothing", () => {
  const at = hall();
  at.post("display/hall", { type: "shopper.looked_at", gtin: "one", visit: null });
  at.post("display/hall", { type: "shopper.looked_at", gtin: "two", visit: null });
  assert.equal(at.post("display/hall", { type: "content.chosen", look: 1, choices: [soup] }), true);
  assert.equal(at.state("display/hall"), "choosing");
  at.post("display/hall", { type: "content.chosen", look: 2, choices: [salad] });
  assert.equal(shown(at), "salad");
  at.post("display/hall", { type: "visit.offers_answered", look: 1, agreed: true });
  assert.equal(at.context("display/hall")["agreed"], false);
});

Deno.test("a look that nothing answers ends with the product alone", () => {
  const at = hall();
  at.post("display/hall", { type: "shopper.looked_at", gtin: "one", visit: null });
  at.pass(limits.choice_timeout_ms);
  assert.equal(at.state("display/hall"), "showing");
  assert.equal(shown(at), undefined);
});

Deno.test("what a cart picks is looked at as well, and said to be picked", () => {
  const at = hall();
  at.post("display/hall", { type: "cart.item_picked", gtin: "one", visit: null });
  assert.equal((at.context("display/hall")["subject"] as { picked: boolean }).picked, true);
});

Deno.test("more choices than a display weighs are not kept, nor more showings", () => {
  const at = hall({ per_display: 1_000, within_ms: 86_400_000 });
  for (let look = 0; look < limits.showings + 10; look++) looks(at, Array(20).fill(soup));
  const { choices, showings } = at.context("display/hall") as Record<string, unknown[]>;
  assert.equal(choices?.length, limits.choices);
  assert.equal(showings?.length, limits.showings);
});
