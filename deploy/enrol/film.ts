/**
 * A film for a browser's pretended camera: a drawn person who looks straight, to one side, and to
 * the other, as whoever enrols is asked to. YUV4MPEG2 with 4:2:0 colours; Chromium repeats it.
 */
import { drawScene } from "../../hardware/simulated/scene.ts";

const width = 640;
const height = 480;
const frames_per_second = 10;
/** Degrees by which the head is turned over one round of the film. */
const most_turn = 26;
const frames = 80;

/** The whole file. */
export function film(identity: number): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [
    encoder.encode(`YUV4MPEG2 W${width} H${height} F${frames_per_second}:1 Ip A1:1 C420jpeg\n`),
  ];
  for (let frame = 0; frame < frames; frame++) {
    parts.push(encoder.encode("FRAME\n"), planes(scene(identity, (2 * Math.PI * frame) / frames)));
  }
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function scene(identity: number, phase: number): Uint8Array | Uint8ClampedArray {
  return drawScene({
    width,
    height,
    background_seed: 7,
    light: { level: 1, side: 0.1, warmth: 0 },
    noise: 2,
    noise_seed: Math.round(phase * 1000),
    people: [{
      identity,
      x: width / 2 + 3 * Math.sin(3 * phase),
      y: height / 2,
      size: 190,
      yaw: most_turn * Math.sin(phase),
      pitch: 2 * Math.cos(phase),
      roll: Math.sin(2 * phase),
      expression: 0.2 * Math.sin(phase),
    }],
  }).rgb;
}

/** Full-range BT.601 luma, then both colour planes at half size (JFIF 1.02). */
function planes(rgb: Uint8Array | Uint8ClampedArray): Uint8Array {
  const half = { width: width / 2, height: height / 2 };
  const out = new Uint8Array(width * height + 2 * half.width * half.height);
  const at = (x: number, y: number) => 3 * (y * width + x);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = at(x, y);
      out[y * width + x] = 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
    }
  }
  const blue = width * height;
  const red = blue + half.width * half.height;
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      const i = at(2 * x, 2 * y);
      const [r, g, b] = [rgb[i]!, rgb[i + 1]!, rgb[i + 2]!];
      out[blue + y * half.width + x] = 128 - 0.168736 * r - 0.331264 * g + 0.5 * b;
      out[red + y * half.width + x] = 128 + 0.5 * r - 0.418688 * g - 0.081312 * b;
    }
  }
  return out;
}
