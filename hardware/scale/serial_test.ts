/** Lines that scales send, and everything that is none. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readLine, TareKeeper } from "./serial.ts";

Deno.test("lines of scales are read, and nothing else is a weight", () => {
  assert.deepEqual(readLine("ST,GS,+  1.234kg\r"), {
    grams: 1_234,
    at_rest: true,
    net: false,
  });
  assert.deepEqual(readLine("US,NT,-   12.5 g"), {
    grams: -12.5,
    at_rest: false,
    net: true,
  });
  for (
    const bad of [
      "OL,GS,+9999999kg",
      "ST,GS,+kg",
      "ST,GS,1kg",
      "",
      "ST,GS,+1.2.3kg",
      "\0",
      "ST,TR,+  1.0kg",
    ]
  ) {
    assert.equal(readLine(bad), undefined, bad);
  }
  fc.assert(fc.property(fc.string(), (line) => {
    const read = readLine(line);
    assert.ok(read === undefined || Number.isFinite(read.grams));
  }));
});

/** What is told of lines that a scale sends one after the other. */
function told(...lines: string[]): (number | undefined)[] {
  const keeper = new TareKeeper();
  return lines.map((line) => keeper.take(readLine(line)!)?.grams);
}

Deno.test("a tare key takes nothing from the plate, and gives nothing back", () => {
  assert.deepEqual(
    told(
      "ST,GS,+  1.200kg",
      // The key is pressed: all of it is tared away.
      "ST,NT,+  0.000kg",
      "US,NT,-  0.250kg",
      "ST,NT,-  0.300kg",
      // And again: the scale shows what lies there.
      "ST,GS,+  0.900kg",
      "ST,GS,+  1.200kg",
    ),
    [1_200, 1_200, 950, 900, 900, 1_200],
  );
});

Deno.test("what swings while the key is pressed is waited for", () => {
  assert.deepEqual(
    told("ST,GS,+  1.200kg", "US,NT,+  0.031kg", "US,NT,-  0.012kg", "ST,NT,+  0.000kg"),
    [1_200, undefined, undefined, 1_200],
  );
});

Deno.test("a scale that was tared before anybody listened is taken as it is", () => {
  assert.deepEqual(told("ST,NT,-  0.100kg", "ST,NT,+  0.400kg"), [-100, 400]);
});

Deno.test("whatever keys are pressed, what is taken and put adds up", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ put_g: fc.integer({ min: -2_000, max: 2_000 }) }),
      fc.constant({ key: true } as const),
    ),
    { maxLength: 40 },
  );
  fc.assert(fc.property(steps, (steps) => {
    const keeper = new TareKeeper();
    let lies_g = 0;
    let tared_g: number | undefined;
    const say = () => {
      const grams = lies_g - (tared_g ?? 0);
      return keeper.take({ grams, at_rest: true, net: tared_g !== undefined })?.grams;
    };
    assert.equal(say(), 0);
    for (const step of steps) {
      if ("key" in step) tared_g = tared_g === undefined ? lies_g : undefined;
      else lies_g += step.put_g;
      assert.equal(say(), lies_g);
    }
  }));
});
