/**
 * The gallery against its plain twin. A short attack by default; `deno task attack` runs the long
 * one, ten million scores from other seeds.
 */
import assert from "node:assert/strict";
import { attack } from "./attack.ts";

const comparisons = Number(Deno.args[0] ?? 100_000);
const seed = Number(Deno.args[1] ?? 1);

Deno.test("no template, probe, size or k makes the gallery differ from its twin", () => {
  const result = attack(seed, comparisons);
  assert.deepEqual(result.differences.slice(0, 5), []);
  assert.ok(result.comparisons >= comparisons);
  if (Deno.args.length > 0) {
    console.log(
      `${result.comparisons} scores in ${result.searches} searches: 0 differences`,
    );
  }
});
