/** Who is compared with whom, on people whose likenesses are known by construction. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { normalised } from "../../runtime/perception/embed.ts";
import { bestOf, enrolled, firstRanks, openSet, picturePairs, templatePairs } from "./compare.ts";
import type { Somebody } from "./faces.ts";
import { figuresOf } from "./figures.ts";
import { detPlot, deviate, scorePlot } from "./plots.ts";
import { reportOf } from "./report.ts";

/** A unit vector in the plane, by its angle. */
const at = (degrees: number) =>
  Float32Array.of(Math.cos(degrees * Math.PI / 180), Math.sin(degrees * Math.PI / 180));

/** People as scattered directions in space: the less `spread`, the more their pictures agree. */
function crowd(count: number, pictures: number, spread: number): Somebody[] {
  const chance = chanceOf(`crowd of ${count}`);
  const vector = () => Array.from({ length: 48 }, () => chance.normal(0, 1));
  return Array.from({ length: count }, (_, person) => {
    const centre = vector();
    const probes = Array.from({ length: pictures }, () => {
      const noise = vector();
      return normalised(centre.map((value, i) => value + spread * noise[i]!));
    });
    return { person: `${person}`, probes };
  });
}

Deno.test("every picture is compared with every other once", () => {
  const people = [
    { person: "ada", probes: [at(0), at(60)] },
    { person: "bob", probes: [at(90)] },
  ];
  const { own, others } = picturePairs(people, chanceOf("pairs"));
  assert.deepEqual([...own].map((score) => score.toFixed(3)), ["0.500"]);
  assert.deepEqual([...others].map((score) => score.toFixed(3)), ["0.000", "0.866"]);
});

Deno.test("templates are made of the first pictures, and compared with the others only", () => {
  const people = enrolled([
    { person: "ada", probes: [at(0), at(20), at(40)] },
    { person: "bob", probes: [at(90), at(90), at(30)] },
    { person: "eve", probes: [at(180)] },
  ], 2);
  assert.equal(people[2]!.template, undefined);
  const { own, others } = templatePairs(people);
  // Ada's template lies at 10 degrees, Bob's at 90: own probes are 30 and 60 degrees away.
  assert.deepEqual([...own].map((score) => score.toFixed(3)), ["0.500", "0.866"]);
  assert.equal(others.length, 4);
  // Bob's probe at 30 degrees is nearer to Ada.
  assert.deepEqual(firstRanks(people), { hits: 1, probes: 2 });
  const probe = people[1]!.probes[0]!;
  assert.equal(bestOf(probe, people).best?.person, "ada");
  assert.equal(bestOf(probe, people, people[0]!).best?.person, "bob");
});

Deno.test("in an open set nearly as many strangers pass as were wished", () => {
  const people = crowd(60, 8, 0.8);
  const wished = { enrol: 3, fpir: 0.02, splits: 60 };
  const open = openSet(people, wished, chanceOf("open"));
  assert.equal(open.gallery, 20);
  assert.ok(open.mistaken > 0.005 && open.mistaken < 0.04, `${open.mistaken}`);
  assert.ok(open.found > 0.95, `${open.found}`);
  const [low, high] = open.mistaken_interval;
  assert.ok(low <= open.mistaken && open.mistaken <= high);
});

Deno.test("people who cannot be told apart are not named", () => {
  const people = crowd(30, 6, 30);
  const open = openSet(people, { enrol: 3, fpir: 0.02, splits: 30 }, chanceOf("noise"));
  assert.ok(open.found < 0.2, `${open.found}`);
  assert.ok(open.mistaken < 0.06, `${open.mistaken}`);
});

Deno.test("all figures of a crowd, its table and its plots", () => {
  const people = crowd(24, 6, 0.5);
  const seen = { people, pictures: 145, missed: ["one.png"], unfit: 2 };
  const figures = figuresOf(seen, 3, 40);
  const { missed, eer, rank1, pictures } = figures;
  assert.deepEqual({ missed, rank1, pictures }, { missed: 1, rank1: 1, pictures: 145 });
  assert.ok(eer < 0.01 && figures.tpir_at_fpir_1e2 > 0.97, JSON.stringify(figures));
  assert.ok(figures.threshold > figures.threshold_1e2);
  const [low, high] = figures.intervals["eer"]!;
  assert.ok(low <= eer && eer <= high);
  assert.match(reportOf(figures), /pictures without a face found +1 /);
  assert.throws(() => figuresOf({ ...seen, people: people.slice(0, 5) }, 3, 40), /5 people have/);

  const scores = templatePairs(enrolled(people, 3));
  const det = detPlot("A < B & C", [{ name: "all", scores }]);
  assert.match(det, /^<svg .*A &lt; B &amp; C/s);
  assert.match(det, /<polyline points="[-\d., ]+"/);
  assert.match(scorePlot("Scores", scores, figures.threshold), /threshold 0\.\d{3}/);
  assert.doesNotMatch(det + scorePlot("Scores", scores, 0.5), /NaN|Infinity|undefined/);
});

Deno.test("an axis of normal deviates has the usual places", () => {
  assert.ok(Math.abs(deviate(0.025) + 1.96) < 1e-3);
  assert.ok(Math.abs(deviate(0.5)) < 1e-3);
  assert.ok(Math.abs(deviate(0.9) - 1.2816) < 1e-3);
});
