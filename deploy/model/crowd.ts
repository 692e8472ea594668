/**
 * Pictures to learn from and to be tested on: random people under the sizes, poses, lights and
 * noise that simulated cameras deliver, having gone through a camera's YUYV and back.
 */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import {
  type DrawnFace,
  drawScene,
  type Person,
  type Scene,
} from "../../hardware/simulated/scene.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { throughCamera } from "./desk.ts";

/** A picture as a lane gets it, and the truth about the faces in it. */
export interface Photograph {
  readonly picture: Picture;
  readonly faces: readonly DrawnFace[];
}

/** Which people a picture may show, and how large. */
export interface CrowdOptions {
  readonly width: number;
  readonly height: number;
  /** Identities in order of appearance. */
  readonly identities: readonly number[];
  /** Least and greatest width of a face, in pixels. */
  readonly size: readonly [number, number];
  /** How far heads turn to either side, in degrees; 20 where it is not given. */
  readonly yaw?: number;
}

/** A random scene, the same for the same name. People do not hide each other's faces. */
export function crowdScene(name: string, options: CrowdOptions): Scene {
  const chance = chanceOf(name);
  const { width, height, identities, size: [least, most], yaw = 20 } = options;
  const people: Person[] = [];
  for (const identity of identities) {
    for (let attempt = 0; attempt < 12; attempt++) {
      // Sizes are even on a logarithmic scale, as distances to a camera are.
      const size = least * (most / least) ** chance.next();
      const x = chance.between(0.45 * size, width - 0.45 * size);
      const y = chance.between(0.5 * size, height - 0.62 * size);
      const free = people.every((other) =>
        Math.abs(other.x - x) > 0.62 * (size + other.size) ||
        Math.abs(other.y - y) > 0.85 * (size + other.size)
      );
      if (!free) continue;
      people.push({
        identity,
        x,
        y,
        size,
        yaw: chance.between(-yaw, yaw),
        pitch: chance.between(-10, 10),
        roll: chance.between(-8, 8),
        expression: chance.between(-0.6, 1),
      });
      break;
    }
  }
  // Who stands nearer stands before the others, whose shoulders would otherwise hide a face.
  people.sort((one, other) => one.y - other.y);
  return {
    width,
    height,
    background_seed: chance.whole(1_000_000_000),
    light: {
      level: chance.between(0.55, 1.2),
      side: chance.between(-1, 1),
      warmth: chance.between(-1, 1),
    },
    noise: chance.between(1, 6),
    noise_seed: chance.whole(1_000_000_000),
    people,
  };
}

/** Takes the picture of a scene through a camera's pixel format, as a lane's software gets it. */
export function photograph(scene: Scene): Photograph {
  const drawn = drawScene(scene);
  return { picture: throughCamera(drawn), faces: drawn.faces };
}
