/** The noise of a walk-out store stays as it was when the tracker was written against it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { behaviour, goods, hands, harder, scale, tracker } from "./noise.ts";

const text = Deno.readTextFileSync(new URL("noise.ts", import.meta.url));

Deno.test("noise: the figures are those that the tracker was written against", () => {
  assert.equal(
    createHash("sha256").update(text).digest("hex"),
    "14a317bb9b534fccb60a80176eb0b814c352e1b9ca6fe4414550f9827c474378",
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
