/** What a shopper is told on the way to a template, and when a view is taken. */
import assert from "node:assert/strict";
import { type Advice, adviceFor, type Sight, type View, views, wordsFor } from "./guide.ts";

const fit: Sight = { faces: 1, turn: 0, reasons: [] };

Deno.test("each view is taken from somebody who shows it, and from nobody else", () => {
  const shown: [View, number][] = [["front", 0], ["left", 0.3], ["right", -0.3]];
  for (const [view] of shown) {
    for (const [other, turn] of shown) {
      const advice = adviceFor(view, { ...fit, turn });
      assert.equal(advice === undefined, view === other, `${view} at ${turn}: ${advice}`);
    }
  }
});

Deno.test("what stands in the way is named, the greatest hindrance first", () => {
  const cases: [Partial<Sight>, Advice][] = [
    [{ faces: 0, reasons: ["blurred"] }, "no_face"],
    [{ faces: 2, reasons: ["too_dark"] }, "several_people"],
    [{ reasons: ["too_small", "blurred"] }, "too_small"],
    [{ reasons: ["turned_away"], turn: 0.9 }, "turn_back"],
    [{ turn: 0.61 }, "turn_back"],
    [{ turn: -0.22 }, "look_straight"],
  ];
  for (const [change, advice] of cases) {
    assert.equal(adviceFor("front", { ...fit, ...change }), advice);
  }
});

Deno.test("whoever turns the wrong way is told the right one", () => {
  assert.equal(adviceFor("left", { ...fit, turn: -0.3 }), "turn_left");
  assert.equal(adviceFor("right", { ...fit, turn: 0.3 }), "turn_right");
});

Deno.test("every view is wanted, and no advice is without words", () => {
  assert.deepEqual(new Set(views), new Set(["front", "left", "right"]));
  assert.ok(Object.values(wordsFor).every((words) => words.length > 5));
});
