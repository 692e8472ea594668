/** The noise of a walk-out store stays as it was when the tracker was written against it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lawful, madeFor } from "./crowding.ts";
import { behaviour, first, goods, hands, harder, scale, tracker } from "./noise.ts";

const text = Deno.readTextFileSync(new URL("noise.ts", import.meta.url));

Deno.test("noise: the figures are those that the tracker was written against", () => {
  assert.equal(
    createHash("sha256").update(text).digest("hex"),
    "a66fa56f4c83f4712831d8a999663f88d74f4410b2852e9928500603371802eb",
    "the noise model is frozen: improve the tracker, or begin a new model with a new evaluation",
  );
});

Deno.test("noise: it takes nothing from the tracker, or from anything else", () => {
  assert.doesNotMatch(text, /^import|import\(/m);
});

Deno.test("noise: shares are shares, and the harder store is harder", () => {
  for (const share of [tracker.recall, hands.right_share, behaviour.put_back_share]) {
    assert.ok(share > 0 && share < 1);
  }
  assert.ok(Math.abs(behaviour.units.reduce<number>((sum, share) => sum + share, 0) - 1) < 1e-9);
  assert.ok(harder.wrong_identity_share > tracker.wrong_identity_share);
  assert.ok(harder.look_right_share < tracker.look_right_share);
  assert.ok(scale.sample_noise_g < scale.repeatability_g);
  const bounds = goods.tolerable_negative_error.map(([bound]) => bound);
  assert.deepEqual(bounds, bounds.toSorted((a, b) => a - b));
});

Deno.test("noise: a store is made for its busiest hour, and what stood first was unlawful", () => {
  assert.equal(madeFor(50.7), 4);
  assert.equal(lawful(50.7), 9);
  assert.ok(first.people > lawful(50.7));
  assert.equal(madeFor(282.5), 11);
});
