/** Several who shop as one cart, and do not leave together. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import { SmallShop } from "./testing.ts";

const later = beliefs.grace_ms / 1_000 + 2;

Deno.test("who comes in after the first of the group has left goes on with its cart", () => {
  // Before and after it is thought of who was there when she left.
  for (const seconds of [5, 13]) {
    const shop = new SmallShop();
    shop.enter("anna", 0, 0);
    shop.move("tea", -300, "anna");
    shop.leave("anna");
    shop.wait(seconds);
    const cart = "anna";
    shop.carts.take({ type: "shopper.entered", cart, track: "t-ben", at_ms: shop.now_ms });
    shop.stand("ben", 6, 0);
    shop.wait(beliefs.grace_ms / 1_000);
    assert.deepEqual(shop.closed, []);
    shop.move("oil", -820, "ben");
    shop.leave("ben");
    shop.leave("anna", 1_120);
    shop.wait(later);
    assert.deepEqual(shop.closed.map(({ outcome }) => outcome), ["certain"]);
    assert.deepEqual(shop.held("anna"), { "20000001": 1, "20000003": 1 });
  }
});
