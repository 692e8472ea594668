/**
 * Makes the drawn detector: gathers what its fixed features say of many drawn scenes, trains the
 * head on them, looks where it errs, and trains again with those places among the lessons.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import type { DrawnFace } from "../../hardware/simulated/scene.ts";
import type { ModelInput } from "../../runtime/perception/sidecar.ts";
import { type CrowdOptions, crowdScene, photograph } from "./crowd.ts";
import { pictureTensor } from "./desk.ts";
import {
  answers,
  detectorModel,
  feature_channels,
  featureModel,
  head_shapes,
  places_per_stride,
  reach,
  strides,
} from "./detector_graph.ts";
import type { Products } from "./linear.ts";
import { freshLayers, type Layer, Trainer } from "./network.ts";
import { type Model, type Numbers, openModel } from "./session.ts";

/** How bytes become the detector's input, as its sidecar says. */
export const detector_input: ModelInput = {
  layout: "NCHW",
  order: "BGR",
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

/** Identities that only training sees; others begin below. */
export const training_identities = 1_900_000_000;

const width = 320, height = 256;

/** Kinds of scenes: tills most often, heads turned away, somebody very near, somebody far. */
const kinds: readonly Pick<CrowdOptions, "size" | "yaw">[] = [
  { size: [36, 115] },
  { size: [36, 115] },
  { size: [34, 90], yaw: 50 },
  { size: [80, 200] },
  { size: [9, 60] },
];

/** A lesson is a square of this many cells, and the features that the head needs for them. */
const cells = 4, side = places_per_stride * cells + 2 * reach;

/** Widths of faces that one stride answers for, in strides; and those it may or may not. */
const own_sizes = [4.2, 9.6], tolerated_sizes = [3.6, 10.6];

/** Lessons under way: squares of features with what the head should say of their cells. */
interface Samples {
  readonly side: number;
  readonly features: Float16Array[];
  readonly targets: Float32Array[];
  readonly weights: Float32Array[];
}

export interface DetectorOptions {
  /** How often new scenes are drawn, of which the head learns with those of the turns before. */
  readonly turns: number;
  /** Scenes of a turn. */
  readonly scenes: number;
  readonly progress: (line: string) => void;
}

/** Turns whose lessons are kept in memory. */
const turns_kept = 3;

/** Trains the detector and gives its file. The same options give the same bytes. */
export async function makeDetector(
  options: DetectorOptions,
  products: Products,
): Promise<Uint8Array<ArrayBuffer>> {
  const { turns, scenes, progress } = options;
  const features = await openModel(featureModel());
  const kept: Samples[] = [];
  const trainer = new Trainer(freshLayers(head_shapes, "detector"), 2, products);
  for (let turn = 0; turn < turns; turn++) {
    const samples: Samples = { side, features: [], targets: [], weights: [] };
    await gather(
      features,
      samples,
      scenes,
      `turn ${turn}`,
      turn === 0 ? undefined : trainer.layers,
    );
    kept.push(samples);
    if (kept.length > turns_kept) kept.shift();
    const lesson: Samples = {
      side,
      features: kept.flatMap((one) => one.features),
      targets: kept.flatMap((one) => one.targets),
      weights: kept.flatMap((one) => one.weights),
    };
    const last = turn + 1 === turns;
    const loss = await trainer.train(lesson, {
      epochs: last ? 3 : 1,
      from: 2e-3,
      to: last ? 0 : 2e-3,
      seed: `detector/${turn}`,
    });
    progress(`detector: ${turn + 1} of ${turns}, ${lesson.features.length} squares, loss ${loss}`);
  }
  await features.release();
  return detectorModel(trainer.layers);
}

/** Adds places of new scenes to the lessons; with a head, those where it errs. */
async function gather(
  model: Model,
  samples: Samples,
  scenes: number,
  name: string,
  head: readonly Layer[] | undefined,
): Promise<void> {
  const detector = head === undefined ? undefined : await openModel(detectorModel(head));
  const chance = chanceOf(`detector/${name}`);
  for (let i = 0; i < scenes; i++) {
    const identities = Array.from(
      { length: chance.whole(6) },
      () => training_identities + chance.whole(100_000_000),
    );
    const options = { width, height, identities, ...chance.pick(kinds) };
    const { picture, faces } = photograph(crowdScene(`detector/${name}/${i}`, options));
    const values = pictureTensor(picture, { width, height }, detector_input);
    const input: Numbers = { shape: [1, 3, height, width], values };
    const levels = await model.run({ input });
    const said = detector === undefined ? undefined : await detector.run({ input });
    for (const stride of strides) {
      const scores = said?.[`cls_${stride}`]?.values;
      sampleLevel(samples, levels[`features_${stride}`]!, stride, faces, scores, chance);
    }
  }
  await detector?.release();
}

/** What a cell should say: of a face, of nothing (`undefined`), or of neither (`null`). */
function truthAt(
  faces: readonly DrawnFace[],
  stride: number,
  row: number,
  column: number,
): DrawnFace | undefined | null {
  let near: DrawnFace | undefined | null = undefined;
  for (const face of faces) {
    const { box } = face;
    const x = (column + 0.44) * stride - box.x - box.width / 2;
    const y = (row + 0.44) * stride - box.y - box.height / 2;
    const distance = Math.hypot(x, y) / box.width;
    const size = box.width / stride;
    if (distance > 0.42 || size < tolerated_sizes[0]! || size > tolerated_sizes[1]!) continue;
    const own = size >= own_sizes[0]! && size <= own_sizes[1]!;
    if (own && distance < Math.max(0.2, 0.75 / size)) return face;
    near = null;
  }
  return near;
}

/** Chooses squares of one level: round faces, at random, and where the head errs. */
function sampleLevel(
  samples: Samples,
  level: Numbers,
  stride: number,
  faces: readonly DrawnFace[],
  scores: Float32Array | undefined,
  chance: Chance,
): void {
  const rows = level.shape[2]! / places_per_stride;
  const columns = level.shape[3]! / places_per_stride;
  const take = (row: number, column: number) => {
    const top = row - chance.whole(cells), left = column - chance.whole(cells);
    samples.features.push(squareOf(level, top, left));
    const { targets, weights } = truthOf(faces, stride, top, left);
    samples.targets.push(targets);
    samples.weights.push(weights);
  };
  for (const { box } of faces) {
    const size = box.width / stride;
    if (size < 2 || size > 24) continue;
    const whole = size <= tolerated_sizes[1]!;
    for (let turn = 0; turn < 2; turn++) {
      // Of a face too large for this stride, any part may look like a small one.
      const [x, y] = whole ? [0.5, 0.5] : [chance.next(), chance.next()];
      const row = Math.floor((box.y + y * box.height) / stride);
      take(row, Math.floor((box.x + x * box.width) / stride));
    }
  }
  const random = scores === undefined ? 24 / stride : 8 / stride;
  for (let i = 0; i < random; i++) take(chance.whole(rows), chance.whole(columns));
  if (scores === undefined) return;
  let errors = 0;
  for (let cell = 0; cell < rows * columns && errors < 4; cell++) {
    const row = Math.floor(cell / columns), column = cell % columns;
    if (scores[cell]! < 0.2 || truthAt(faces, stride, row, column) !== undefined) continue;
    if (!chance.happens(0.5)) continue;
    errors++;
    take(row, column);
  }
}

/** The features of a square of cells: row by row, channels together, zeros beyond the edge. */
function squareOf({ shape, values }: Numbers, top: number, left: number): Float16Array {
  const rows = shape[2]!, columns = shape[3]!;
  const square = new Float16Array(side * side * feature_channels);
  for (let i = 0; i < side; i++) {
    const y = places_per_stride * top - reach + i;
    if (y < 0 || y >= rows) continue;
    for (let j = 0; j < side; j++) {
      const x = places_per_stride * left - reach + j;
      if (x < 0 || x >= columns) continue;
      const to = (i * side + j) * feature_channels;
      for (let channel = 0; channel < feature_channels; channel++) {
        square[to + channel] = values[(channel * rows + y) * columns + x]!;
      }
    }
  }
  return square;
}

/** What the head should say of a square of cells, and how much that counts. */
function truthOf(faces: readonly DrawnFace[], stride: number, top: number, left: number) {
  const targets = new Float32Array(cells * cells * answers);
  const weights = new Float32Array(cells * cells * answers);
  for (let cell = 0; cell < cells * cells; cell++) {
    const row = top + Math.floor(cell / cells), column = left + cell % cells;
    const face = truthAt(faces, stride, row, column);
    const at = cell * answers;
    if (face === null) continue;
    weights[at] = 1;
    if (face === undefined) continue;
    targets.set(targetOf(face, stride, row, column), at);
    weights[at + 1] = 1;
    // An error of place counts by what it is of the face.
    const per_stride = stride / face.box.width;
    weights.fill(6 * per_stride, at + 2, at + 4);
    weights.fill(2, at + 4, at + 6);
    weights.fill(20 * per_stride, at + 6, at + answers);
  }
  return { targets, weights };
}

/** Yes, how well centred, centre in strides from the cell, log width and height in strides,
 * points in strides from the cell. */
function targetOf(
  { box, landmarks }: DrawnFace,
  stride: number,
  row: number,
  column: number,
): number[] {
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const off = Math.hypot(x / stride - column - 0.44, y / stride - row - 0.44);
  const centred = Math.exp(-((off * stride / box.width / 0.22) ** 2) / 2);
  const target = [1, centred, x / stride - column, y / stride - row];
  target.push(Math.log(box.width / stride), Math.log(box.height / stride));
  for (const point of landmarks) {
    target.push(point.x / stride - column, point.y / stride - row);
  }
  return target;
}
