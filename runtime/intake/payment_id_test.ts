/** A POS's own identifiers name the payment: across midnight the same one, and never another's. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { nodeVault } from "../vault/node.ts";
import { paymentIds } from "./payment_id.ts";
import { lateEvening_ms } from "./testing.ts";

const pos = { poi_id: "till-7", sale_id: "front", service_id: "A1" };
const hour_ms = 3_600_000;

Deno.test("an id says its day and its try", () => {
  const [today, ...before] = paymentIds(nodeVault, pos, lateEvening_ms);
  assert.match(today!, /^20260921\.A1\.[0-9a-f]{16}$/);
  assert.deepEqual(before.map((id) => id.slice(0, 8)), ["20260920", "20260919"]);
});

Deno.test("within 48 hours the first id is always among those looked for", () => {
  const [opened] = paymentIds(nodeVault, pos, lateEvening_ms);
  for (const hours of [0, 1, 24, 47, 48]) {
    const known = paymentIds(nodeVault, pos, lateEvening_ms + hours * hour_ms);
    assert.ok(known.includes(opened!), `after ${hours} h`);
  }
  const later = paymentIds(nodeVault, pos, lateEvening_ms + 73 * hour_ms);
  assert.ok(!later.includes(opened!), "the POS may use its number again");
});

Deno.test("two tries share no id, whatever characters they hold", () => {
  const text = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 30 });
  const identifiers = fc.record({ poi_id: text, sale_id: text, service_id: text });
  fc.assert(fc.property(identifiers, identifiers, (one, other) => {
    const [first] = paymentIds(nodeVault, one, lateEvening_ms);
    const [second] = paymentIds(nodeVault, other, lateEvening_ms);
    assert.match(first!, /^[A-Za-z0-9_.-]{1,80}$/);
    const same = JSON.stringify(Object.values(one)) === JSON.stringify(Object.values(other));
    assert.equal(first === second, same);
  }));
  const split = (poi_id: string, sale_id: string) =>
    paymentIds(nodeVault, { poi_id, sale_id, service_id: "1" }, lateEvening_ms)[0];
  assert.notEqual(split("ab", "c"), split("a", "bc"));
});
