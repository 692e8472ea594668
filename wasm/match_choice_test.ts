/**
 * The choice among very many candidates, where the exact scores of the leaders take the place of
 * bounds: galleries made so that a bound kept too long, or a candidate lost, changes the answer.
 */
import assert from "node:assert/strict";
import { Gallery } from "./match.ts";
import { GalleryTwin } from "./match_twin.ts";
import { normalise, randomFrom, unitVector } from "./testing.ts";

const dim = 16;

/** A template with this score against the probe, in a direction of its own. */
function withScore(probe: Float32Array, score: number, seed: number): Float32Array {
  const other = unitVector(dim, 1_000_000 + seed);
  const along = other.reduce((sum, value, i) => sum + value * probe[i]!, 0);
  const across = normalise(other.map((value, i) => value - along * probe[i]!));
  const rest = Math.sqrt(1 - score * score);
  return across.map((value, i) => rest * value + score * probe[i]!);
}

function compare(
  probe: Float32Array,
  templates: readonly Float32Array[],
  options: { k: number; threshold?: number },
): void {
  const gallery = Gallery.create({ dim, capacity: templates.length });
  const twin = new GalleryTwin();
  templates.forEach((template, index) => {
    gallery.add(`v${index}`, template);
    twin.add(`v${index}`, template);
  });
  const wanted = twin.search(probe, options);
  assert.deepEqual(gallery.search(probe, options), wanted);
  assert.deepEqual(gallery.searchBatch([probe, probe, probe], options)[2], wanted);
}

Deno.test("those who just miss the threshold hide none of the few who reach it", () => {
  const threshold = 0.6;
  for (let seed = 0; seed < 300; seed++) {
    const random = randomFrom(seed);
    const probe = unitVector(dim, seed);
    const k = 2 + Math.floor(random() * 5);
    // So many near misses that the leaders are scored in between, and few of these pass.
    const templates = Array.from(
      { length: 150 + Math.floor(random() * 150) },
      (_, i) => withScore(probe, threshold - 0.012 * random(), 1000 * seed + i),
    );
    for (let i = 0; i < k; i++) {
      const place = Math.floor(random() * templates.length);
      const score = threshold + random() * (random() < 0.5 ? 0.05 : 0.35);
      templates[place] = withScore(probe, score, -1000 * seed - i);
    }
    compare(probe, templates, { k, threshold });
  }
});

Deno.test("more candidates than can wait are all heard", () => {
  const probe = unitVector(dim, 1);
  const random = randomFrom(2);
  // Nearer to each other than any bound can tell: every one of them waits.
  const templates = Array.from(
    { length: 9000 },
    (_, i) => withScore(probe, 0.9 + 1e-3 * random(), i),
  );
  for (const k of [1, 5, 400]) compare(probe, templates, { k });
});
