/** Hands that come so soon after each other that a plate does not rest between them. */
import assert from "node:assert/strict";
import { courseOf } from "./course.ts";
import { withUnseen } from "./unseen.ts";
import type { Change, Sample } from "./scale.ts";

interface Taken {
  readonly at_ms: number;
  readonly grams: number;
  readonly pushed_ms: number;
}

/** A plate from which that was taken, sixty samples a second; it settles a little faster than the
 * tracker believes. */
function taken(hands: readonly Taken[], settling_ms = 180): Change {
  const course: Sample[] = [];
  const until_ms = hands.at(-1)!.at_ms + 900;
  for (let at_ms = 10; at_ms < until_ms; at_ms += 1_000 / 60) {
    let weight_g = 5_000;
    for (const { at_ms: from_ms, grams, pushed_ms } of hands) {
      const since_ms = at_ms - from_ms;
      if (since_ms < 0) continue;
      weight_g -= grams * (1 - Math.exp(-since_ms / settling_ms));
      if (since_ms < pushed_ms) weight_g += 0.4 * grams * Math.sin(Math.PI * since_ms / pushed_ms);
    }
    course.push({ at_ms, weight_g });
  }
  const delta_g = -hands.reduce((sum, { grams }) => sum + grams, 0);
  const [began_ms, settled_ms] = [10, until_ms];
  return { plate: "tea", began_ms, settled_ms, level_g: 5_000, delta_g, deviation_g: 2, course };
}

Deno.test("course: what each of two hands took is told apart a quarter of a second apart", () => {
  const change = taken([
    { at_ms: 0, grams: 300, pushed_ms: 480 },
    { at_ms: 250, grams: 120, pushed_ms: 210 },
  ]);
  const [between, last] = courseOf(change, [0, 250], 200).levels;
  assert.ok(Math.abs(between!.level_g + 300) < 25, `${between!.level_g} g`);
  assert.deepEqual(last, { level_g: -420, deviation_g: 2 });
});

Deno.test("course: three hands leave three levels", () => {
  const change = taken([
    { at_ms: 0, grams: 500, pushed_ms: 300 },
    { at_ms: 500, grams: -200, pushed_ms: 400 },
    { at_ms: 1_000, grams: 350, pushed_ms: 250 },
  ]);
  const levels = courseOf(change, [0, 500, 1_000], 200).levels.map(({ level_g }) =>
    Math.round(level_g)
  );
  assert.ok(Math.abs(levels[0]! + 500) < 15 && Math.abs(levels[1]! + 300) < 15, `${levels}`);
});

Deno.test("course: a hand that only reached leaves the plate where it was", () => {
  const change = taken([{ at_ms: 200, grams: 400, pushed_ms: 350 }]);
  const late = {
    ...change,
    began_ms: 210,
    course: change.course.filter(({ at_ms }) => at_ms > 200),
  };
  const [between] = courseOf(late, [0, 200], 200).levels;
  assert.ok(Math.abs(between!.level_g) < 3 * between!.deviation_g, JSON.stringify(between));
  assert.ok(Math.abs(between!.level_g) < 60, JSON.stringify(between));
});

Deno.test("course: what no push explains is said to be unsure", () => {
  const change = taken([{ at_ms: 0, grams: 300, pushed_ms: 300 }]);
  const noisy = change.course.map(({ at_ms, weight_g }, index) => ({
    at_ms,
    weight_g: weight_g + (index % 2 === 0 ? 80 : -80),
  }));
  const [sure] = courseOf(change, [0, 400], 200).levels;
  const [unsure] = courseOf({ ...change, course: noisy }, [0, 400], 200).levels;
  assert.ok(unsure!.deviation_g > 3 * sure!.deviation_g);
});

Deno.test("course: the whole of it tells what each hand took where a level alone does not", () => {
  const change = taken([
    { at_ms: 0, grams: 300, pushed_ms: 480 },
    { at_ms: 120, grams: 300, pushed_ms: 210 },
  ], 195);
  const { fits, levels } = courseOf(change, [0, 120], 200);
  assert.ok(levels[0]!.deviation_g > 10, `${levels[0]!.deviation_g} g`);
  const left = (first_g: number) =>
    [first_g, change.delta_g - first_g].map((mean_g) => ({ mean_g, variance: 9 }));
  const [right, none, both] = [-300, 0, -600].map((first_g) => fits!(left(first_g)));
  assert.ok(right! > none! + 3 && right! > both! + 3, `${right} against ${none} and ${both}`);
});

Deno.test("course: a hand that nobody saw is found between, and not where there was none", () => {
  const seen = (at_ms: number) => ({ at_ms, tracks: new Map([["t1", 1]]) });
  const alone = taken([{ at_ms: 0, grams: 300, pushed_ms: 350 }]);
  assert.deepEqual(withUnseen(alone, [seen(0)], 200), [seen(0)]);
  const two = taken([
    { at_ms: 0, grams: 500, pushed_ms: 350 },
    { at_ms: 600, grams: 200, pushed_ms: 250 },
  ]);
  const [first, unseen] = withUnseen(two, [seen(0)], 200);
  assert.deepEqual(first, seen(0));
  assert.ok(Math.abs(unseen!.at_ms - 600) < 60, `${unseen!.at_ms}`);
  assert.equal(unseen!.tracks.size, 0);
});
