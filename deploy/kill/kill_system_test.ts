/** A gateway that is killed under load again and again loses no sale and charges nobody twice. */
import assert from "node:assert/strict";
import { killTest } from "./run.ts";
import { isClean } from "./verdict.ts";

Deno.test("killed ten times under load, nothing is lost, doubled or stuck", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kill-" });
  try {
    const report = await killTest({ kills: 10, seed: "short", folder, print: () => {} });
    assert.ok(isClean(report), JSON.stringify(report, undefined, 2));
    assert.ok(report.captured >= 5, "money moved between the kills");
    assert.ok(report.answers > report.sales);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
