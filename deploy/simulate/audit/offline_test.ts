/** The book of the time without the issuer: each rule is broken once, and found. */
import assert from "node:assert/strict";
import { OfflineBook } from "./offline.ts";

const day_ms = 86_400_000;
const here = { gateway: "g-1", store: "s-1" };

/** As the issuer signs it; nobody looks at the signature here. */
function signed(jti: string, part: Readonly<Record<string, unknown>> = {}): string {
  const claims = { jti, aud: here.gateway, store: here.store, account: "anna", check_in: "c-1" };
  return `h.${btoa(JSON.stringify({ ...claims, amount_minor: 500, exp: 60, ...part }))}.s`;
}

function book(limit_minor = 1_000) {
  const found: string[] = [];
  let now_ms = 0;
  const offline = new OfflineBook(
    (rule) => void found.push(rule),
    () => now_ms,
    limit_minor,
    () => 1_000,
    here,
  );
  const accept = (payment: string, allowance: string, part: Record<string, unknown> = {}) =>
    offline.accepted({
      position: 1,
      key: payment,
      from: `payment/${payment}`,
      at_ms: Number(part["at_ms"] ?? 10_000),
      command: {
        type: "issuer.forward",
        payment,
        allowance,
        visit: "c-1",
        amount_minor: 500,
        ...part,
      },
    });
  return { found, offline, accept, pass: (ms: number) => void (now_ms += ms) };
}

Deno.test("sold against what was reserved, and charged: not complained of", () => {
  const { found, offline, accept } = book();
  offline.told([signed("a"), signed("b")]);
  accept("p", "a");
  accept("q", "b");
  offline.charged("p");
  offline.charged("q");
  assert.deepEqual(found, []);
  assert.equal(offline.count, 2);
});

Deno.test("an allowance is used once, and charged once whatever an old disk forgot", () => {
  const { found, offline, accept } = book();
  offline.told([signed("a")]);
  accept("p", "a");
  accept("p", "a");
  assert.deepEqual(found, []);
  accept("q", "a");
  assert.deepEqual(found.splice(0), ["an allowance is used once"]);
  offline.restored();
  accept("r", "a");
  assert.deepEqual(found, []);
  offline.charged("p");
  offline.charged("p");
  assert.deepEqual(found, []);
  offline.charged("r");
  assert.deepEqual(found, ["an allowance is charged once"]);
});

Deno.test("an allowance is for one visit, amount, time and place, and signed by somebody", () => {
  const { found, offline, accept } = book();
  offline.told([signed("a")]);
  accept("p", "unknown");
  accept("p", "a", { visit: "c-2" });
  accept("p", "a", { amount_minor: 501 });
  accept("p", "a", { at_ms: 61_001 });
  assert.deepEqual(found.splice(0), Array(4).fill("sold within what is reserved"));
  offline.told([signed("x", { aud: "g-2" })]);
  offline.told([signed("y", { store: "s-2", account: "ben" })]);
  assert.deepEqual(found.splice(0), Array(2).fill("an allowance is for one place"));
  offline.told([signed("a", { amount_minor: 900 })]);
  assert.deepEqual(found, ["an allowance stays what it is"]);
});

Deno.test("no more is reserved than the limit; what is given back or old is not counted", () => {
  const { found, offline, pass } = book();
  offline.told([signed("a"), signed("b"), signed("a")]);
  assert.deepEqual(found, []);
  offline.told([signed("c")]);
  assert.deepEqual(found.splice(0), ["no more is reserved than the limit"]);
  offline.freed(["a"]);
  offline.brought(signed("b"));
  offline.told([signed("d")]);
  assert.deepEqual(found, []);
  pass(60_000 + day_ms);
  offline.told([signed("e", { exp: 200_000 }), signed("f", { exp: 200_000 })]);
  assert.deepEqual(found, []);
});
