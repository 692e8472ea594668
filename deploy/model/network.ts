/**
 * A small convolutional network trained by Adam (Kingma and Ba 2015). Its convolutions are laid out
 * as products of matrices, which the model runtime multiplies quickly.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import type { Matrix, Products } from "./linear.ts";

/** A convolution without padding; all but the last one of a network end in a rectifier. */
export interface LayerShape {
  readonly kernel: number;
  readonly step: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A trained layer: weights by row, column and channel of the kernel, then by output. */
export interface Layer extends LayerShape {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Lessons: squares of features (row, column, channel), and for each place of the network's
 * answer to one of them the targets and how much each counts; 0 leaves it out. */
export interface Lesson {
  readonly side: number;
  readonly features: readonly Float16Array[];
  readonly targets: readonly Float32Array[];
  readonly weights: readonly Float32Array[];
}

export interface TrainingOptions {
  readonly epochs: number;
  /** The rate of learning, which goes from one to the other along half a cosine. */
  readonly from: number;
  readonly to: number;
  readonly seed: string;
}

const batch = 32;
/** Errors beyond this pull no harder: a few odd faces do not lead the rest. */
const huber = 0.3;
const decay_first = 0.9, decay_second = 0.999;

/** Numbers that learn, with Adam's memory of their slopes. */
class Learning {
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  #step = 0;

  constructor(readonly values: Float32Array) {
    this.#mean = new Float32Array(values.length);
    this.#square = new Float32Array(values.length);
  }

  descend(slopes: ArrayLike<number>, rate: number, shrink: number): void {
    this.#step++;
    const mean_scale = 1 / (1 - decay_first ** this.#step);
    const square_scale = 1 / (1 - decay_second ** this.#step);
    for (let i = 0; i < this.values.length; i++) {
      const slope = slopes[i]!;
      const mean = decay_first * this.#mean[i]! + (1 - decay_first) * slope;
      const square = decay_second * this.#square[i]! + (1 - decay_second) * slope * slope;
      this.#mean[i] = mean;
      this.#square[i] = square;
      const step = mean * mean_scale / (Math.sqrt(square * square_scale) + 1e-8);
      this.values[i]! -= rate * (step + shrink * this.values[i]!);
    }
  }
}

/** Layers with random weights (He 2015), the same for the same seed. */
export function freshLayers(shapes: readonly LayerShape[], seed: string): Layer[] {
  const chance = chanceOf(seed);
  return shapes.map((shape) => {
    const fan = shape.kernel * shape.kernel * shape.inputs;
    const deviation = Math.sqrt(2 / fan);
    const weights = new Float32Array(fan * shape.outputs);
    for (let i = 0; i < weights.length; i++) weights[i] = chance.normal(0, deviation);
    return { ...shape, weights, bias: new Float32Array(shape.outputs) };
  });
}

/** Trains layers, lesson after lesson. The same layers, lessons and seeds end the same. */
export class Trainer {
  readonly #learners: readonly { weights: Learning; bias: Learning }[];

  /** The first `questions` answers are yes (1) or no (0); the others are quantities. */
  constructor(
    readonly layers: readonly Layer[],
    readonly questions: number,
    readonly products: Products,
  ) {
    this.#learners = layers.map(({ weights, bias }) => ({
      weights: new Learning(weights),
      bias: new Learning(bias),
    }));
  }

  /** Goes through a lesson; gives the mean loss of its last epoch. */
  async train(lesson: Lesson, { epochs, from, to, seed }: TrainingOptions): Promise<number> {
    const chance = chanceOf(seed);
    const order = Array.from({ length: lesson.features.length }, (_, i) => i);
    const batches = Math.floor(order.length / batch);
    let loss = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      shuffle(order, chance);
      loss = 0;
      for (let turn = 0; turn < batches; turn++) {
        const chosen = order.slice(turn * batch, (turn + 1) * batch);
        const slopes = await slopesOf(this.layers, lesson, chosen, this.questions, this.products);
        const done = (epoch * batches + turn) / (epochs * batches);
        const rate = to + (from - to) * (1 + Math.cos(Math.PI * done)) / 2;
        slopes.layers.forEach(({ weights, bias }, at) => {
          this.#learners[at]!.weights.descend(weights, rate, 0.01);
          this.#learners[at]!.bias.descend(bias, rate, 0);
        });
        loss += slopes.loss / batches;
      }
    }
    return loss;
  }
}

function shuffle(order: number[], chance: Chance): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = chance.whole(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

/** A batch of square maps: image, row, column, channel. */
interface Maps {
  readonly count: number;
  readonly side: number;
  readonly channels: number;
  readonly values: Float32Array;
}

interface Slopes {
  readonly weights: Float32Array;
  readonly bias: Float64Array;
}

/** Forwards through all layers and back: how the loss falls with every weight. */
async function slopesOf(
  layers: readonly Layer[],
  lesson: Lesson,
  chosen: readonly number[],
  questions: number,
  products: Products,
): Promise<{ layers: Slopes[]; loss: number }> {
  let maps = stacked(lesson, chosen, layers[0]!.inputs);
  const windows: Matrix[] = [], answers: Maps[] = [], given: Maps[] = [];
  for (const [at, layer] of layers.entries()) {
    const seen = windowsOf(maps, layer);
    const product = await products.plain(seen, weightsOf(layer));
    addBias(product, layer.bias, at + 1 < layers.length);
    given.push(maps);
    windows.push(seen);
    const side = (maps.side - layer.kernel) / layer.step + 1;
    maps = { count: maps.count, side, channels: layer.outputs, values: product.values };
    answers.push(maps);
  }
  let { slope, loss } = errorsOf(maps, lesson, chosen, questions);
  const slopes: Slopes[] = new Array(layers.length);
  for (let at = layers.length - 1; at >= 0; at--) {
    const layer = layers[at]!;
    const weights = (await products.transposed(windows[at]!, slope)).values;
    slopes[at] = { weights, bias: columnSums(slope) };
    if (at === 0) break;
    const spread = await products.byTransposed(slope, weightsOf(layer));
    slope = gathered(spread, given[at]!, layer);
    const { values } = answers[at - 1]!;
    for (let i = 0; i < values.length; i++) if (values[i]! <= 0) slope.values[i] = 0;
  }
  return { layers: slopes, loss };
}

function weightsOf({ kernel, inputs, outputs, weights }: Layer): Matrix {
  return { rows: kernel * kernel * inputs, columns: outputs, values: weights };
}

function stacked({ side, features }: Lesson, chosen: readonly number[], channels: number): Maps {
  const size = side * side * channels;
  const values = new Float32Array(chosen.length * size);
  chosen.forEach((from, at) => values.set(features[from]!, at * size));
  return { count: chosen.length, side, channels, values };
}

/** Every window of the maps that a layer looks through, as a row. */
function windowsOf({ count, side, channels, values }: Maps, { kernel, step }: Layer): Matrix {
  const places = (side - kernel) / step + 1;
  const run = kernel * channels, columns = kernel * run;
  const out = new Float32Array(count * places * places * columns);
  let to = 0;
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < places; y++) {
      for (let x = 0; x < places; x++) {
        for (let row = 0; row < kernel; row++, to += run) {
          const from = ((image * side + y * step + row) * side + x * step) * channels;
          for (let i = 0; i < run; i++) out[to + i] = values[from + i]!;
        }
      }
    }
  }
  return { rows: count * places * places, columns, values: out };
}

/** The opposite of `windowsOf`: adds up, at every place of the maps, what its windows hold. */
function gathered(spread: Matrix, { count, side, channels }: Maps, layer: Layer): Matrix {
  const { kernel, step } = layer;
  const places = (side - kernel) / step + 1;
  const run = kernel * channels;
  const values = new Float32Array(count * side * side * channels);
  let from = 0;
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < places; y++) {
      for (let x = 0; x < places; x++) {
        for (let row = 0; row < kernel; row++, from += run) {
          const to = ((image * side + y * step + row) * side + x * step) * channels;
          for (let i = 0; i < run; i++) values[to + i]! += spread.values[from + i]!;
        }
      }
    }
  }
  return { rows: count * side * side, columns: channels, values };
}

function addBias({ columns, values }: Matrix, bias: Float32Array, rectified: boolean): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! + bias[i % columns]!;
    values[i] = rectified && value < 0 ? 0 : value;
  }
}

/** The slope of the loss at each answer: logistic for questions, Huber's for quantities. */
function errorsOf(
  { channels, values }: Maps,
  { targets, weights }: Lesson,
  chosen: readonly number[],
  questions: number,
): { slope: Matrix; loss: number } {
  const slopes = new Float32Array(values.length);
  const size = values.length / chosen.length;
  let loss = 0;
  for (let i = 0; i < values.length; i++) {
    const from = chosen[Math.floor(i / size)]!, at = i % size;
    const weight = weights[from]![at]! / chosen.length;
    if (weight === 0) continue;
    const question = i % channels < questions;
    const given = question ? 1 / (1 + Math.exp(-values[i]!)) : values[i]!;
    const off = given - targets[from]![at]!;
    slopes[i] = weight * (question ? off : Math.max(-huber, Math.min(huber, off)));
    loss += weight * Math.abs(off);
  }
  return { slope: { rows: values.length / channels, columns: channels, values: slopes }, loss };
}

function columnSums({ columns, values }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) sums[i % columns]! += values[i]!;
  return sums;
}
