/**
 * Something with a picture on it, held before a simulated camera: paper, a bent mask, a screen. It
 * is a surface in space, seen in the same perspective as heads are.
 */
import type { Canvas } from "./canvas.ts";
import { Head } from "./head.ts";
import type { Person, Picture } from "./scene.ts";

/** A picture of one face as it is printed or shown. */
export interface Print {
  readonly picture: Pick<Picture, "width" | "height" | "rgb">;
  /** The middle of the face in it, and half the face's width, in its pixels. */
  readonly x: number;
  readonly y: number;
  readonly unit: number;
}

/** What becomes of a colour (0..255 each, in place) at a place of the sheet. */
export type Ink = (colour: Float64Array, u: number, v: number) => void;

/** How a sheet is cut and held. Lengths on it are in half widths of the printed face. */
export interface Held {
  /** Place, size and pose, as of a person whose face is the printed one. */
  readonly pose: Pick<Person, "x" | "y" | "size" | "yaw" | "pitch" | "roll">;
  readonly half_width: number;
  readonly half_height: number;
  readonly cut: "rectangle" | "oval";
  /** Radius of its bend about the upright axis; absent for a flat one. */
  readonly bend_radius?: number;
  readonly ink?: Ink;
}

/** Patches across and down that a sheet is drawn in, each as if seen from very far. */
const patches = 16;

/** A corner of a patch: where it lies in the picture and on the sheet. */
interface Corner {
  readonly x: number;
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** Draws a sheet over what is there. */
export function drawSheet(canvas: Canvas, print: Print, held: Held): void {
  const pose = { identity: 0, expression: 0, ...held.pose };
  const head = new Head(canvas, pose, 0);
  const { half_width, half_height, bend_radius } = held;
  const corner = (i: number, j: number): Corner => {
    const u = half_width * (2 * i / patches - 1), v = half_height * (2 * j / patches - 1);
    const bent = bend_radius === undefined
      ? { x: u, z: 0 }
      : { x: bend_radius * Math.sin(u / bend_radius), z: bend_radius * Math.cos(u / bend_radius) };
    return { ...head.place(bent.x, v, bend_radius === undefined ? 0 : bent.z - bend_radius), u, v };
  };
  for (let j = 0; j < patches; j++) {
    for (let i = 0; i < patches; i++) {
      const [a, b, c, d] = [corner(i, j), corner(i + 1, j), corner(i, j + 1), corner(i + 1, j + 1)];
      drawTriangle(canvas, print, held, [a, b, c]);
      drawTriangle(canvas, print, held, [d, c, b]);
    }
  }
}

function drawTriangle(
  canvas: Canvas,
  print: Print,
  held: Held,
  [a, b, c]: readonly [Corner, Corner, Corner],
): void {
  const area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
  // Edge on, or seen from behind.
  if (area <= 0) return;
  const left = Math.max(0, Math.ceil(Math.min(a.x, b.x, c.x)));
  const right = Math.min(canvas.width - 1, Math.floor(Math.max(a.x, b.x, c.x)));
  const top = Math.max(0, Math.ceil(Math.min(a.y, b.y, c.y)));
  const bottom = Math.min(canvas.height - 1, Math.floor(Math.max(a.y, b.y, c.y)));
  const colour = new Float64Array(3);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const of_b = ((x - a.x) * (c.y - a.y) - (c.x - a.x) * (y - a.y)) / area;
      const of_c = ((b.x - a.x) * (y - a.y) - (x - a.x) * (b.y - a.y)) / area;
      if (of_b < 0 || of_c < 0 || of_b + of_c > 1) continue;
      const u = a.u + of_b * (b.u - a.u) + of_c * (c.u - a.u);
      const v = a.v + of_b * (b.v - a.v) + of_c * (c.v - a.v);
      if (held.cut === "oval" && (u / held.half_width) ** 2 + (v / held.half_height) ** 2 > 1) {
        continue;
      }
      readPrint(print, u, v, colour);
      held.ink?.(colour, u, v);
      const at = 3 * (y * canvas.width + x);
      for (let i = 0; i < 3; i++) canvas.rgb[at + i] = Math.max(0, Math.min(255, colour[i]!));
    }
  }
}

/** The colour at a place of the print, bilinear; beyond its edge the edge goes on. */
function readPrint({ picture, x, y, unit }: Print, u: number, v: number, into: Float64Array): void {
  const { width, height, rgb } = picture;
  const column = Math.max(0, Math.min(width - 1.001, x + u * unit));
  const row = Math.max(0, Math.min(height - 1.001, y + v * unit));
  const left = Math.floor(column), top = Math.floor(row);
  const across = column - left, down = row - top;
  const at = 3 * (top * width + left);
  for (let channel = 0; channel < 3; channel++) {
    const i = at + channel, below = i + 3 * width;
    into[channel] = (rgb[i]! * (1 - across) + rgb[i + 3]! * across) * (1 - down) +
      (rgb[below]! * (1 - across) + rgb[below + 3]! * across) * down;
  }
}
