/** A short store of each kind: nothing is violated, and the same seed tells the same story. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { partsOf } from "./part.ts";
import { faultChoiceOf, faultsOf, planOf } from "./plan.ts";
import { Simulation } from "./simulation.ts";

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));
const run = (seed: number, faults: "all" | "none") =>
  new Simulation({ seed, hours: 0.02, faults, settle, people: 24 }).run();

Deno.test("a good store: all is sold, nothing is violated, and it can be told again", async () => {
  const first = await run(1, "none");
  assert.deepEqual(first.findings, []);
  assert.ok(first.sales > 5, JSON.stringify(first));
  assert.equal(first.payments, first.shoppers);
  assert.deepEqual(await run(1, "none"), first);
});

Deno.test("a bad store: nothing is violated all the same; another seed is another", async () => {
  const [one, other] = [await run(24, "all"), await run(12, "all")];
  for (const result of [one, other]) assert.deepEqual(result.findings, []);
  assert.notEqual(one.hash, other.hash);
  assert.ok(one.ends + other.ends > 0, JSON.stringify(one));
  assert.ok(one.strayed_messages + other.strayed_messages > 0, JSON.stringify([one, other]));
});

Deno.test("only the faults that are named: their strength is drawn, no other strikes", async () => {
  assert.deepEqual(faultChoiceOf("all"), "all");
  assert.deepEqual(faultChoiceOf("none"), "none");
  assert.equal(faultChoiceOf("flaps_per_hour,floods"), undefined);
  const named = faultChoiceOf("second_baskets,flaps_per_hour");
  assert.deepEqual(named, ["flaps_per_hour", "second_baskets"]);
  const plan = planOf(named ?? "none", chanceOf("a day"));
  assert.equal(faultsOf(plan), "flaps_per_hour second_baskets");
  const options = { seed: 2, hours: 0.02, settle, people: 24 };
  const result = await new Simulation({ ...options, faults: named ?? "none" }).run();
  assert.deepEqual(result.findings, []);
  assert.equal(result.ends + result.issuer_crashes + result.strayed_messages, 0);
});

Deno.test("a store that talks over HTTP sells as well", async () => {
  const options = { seed: 3, hours: 0.01, faults: "all" as const, settle, people: 24 };
  const result = await new Simulation({ ...options, wire: "http" }).run();
  assert.deepEqual(result.findings, []);
  assert.ok(result.sales > 0, JSON.stringify(result));
});

Deno.test("a long run is several stores, whose seeds follow from its own", () => {
  const run = { seed: "7", hours: 120, faults: "all", wire: "direct" } as const;
  const parts = partsOf(run).map(({ seed, hours }) => [seed, hours]);
  assert.deepEqual(parts, [["7", 52], ["7.1", 52], ["7.2", 16]]);
  assert.deepEqual(partsOf({ ...run, hours: 4 }).map(({ seed }) => seed), ["7"]);
});

Deno.test("a run up to a turn is the beginning of the whole", async () => {
  const lines: string[] = [];
  const trace = (line: string) => void lines.push(line);
  const options = { seed: 8, hours: 0.02, faults: "all" as const, settle, people: 12 };
  const part = await new Simulation({ ...options, until: 80, trace }).run();
  const whole: string[] = [];
  await new Simulation({ ...options, until: 100, trace: (line) => void whole.push(line) }).run();
  assert.ok(part.turns >= 80 && lines.length > 30);
  assert.deepEqual(whole.slice(0, lines.length), lines);
});
