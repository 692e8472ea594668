/** What a change of weight may have been. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import type { Course } from "./course.ts";
import { readingsOf } from "./explain.ts";
import { plates, products } from "./testing.ts";

Deno.test("explain: nothing known may have happened, however well all else fits", () => {
  const [tea] = products;
  const level = { level_g: 600, deviation_g: 2 };
  const course: Course = { levels: [{ level_g: 300, deviation_g: 2 }, level], fits: () => 60 };
  const readings = readingsOf(course, [1, 1], plates[0]!, [tea!], [tea!], beliefs);
  assert.ok(readings.length > 1);
  // Two packages were put there, but it may be that nobody had any.
  assert.ok(readings.some(({ phases }) => phases.every((parts) => parts.length === 0)));
});
