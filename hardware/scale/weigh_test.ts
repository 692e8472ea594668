/** A shelf's scale: what was taken and put back, and what is only noise, drift or a hand. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readLine } from "./serial.ts";
import { Weighing, type WeightChange } from "./weigh.ts";

/** Ten readings a second: `[grams, seconds]`, one after the other. */
function weigh(weighing: Weighing, ...stretches: [number, number, boolean?][]): WeightChange[] {
  const changes: WeightChange[] = [];
  for (const [grams, seconds, at_rest = true] of stretches) {
    for (let tick = 0; tick < seconds * 10; tick++) {
      const change = weighing.take({ grams, at_rest, at_ms: clock.now_ms += 100 });
      if (change) changes.push(change);
    }
  }
  return changes;
}
const clock = { now_ms: 0 };
const deltas = (changes: readonly WeightChange[]) => changes.map(({ delta_g }) => delta_g);

Deno.test("a bottle is taken, another put back", () => {
  const weighing = new Weighing();
  assert.deepEqual(deltas(weigh(weighing, [3_000, 2], [2_250, 2], [3_000, 2])), [-750, 750]);
});

Deno.test("a hand that leans on the shelf is no goods", () => {
  const weighing = new Weighing();
  assert.deepEqual(weigh(weighing, [3_000, 2], [4_200, 0.3], [3_600, 0.3], [3_000, 2]), []);
  assert.deepEqual(weigh(weighing, [9_000, 3, false], [3_000, 2]), []);
});

Deno.test("tared, the empty shelf weighs nothing", () => {
  const weighing = new Weighing();
  assert.equal(weighing.tare(), false, "nothing has come to rest yet");
  weigh(weighing, [1_200, 2]);
  assert.equal(weighing.tare(), true);
  const [change] = weigh(weighing, [1_700, 2]);
  assert.equal(change?.weight_g, 500);
});

Deno.test("warmth moves the scale over an hour, and nobody has put anything there", () => {
  const weighing = new Weighing();
  weigh(weighing, [1_000, 2]);
  weighing.tare();
  for (let minute = 1; minute <= 60; minute++) {
    assert.deepEqual(weigh(weighing, [1_000 + minute * 0.5, 60]), []);
  }
  const [change] = weigh(weighing, [1_030 + 400, 2]);
  assert.equal(Math.round(change!.delta_g), 400);
  assert.equal(Math.round(change!.weight_g), 400, "the zero has moved with the scale");
});

Deno.test("noise below the least weight never becomes a change, whatever its order", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true })), (noise) => {
    const weighing = new Weighing();
    weigh(weighing, [500, 2]);
    const changes = noise.flatMap((grams) => weigh(weighing, [500 + grams, 0.5]));
    assert.deepEqual(changes, []);
  }));
});

Deno.test("lines of scales are read, and nothing else is a weight", () => {
  assert.deepEqual(readLine("ST,GS,+  1.234kg\r"), { grams: 1_234, at_rest: true });
  assert.deepEqual(readLine("US,NT,-   12.5 g"), { grams: -12.5, at_rest: false });
  for (const bad of ["OL,GS,+9999999kg", "ST,GS,+kg", "ST,GS,1kg", "", "ST,GS,+1.2.3kg", "\0"]) {
    assert.equal(readLine(bad), undefined, bad);
  }
  fc.assert(fc.property(fc.string(), (line) => {
    const read = readLine(line);
    assert.ok(read === undefined || Number.isFinite(read.grams));
  }));
});
