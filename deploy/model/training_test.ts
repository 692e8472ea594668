/** The arithmetic of training, each piece against what it is defined by. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { cholesky, leadingBasis, openProducts, solveLower, solveUpper } from "./linear.ts";
import { freshLayers, type LayerShape, type Lesson, Trainer } from "./network.ts";

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };

Deno.test("Cholesky's triangle solves what made it, and refuses what is not positive", () => {
  const a = Float64Array.of(4, 2, 1, 2, 5, 3, 1, 3, 6);
  const l = cholesky(3, a);
  const x = Float64Array.of(9, 16, 19.5);
  solveLower(3, l, x);
  solveUpper(3, l, x);
  for (let i = 0; i < 3; i++) {
    const sum = a[3 * i]! * x[0]! + a[3 * i + 1]! * x[1]! + a[3 * i + 2]! * x[2]!;
    assert.ok(Math.abs(sum - [9, 16, 19.5][i]!) < 1e-12);
  }
  assert.throws(() => cholesky(2, Float64Array.of(1, 2, 2, 1)), /not positive definite/);
});

Deno.test("the leading basis spans the strongest directions", () => {
  // Strengths 9 and 4 along (1, 1, 0) and (0, 0, 1); the third direction has 1.
  const a = Float64Array.of(5, 4, 0, 4, 5, 0, 0, 0, 4);
  const basis = leadingBasis(3, a, Float64Array.of(1, 0.2, 0.3, 0.1, 0.3, 1), 60);
  for (const row of [basis.subarray(0, 3), basis.subarray(3, 6)]) {
    assert.ok(Math.abs(row[0]! - row[1]!) < 1e-9, "nothing along (1, -1, 0)");
    assert.ok(Math.abs(Math.hypot(...row) - 1) < 1e-12);
  }
});

const shapes: readonly LayerShape[] = [
  { kernel: 3, step: 1, inputs: 1, outputs: 8 },
  { kernel: 2, step: 1, inputs: 8, outputs: 8 },
  { kernel: 1, step: 1, inputs: 8, outputs: 2 },
];

/** Squares of noise, some with a bright spot: is there one, and how bright. */
function spots(count: number): Lesson {
  const chance = chanceOf("spots");
  const features: Float16Array[] = [], targets: Float32Array[] = [], weights: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const square = Float16Array.from({ length: 16 }, () => chance.normal(0, 0.2));
    const bright = chance.happens(0.5) ? chance.between(2, 3) : 0;
    square[5 + chance.whole(2)]! += bright;
    features.push(square);
    targets.push(Float32Array.of(bright > 0 ? 1 : 0, bright));
    weights.push(Float32Array.of(1, bright > 0 ? 1 : 0));
  }
  return { side: 4, features, targets, weights };
}

Deno.test(
  "a network learns a question and a quantity, the same way each time",
  kept_port,
  async () => {
    const products = await openProducts();
    const lesson = spots(640);
    const learn = async () => {
      const trainer = new Trainer(freshLayers(shapes, "test"), 1, products);
      const train = (epochs: number) =>
        trainer.train(lesson, { epochs, from: 1e-2, to: 1e-2, seed: "test" });
      const before = await train(1);
      return { before, after: await train(12), layers: trainer.layers };
    };
    const first = await learn();
    assert.ok(first.after < first.before / 4, `${first.before} fell to ${first.after}`);
    assert.ok(first.after < 0.15, `${first.after}`);
    assert.deepEqual((await learn()).layers, first.layers);
    await products.release();
  },
);
