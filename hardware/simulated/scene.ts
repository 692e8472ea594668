/**
 * What a simulated camera sees: several people at given places before a shop's background, under
 * changing light, with the sensor's noise, and the truth about every face in it.
 */
import { type Canvas, type Colour, fillPolygon, fillRectangle, toned } from "./canvas.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { drawFace } from "./face.ts";
import { ellipse } from "./head.ts";
import { anyColour } from "./traits.ts";

/** How the shop is lit while the picture is taken. */
export interface Light {
  /** Brightness: 1 is as painted, 0.5 a dim corner, 1.3 nearly overexposed. */
  readonly level: number;
  /** From -1 (all from the left of the picture) over 0 (even) to 1 (all from the right). */
  readonly side: number;
  /** From -1 (bluish) over 0 to 1 (yellowish). */
  readonly warmth: number;
}

/** One person before the camera. Angles in degrees, places in pixels of the picture. */
export interface Person {
  /** Seed of the face: the same number is the same person in every picture. */
  readonly identity: number;
  /** Middle of the head, (0, 0) being the centre of the first pixel. */
  readonly x: number;
  readonly y: number;
  /** Width of the face, in pixels. */
  readonly size: number;
  /** Positive turns the nose to the right of the picture. */
  readonly yaw: number;
  /** Positive lowers the nose. */
  readonly pitch: number;
  /** Positive tilts the head clockwise, as seen in the picture. */
  readonly roll: number;
  /** From -1 (corners of the mouth down) over 0 to 1 (a wide smile, eyes narrowed). */
  readonly expression: number;
}

/** A picture to be drawn. The same scene is the same bytes. People are drawn in order, so that
 * the last one stands in front. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly background_seed: number;
  readonly light: Light;
  /** Standard deviation of the sensor's noise, in 8-bit levels: 2 is a good camera, 6 a poor
   * one. */
  readonly noise: number;
  readonly noise_seed: number;
  readonly people: readonly Person[];
}

/** A place in the picture; (0, 0) is the centre of the first pixel. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The truth about one drawn face, before any cut by the picture's edge. */
export interface DrawnFace {
  readonly identity: number;
  /** From the hairline to the chin, ear to ear. */
  readonly box: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
  /** Eye, eye, nose tip, corner of the mouth, corner of the mouth; left of the picture first. */
  readonly landmarks: readonly [Place, Place, Place, Place, Place];
}

/** A drawn picture: packed RGB and what is in it, in the order of the scene's people. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array<ArrayBuffer>;
  readonly faces: readonly DrawnFace[];
}

/**
 * Draws a scene. `target`, if given, holds `width * height * 3` bytes, is drawn over and shared
 * with the result; otherwise the picture has memory of its own. `before` draws what is held before
 * the people; light and the sensor's noise fall on it as on everything.
 */
export function drawScene(
  scene: Scene,
  target?: Uint8ClampedArray<ArrayBuffer>,
  before?: (canvas: Canvas) => void,
): Picture {
  const { width, height } = scene;
  const size = width * height * 3;
  if (target !== undefined && target.length !== size) {
    throw new RangeError(`a ${width}x${height} picture needs ${size} bytes, not ${target.length}`);
  }
  const rgb = target === undefined
    ? new Uint8Array(size)
    : new Uint8Array(target.buffer, target.byteOffset, size);
  const canvas: Canvas = { width, height, rgb };
  drawBackground(canvas, scene);
  const faces = scene.people.map((person) => drawFace(canvas, person, scene.light));
  before?.(canvas);
  addLightAndNoise(canvas, scene);
  return { width, height, rgb, faces };
}

/** Wall, shelves with goods, signs, and round things that are nearly like heads. */
function drawBackground(canvas: Canvas, scene: Scene): void {
  const { width, height } = canvas;
  const chance = chanceOf(`background/${scene.background_seed}`);
  const wall = anyColour(chance, 90, 215);
  const bands = 12;
  for (let band = 0; band < bands; band++) {
    const colour = toned(wall, 1.1 - 0.3 * band / bands);
    fillRectangle(canvas, 0, height * band / bands, width, height / bands + 1, colour);
  }
  const shelves = chance.whole(5);
  for (let i = 0; i < shelves; i++) drawShelf(canvas, chance);
  const things = 2 + chance.whole(6);
  for (let i = 0; i < things; i++) drawThing(canvas, chance);
}

/** A board with goods of different widths, heights and colours side by side. */
function drawShelf(canvas: Canvas, chance: Chance): void {
  const { width, height } = canvas;
  const left = chance.between(-0.2, 0.7) * width, right = left + chance.between(0.2, 0.7) * width;
  const board = chance.between(0.1, 0.95) * height;
  const tall = chance.between(0.06, 0.2) * height;
  fillRectangle(canvas, left, board, right - left, 0.02 * height, anyColour(chance, 40, 160));
  for (let x = left; x < right;) {
    const wide = chance.between(0.015, 0.06) * width;
    const high = tall * chance.between(0.6, 1);
    fillRectangle(canvas, x, board - high, wide, high, anyColour(chance, 20, 235));
    const label = anyColour(chance, 20, 235);
    fillRectangle(canvas, x + wide * 0.2, board - high * 0.7, wide * 0.6, high * 0.3, label);
    x += wide + chance.between(0, 0.01) * width;
  }
}

/** A sign, a lamp, a ball: something that stands out and is nobody. */
function drawThing(canvas: Canvas, chance: Chance): void {
  const { width, height } = canvas;
  const colour = anyColour(chance, 20, 245);
  const x = chance.next() * width, y = chance.next() * height;
  const wide = chance.between(0.02, 0.16) * width;
  const high = wide * chance.between(0.5, 1.6);
  if (chance.happens(0.4)) {
    fillRectangle(canvas, x - wide, y - high, 2 * wide, 2 * high, colour);
    fillRectangle(canvas, x - wide / 2, y - high / 2, wide, high / 4, anyColour(chance, 20, 245));
    return;
  }
  const skinned: Colour = [
    chance.between(120, 245),
    chance.between(80, 200),
    chance.between(60, 170),
  ];
  const points = ellipse(x, y, wide, high, chance.between(-0.5, 0.5), 20);
  fillPolygon(canvas, points, chance.happens(0.5) ? skinned : colour, 1);
  const spot = ellipse(x + wide * 0.2, y - high * 0.2, wide * 0.3, high * 0.3);
  fillPolygon(canvas, spot, anyColour(chance, 20, 245), chance.next());
}

/** Gaussian noises to choose from; a power of two, picked by ten random bits. */
const noise_choices = 1024;

/** What the sensor makes of it: brightness, colour cast, noise that differs by channel. */
function addLightAndNoise(canvas: Canvas, { light, noise, noise_seed }: Scene): void {
  const { rgb } = canvas;
  const chance = chanceOf(`noise/${noise_seed}`);
  const common = new Float32Array(noise_choices), own = new Float32Array(noise_choices);
  for (let i = 0; i < noise_choices; i++) {
    common[i] = chance.normal(0, noise);
    own[i] = chance.normal(0, noise * 0.6);
  }
  const gain_red = light.level * (1 + 0.1 * light.warmth);
  const gain_blue = light.level * (1 - 0.14 * light.warmth);
  let bits = Math.floor(chance.next() * 0xfffffffe) + 1 | 0;
  for (let at = 0; at < rgb.length; at += 3) {
    // Marsaglia's xorshift32: three choices of ten bits from one step.
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    const grain = common[bits & 1023]! + 0.5;
    rgb[at] = bounded(rgb[at]! * gain_red + grain + own[(bits >>> 10) & 1023]!);
    rgb[at + 1] = bounded(rgb[at + 1]! * light.level + grain);
    rgb[at + 2] = bounded(rgb[at + 2]! * gain_blue + grain + own[(bits >>> 20) & 1023]!);
  }
}

function bounded(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
