/** Holds the schema in the docs against the one in use, so that nobody speaks in vain. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { aisleReadings } from "../runtime/aisle/readings.ts";
import { schemaFile, schemaText } from "./readings_schema.ts";

Deno.test("the schema that is documented is the one that readings are read with", () => {
  assert.deepEqual(
    JSON.parse(readFileSync(schemaFile, "utf8")),
    JSON.parse(schemaText()),
    "run `deno run --allow-write=docs deploy/readings_schema.ts`",
  );
});

Deno.test("who enters and leaves is for gates to say, and nothing unknown is taken", () => {
  const at_ms = 1_700_000_000_000;
  const seen = { type: "person.seen", track: "t1", at_ms, x_m: 1, y_m: 2 };
  const passed = { type: "gate.passed", gate: "in", way: "in", track: "t1", at_ms };
  assert.ok(aisleReadings.safeParse({ readings: [seen, passed] }).success);
  for (
    const reading of [
      { type: "shopper.entered", cart: "c", track: "t1", at_ms },
      { type: "shopper.left", cart: "c", at_ms },
      { ...passed, way: "through" },
      { ...seen, x_m: Infinity },
    ]
  ) {
    assert.equal(aisleReadings.safeParse({ readings: [reading] }).success, false, reading.type);
  }
  assert.equal(aisleReadings.safeParse({ readings: [] }).success, false);
  assert.equal(aisleReadings.safeParse({ readings: Array(501).fill(seen) }).success, false);
});
