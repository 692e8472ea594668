/**
 * Is this a head or a picture of one? When a head turns, the nose, which stands out, moves
 * otherwise than eyes and mouth behind it; a flat picture shows every landmark in one plane, and
 * however it is held an affine map takes its landmarks of one frame to those of another.
 */
import { type Landmarks, type Point, REFERENCE, similarity } from "./align.ts";

/** What landmarks over several frames show. */
export interface Depth {
  /** Frames that this rests on. */
  readonly frames: number;
  /** How far the nose moves out of the plane of the other landmarks (root mean square). All
   * lengths are shares of the mean distance of a landmark from their middle. */
  readonly parallax: number;
  /** The same of the one direction in which no depth of a face shows, but noise does. */
  readonly noise: number;
  /** How much the height of the face changes against its width: a sheet that is tilted does this
   * as a head that turns does. Standard deviation of the logarithm. */
  readonly squeeze: number;
  /** How far the whole face moves in the picture. */
  readonly sway: number;
}

/** When a face is taken for solid, or for flat. */
export interface DepthRule {
  /** Frames that are remembered. */
  readonly window: number;
  /** Frames below which nothing is said. */
  readonly least_frames: number;
  /** From this parallax on a face is solid, if it is so many times the noise. */
  readonly solid: number;
  readonly above_noise: number;
  /** A face squeezed this much without as many times the parallax is flat. */
  readonly flat_squeeze: number;
  readonly flat_share: number;
}

export const depthRule: DepthRule = {
  window: 24,
  least_frames: 6,
  solid: 0.072,
  above_noise: 1.6,
  flat_squeeze: 0.06,
  flat_share: 0.8,
};

export type Solidity = "solid" | "flat" | "undecided";

/** Landmarks without place, roll and size, and the place that they had. */
interface Shape {
  readonly points: readonly Point[];
  readonly middle: Point;
  readonly radius: number;
}

/** One face's landmarks over the latest frames. */
export class Parallax {
  readonly #rule: DepthRule;
  #shapes: Shape[] = [];

  constructor(rule: DepthRule = depthRule) {
    this.#rule = rule;
  }

  /** Takes a frame in; landmarks that define no face count for nothing. */
  see(landmarks: Landmarks): void {
    const shape = uprightShape(landmarks);
    if (shape === undefined) return;
    this.#shapes.push(shape);
    if (this.#shapes.length > this.#rule.window) this.#shapes.shift();
  }

  clear(): void {
    this.#shapes = [];
  }

  get depth(): Depth | undefined {
    return this.#shapes.length < this.#rule.least_frames ? undefined : depthOf(this.#shapes);
  }

  get solidity(): Solidity {
    return solidityOf(this.depth, this.#rule);
  }
}

function solidityOf(depth: Depth | undefined, rule: DepthRule): Solidity {
  if (depth === undefined) return "undecided";
  const { parallax, noise, squeeze } = depth;
  if (parallax >= rule.solid && parallax >= rule.above_noise * noise) return "solid";
  const flat = squeeze >= rule.flat_squeeze && parallax < rule.flat_share * squeeze;
  return flat ? "flat" : "undecided";
}

function uprightShape(landmarks: Landmarks): Shape | undefined {
  const upright = similarity(landmarks, REFERENCE);
  if (upright === undefined) return undefined;
  const { a, b } = upright;
  const middle = meanOf(landmarks);
  const from_middle = landmarks.map((point) => {
    const x = point.x - middle.x, y = point.y - middle.y;
    return { x: a * x - b * y, y: b * x + a * y };
  });
  const squares = from_middle.reduce((sum, { x, y }) => sum + x * x + y * y, 0);
  const radius = Math.sqrt(squares / from_middle.length);
  return {
    points: from_middle.map(({ x, y }) => ({ x: x / radius, y: y / radius })),
    middle,
    radius: radius / Math.hypot(a, b),
  };
}

/**
 * Of five numbers, one for each landmark, those that are no affine function of the landmarks' mean
 * places span two directions. Whatever an affine map does to a flat shape has no share in them, so
 * what moves there is depth or noise (Tomasi and Kanade 1992: rank 2 against rank 3). The nose is
 * what stands out of a face; the direction without the nose tells the noise.
 */
function depthOf(shapes: readonly Shape[]): Depth {
  const mean = REFERENCE.map((_, i) => meanOf(shapes.map(({ points }) => points[i]!)));
  const plane = orthonormal([
    mean.map(() => 1),
    mean.map(({ x }) => x),
    mean.map(({ y }) => y),
  ]);
  const nose = orthonormal([...plane, [0, 0, 1, 0, 0]])[3]!;
  const twist = orthonormal([...plane, nose, [1, -1, 0, -1, 1]])[4]!;
  const spreads = shapes.map(({ points }) => Math.log(extent(points, "y") / extent(points, "x")));
  const radius = shapes.reduce((sum, shape) => sum + shape.radius, 0) / shapes.length;
  const places = (axis: "x" | "y") => deviation(shapes.map(({ middle }) => middle[axis]));
  return {
    frames: shapes.length,
    parallax: wandering(shapes, nose),
    noise: wandering(shapes, twist),
    squeeze: deviation(spreads),
    sway: Math.hypot(places("x"), places("y")) / radius,
  };
}

/** How far a weighted sum of landmarks moves about its mean place. */
function wandering(shapes: readonly Shape[], weights: readonly number[]): number {
  const sums = (axis: "x" | "y") =>
    shapes.map(({ points }) =>
      points.reduce((sum, point, i) => sum + weights[i]! * point[axis], 0)
    );
  return Math.hypot(deviation(sums("x")), deviation(sums("y")));
}

function extent(points: readonly Point[], axis: "x" | "y"): number {
  return Math.sqrt(points.reduce((sum, point) => sum + point[axis] ** 2, 0));
}

/** The middle of several points. */
export function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((at, { x, y }) => ({ x: at.x + x, y: at.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Gram and Schmidt's: each made orthogonal to those before it, and of unit length. */
function orthonormal(vectors: readonly (readonly number[])[]): number[][] {
  const made: number[][] = [];
  for (const vector of vectors) {
    let rest = [...vector];
    for (const one of made) {
      const along = one.reduce((sum, value, i) => sum + value * rest[i]!, 0);
      rest = rest.map((value, i) => value - along * one[i]!);
    }
    const length = Math.hypot(...rest);
    made.push(rest.map((value) => value / length));
  }
  return made;
}
