/**
 * Makes the drawn embedder: many pictures of many drawn people, and the linear map that brings
 * one person's together and drives different people apart (Fisher 1936).
 */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Landmarks } from "../../runtime/perception/align.ts";
import type { ModelInput } from "../../runtime/perception/sidecar.ts";
import { crowdScene, photograph } from "./crowd.ts";
import { training_identities } from "./detector.ts";
import { faceTensor } from "./desk.ts";
import { dim, embedderModel, featureModel, type Projection, side } from "./embedder_graph.ts";
import { cholesky, leadingBasis, type Matrix, orthonormalise, type Products } from "./linear.ts";
import { solveLower, solveUpper } from "./linear.ts";
import { type Model, openModel } from "./session.ts";

/** How bytes become the embedder's input, as its sidecar says. */
export const embedder_input: ModelInput = {
  layout: "NCHW",
  size: [side, side],
  order: "RGB",
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};

/** Crops that go through the model at once. */
const batch = 16;

export interface EmbedderOptions {
  readonly identities: number;
  readonly pictures_each: number;
  /** Deviation by which a detector misses a landmark, as a share of the face's width. */
  readonly landmark_noise: number;
  readonly progress: (line: string) => void;
}

/** Trains the embedder and gives its file. The same options give the same bytes. */
export async function makeEmbedder(
  options: EmbedderOptions,
  products: Products,
): Promise<Uint8Array<ArrayBuffer>> {
  const { identities, pictures_each, progress } = options;
  const model = await openModel(featureModel());
  const features = await gather(model, options);
  await model.release();
  progress(`embedder: ${features.columns} features of ${features.rows} pictures`);
  const projection = await discriminate(features, identities, pictures_each, products);
  return embedderModel(projection);
}

/** The features of every picture, those of one person after each other. */
async function gather(model: Model, options: EmbedderOptions): Promise<Matrix> {
  const crops: Float32Array[] = [];
  const rows: Float32Array[] = [];
  const total = options.identities * options.pictures_each;
  for (let i = 0; i < total; i++) {
    crops.push(trainingCrop(i, options));
    if (crops.length < batch && i + 1 < total) continue;
    rows.push(...await runCrops(model, crops, "features"));
    crops.length = 0;
  }
  const columns = rows[0]!.length;
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, at) => values.set(row, at * columns));
  return { rows: rows.length, columns, values };
}

/** One output of a model for crops of `embedder_input`'s form, one array for each. */
export async function runCrops(
  model: Model,
  crops: readonly Float32Array[],
  output: string,
): Promise<Float32Array[]> {
  const size = 3 * side * side;
  const values = new Float32Array(crops.length * size);
  crops.forEach((crop, at) => values.set(crop, at * size));
  const said =
    (await model.run({ input: { shape: [crops.length, 3, side, side], values } }))[output]!;
  const width = said.values.length / crops.length;
  return crops.map((_, at) => said.values.slice(at * width, (at + 1) * width));
}

/** One picture of a person who is only for training, its landmarks missed as detectors miss. */
function trainingCrop(index: number, options: EmbedderOptions): Float32Array {
  const identity = training_identities + Math.floor(index / options.pictures_each);
  const scene = crowdScene(`embedder/${index}`, {
    width: 192,
    height: 192,
    identities: [identity],
    size: [38, 115],
  });
  const { picture, faces } = photograph(scene);
  const [face] = faces;
  if (face === undefined) throw new RangeError(`picture ${index} of the lesson shows nobody`);
  const chance = chanceOf(`embedder/landmarks/${index}`);
  const off = options.landmark_noise * face.box.width;
  const missed = face.landmarks.map(({ x, y }) => ({
    x: x + chance.normal(0, off),
    y: y + chance.normal(0, off),
  }));
  return faceTensor(picture, missed as unknown as Landmarks, side, embedder_input);
}

/** Share of the mean variance that is added to every direction's, against chance likenesses. */
const ridge = 0.1;

/**
 * Linear discriminant analysis: the directions in which people differ most compared to how much
 * the pictures of one person do. Rows of one person stand together.
 */
async function discriminate(
  features: Matrix,
  people: number,
  each: number,
  products: Products,
): Promise<Projection> {
  const { columns: size } = features;
  const { all, means, within } = centred(features, people, each);
  const scatter = Float64Array.from((await products.transposed(within, within)).values);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += scatter[i * size + i]!;
  for (let i = 0; i < size; i++) scatter[i * size + i]! += ridge * trace / size;
  const triangle = cholesky(size, scatter);
  // The means of people where one person's pictures scatter evenly in all directions.
  const whitened = new Float32Array(people * size);
  for (let person = 0; person < people; person++) {
    const mean = Float64Array.from(means.subarray(person * size, (person + 1) * size));
    solveLower(size, triangle, mean);
    whitened.set(mean, person * size);
  }
  const white: Matrix = { rows: people, columns: size, values: whitened };
  const gram = Float64Array.from((await products.byTransposed(white, white)).values);
  const chance = chanceOf("embedder/basis");
  const start = Float64Array.from({ length: dim * people }, () => chance.normal(0, 1));
  const basis = Float32Array.from(leadingBasis(people, gram, start, 40));
  const spanned = await products.plain({ rows: dim, columns: people, values: basis }, white);
  const directions = Float64Array.from(spanned.values);
  orthonormalise(size, directions);
  return projectionOf(directions, triangle, all);
}

/** The mean of all rows, the people's means from it, and the rows from their people's means. */
function centred({ columns: size, values }: Matrix, people: number, each: number) {
  const all = new Float64Array(size), means = new Float64Array(people * size);
  for (let i = 0; i < people * each * size; i++) {
    const person = Math.floor(i / (size * each));
    means[person * size + i % size]! += values[i]! / each;
    all[i % size]! += values[i]! / (people * each);
  }
  const rest = new Float32Array(people * each * size);
  for (let i = 0; i < rest.length; i++) {
    const person = Math.floor(i / (size * each));
    rest[i] = values[i]! - means[person * size + i % size]!;
  }
  for (let i = 0; i < means.length; i++) means[i]! -= all[i % size]!;
  return { all, means, within: { rows: people * each, columns: size, values: rest } };
}

/** Takes directions of the whitened space back to features. */
function projectionOf(
  directions: Float64Array,
  triangle: Float64Array,
  all: Float64Array,
): Projection {
  const size = all.length;
  const rows = new Float32Array(dim * size), bias = new Float32Array(dim);
  for (let at = 0; at < dim; at++) {
    const direction = directions.slice(at * size, (at + 1) * size);
    solveUpper(size, triangle, direction);
    let length = 0;
    for (let i = 0; i < size; i++) length += direction[i]! * all[i]!;
    rows.set(direction, at * size);
    bias[at] = -length;
  }
  return { features: size, rows, bias };
}
