/** Lines that scales send, and everything that is none. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readLine } from "./serial.ts";

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
