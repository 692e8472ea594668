/**
 * The pictures that somebody takes of themselves at home to enrol: one face, large, in good light,
 * a little different each time.
 */
import type { Picture } from "../../hardware/recorded/picture.ts";
import { drawScene } from "../../hardware/simulated/scene.ts";

/** Poses in degrees, as an app asks for them one after the other. */
const poses = [
  { yaw: 0, pitch: 0, roll: 0, expression: 0.1, level: 1 },
  { yaw: -9, pitch: 2, roll: -2, expression: 0.3, level: 0.95 },
  { yaw: 9, pitch: -2, roll: 2, expression: 0, level: 1.02 },
  { yaw: 3, pitch: 5, roll: 3, expression: 0.6, level: 0.9 },
  { yaw: -4, pitch: -4, roll: -4, expression: 0.2, level: 1.05 },
];

/** Five pictures of the person with this face, 320 by 240; another `attempt` is another place. */
export function portraits(identity: number, attempt = 0): Picture[] {
  const scenery = identity + 1_000 * attempt;
  return poses.map(({ yaw, pitch, roll, expression, level }, place) => {
    const { width, height, rgb } = drawScene({
      width: 320,
      height: 240,
      background_seed: scenery + place,
      light: { level, side: place / 10 - 0.2, warmth: 0 },
      noise: 2,
      noise_seed: scenery + place,
      people: [{
        identity,
        x: 160 + 6 * (place - 2),
        y: 118 + 3 * (place - 2),
        size: 84 + 4 * place,
        yaw,
        pitch,
        roll,
        expression,
      }],
    });
    return { width, height, data: rgb };
  });
}
