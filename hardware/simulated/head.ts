/**
 * The head as a body in space: outlines that lie on its front are turned by the pose and thrown
 * on the picture, so that a turned head shows its features where a real one would.
 */
import { type Canvas, type Colour, fillPolygon, type Shade } from "./canvas.ts";
import type { Person, Place } from "./scene.ts";

/** From the head to the camera, in half face widths: a hand-held phone's or a counter's view. */
const camera_distance = 11;

/** Points of an outline in the head's own plane: x, y, x, y, …; y down, half face widths. */
export type Outline = readonly number[];

/** A head in its pose, with the brush and the light that draw it. */
export class Head {
  /** Pixels of half a face width. */
  readonly unit: number;
  readonly shade: Shade;
  readonly #turn: readonly number[];
  readonly #roll_cos: number;
  readonly #roll_sin: number;
  readonly #x: number;
  readonly #y: number;

  constructor(readonly canvas: Canvas, person: Person, side: number) {
    const radians = Math.PI / 180;
    const yaw = person.yaw * radians, pitch = person.pitch * radians;
    const roll = person.roll * radians;
    const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
    // Yaw about the upright axis, then pitch about the line through the ears.
    this.#turn = [cy, 0, sy, -sp * sy, cp, sp * cy, -cp * sy, -sp, cp * cy];
    this.#roll_cos = Math.cos(roll);
    this.#roll_sin = Math.sin(roll);
    this.unit = person.size / 2;
    this.#x = person.x;
    this.#y = person.y;
    // A cheek that looks away from the light is darker: linear across the face is near enough.
    const across = side * 0.32 / this.unit;
    this.shade = { base: 1 - across * person.x, across, down: 0 };
  }

  /** How far the front of the head stands out at a place of its plane. */
  static front(x: number, y: number): number {
    return Math.sqrt(Math.max(0, 1 - 0.9 * x * x - (y * y) / 2.1));
  }

  /** Where a point of the head lands in the picture. */
  place(x: number, y: number, z: number): Place {
    const [a, b, c, d, e, f, g, h, i] = this.#turn;
    const right = a! * x + b! * y + c! * z;
    const down = d! * x + e! * y + f! * z;
    const near = g! * x + h! * y + i! * z;
    const scale = this.unit * camera_distance / (camera_distance - near);
    return {
      x: this.#x + (right * this.#roll_cos - down * this.#roll_sin) * scale,
      y: this.#y + (right * this.#roll_sin + down * this.#roll_cos) * scale,
    };
  }

  /** Fills an outline that lies on the front of the head, `lift` before it. */
  paint(outline: Outline, colour: Colour, opacity = 1, lift = 0): void {
    const points = new Array<number>(outline.length);
    for (let i = 0; i < outline.length; i += 2) {
      const x = outline[i]!, y = outline[i + 1]!;
      this.#put(points, i, x, y, Head.front(x, y) + lift);
    }
    fillPolygon(this.canvas, points, colour, opacity, this.shade);
  }

  /**
   * Fills an outline that is the rim of something round, as skull and hair are: its width does
   * not shrink when the head turns. `depth` says how far before the ears a point at height y is.
   */
  paintRim(outline: Outline, colour: Colour, depth: (y: number) => number): void {
    const points = new Array<number>(outline.length);
    const narrowing = Math.max(0.2, this.#turn[0]!);
    for (let i = 0; i < outline.length; i += 2) {
      const y = outline[i + 1]!, z = depth(y);
      // Turned by its depth only: x is stretched so that the turn's shrinking is undone.
      this.#put(points, i, outline[i]! / narrowing, y, z);
    }
    fillPolygon(this.canvas, points, colour, 1, this.shade);
  }

  #put(points: number[], at: number, x: number, y: number, z: number): void {
    const { x: px, y: py } = this.place(x, y, z);
    // The brush counts from a pixel's corner, places from its centre.
    points[at] = px + 0.5;
    points[at + 1] = py + 0.5;
  }
}

/** An ellipse, turned clockwise by `tilt` radians. */
export function ellipse(
  x: number,
  y: number,
  width: number,
  height: number,
  tilt = 0,
  corners = 14,
): number[] {
  const outline: number[] = [];
  const cos = Math.cos(tilt), sin = Math.sin(tilt);
  for (let i = 0; i < corners; i++) {
    const angle = 2 * Math.PI * i / corners;
    const u = width * Math.cos(angle), v = height * Math.sin(angle);
    outline.push(x + u * cos - v * sin, y + u * sin + v * cos);
  }
  return outline;
}

/** The same outline on the other side of the face. */
export function mirrored(outline: Outline): number[] {
  return outline.map((value, at) => at % 2 === 0 ? -value : value);
}
