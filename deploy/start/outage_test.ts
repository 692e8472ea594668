/** When the issuer of a demonstration is away. */
import assert from "node:assert/strict";
import { outageOf } from "./outage.ts";

Deno.test("a store loses its issuer for a minute, a short one for a sixth of it or never", () => {
  assert.deepEqual(outageOf(undefined), { after_ms: 120_000, lasts_ms: 60_000 });
  assert.deepEqual(outageOf(3_600_000), { after_ms: 1_440_000, lasts_ms: 60_000 });
  assert.deepEqual(outageOf(60_000), { after_ms: 24_000, lasts_ms: 10_000 });
  assert.equal(outageOf(30_000), undefined);
});
