/**
 * What a till's camera sees: the bodies of the shop in perspective, with heads that are never
 * quite still and a light that drifts. A view depends on the seed, the bodies and the instant
 * only, so that a frame nobody asked for changes nothing.
 */
import { type Chance, chanceOf } from "./chance.ts";
import { type Drift, drift } from "./drift.ts";
import { type Side, Turns } from "./movement.ts";
import type { Body } from "./walker.ts";
import type { PlanCamera } from "./plan.ts";
import type { Light, Person, Scene } from "./scene.ts";

export const picture_width = 320;
export const picture_height = 240;

/** Focal length in pixels: a face at the pay position, 0.9 m away, is about 80 pixels wide. */
export const focal_px = 465;
export const face_width_m = 0.155;
const nearest_m = 0.5;
/** Beyond this a face has fewer than 8 pixels and is part of the background. */
const farthest_m = 9;
/** Turned farther than this, a head shows no face. */
const face_hidden_degrees = 55;

/** How one person holds and moves their head. */
interface Bearing {
  readonly head_height_m: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  readonly across: Drift;
  readonly up: Drift;
  readonly turn: Drift;
  readonly turns: Turns;
  readonly nod: Drift;
  readonly tilt: Drift;
  readonly smile: Drift;
}

function bearingOf(chance: Chance): Bearing {
  return {
    head_height_m: chance.between(1.44, 1.56),
    yaw: chance.between(-5, 5),
    pitch: chance.between(-3, 4),
    roll: chance.between(-3, 3),
    across: drift(chance, 5_000),
    up: drift(chance, 7_000),
    turn: drift(chance, 4_000),
    turns: new Turns(),
    nod: drift(chance, 3_500),
    tilt: drift(chance, 6_000),
    smile: drift(chance, 8_000),
  };
}

/** The eye of one camera. */
export class View {
  readonly #camera: PlanCamera;
  readonly #seed: string;
  readonly #bearings = new Map<number, Bearing>();
  readonly #level: Drift;
  readonly #side: Drift;
  readonly #warmth: number;
  readonly #noise: number;
  readonly #usual: Pick<Light, "level" | "side">;

  constructor(camera: PlanCamera, seed: string) {
    this.#camera = camera;
    this.#seed = seed;
    const chance = chanceOf(`${seed}/view/${camera.id}`);
    this.#usual = { level: chance.between(0.88, 1.08), side: chance.between(-0.4, 0.4) };
    this.#warmth = chance.between(-0.4, 0.5);
    this.#noise = chance.between(2, 4);
    this.#level = drift(chance, 40_000);
    this.#side = drift(chance, 60_000);
  }

  /** Those whose face this camera sees, the farthest first, as they are drawn. */
  people(bodies: readonly Body[], at_ms: number): Person[] {
    const seen: { readonly depth_m: number; readonly person: Person }[] = [];
    for (const body of bodies) {
      const depth_m = body.y_m - this.#camera.at.y_m;
      if (depth_m < nearest_m || depth_m > farthest_m) continue;
      const person = this.#person(body, depth_m, at_ms);
      if (person !== undefined) seen.push({ depth_m, person });
    }
    return seen.sort((a, b) => b.depth_m - a.depth_m).map(({ person }) => person);
  }

  scene(bodies: readonly Body[], at_ms: number, sequence: number): Scene {
    const frame = chanceOf(`${this.#seed}/frame/${this.#camera.id}/${sequence}`);
    return {
      width: picture_width,
      height: picture_height,
      background_seed: chanceOf(`${this.#seed}/background/${this.#camera.id}`).whole(2 ** 31),
      light: {
        level: this.#usual.level + 0.06 * this.#level(at_ms) + frame.normal(0, 0.006),
        side: this.#usual.side + 0.2 * this.#side(at_ms),
        warmth: this.#warmth,
      },
      noise: this.#noise,
      noise_seed: frame.whole(2 ** 31),
      people: this.people(bodies, at_ms),
    };
  }

  #person(body: Body, depth_m: number, at_ms: number): Person | undefined {
    const { identity } = body.person;
    const facing = facingOf(body);
    if (Math.abs(facing) > face_hidden_degrees) return undefined;
    const bearing = this.#bearing(identity);
    const lively = body.doing === "browsing" ? 1.6 : 1;
    const x_m = body.x_m - this.#camera.at.x_m + 0.03 * bearing.across(at_ms);
    const above_m = bearing.head_height_m - this.#camera.height_m + 0.01 * bearing.up(at_ms);
    const size = focal_px * face_width_m / depth_m;
    const x = picture_width / 2 + focal_px * x_m / depth_m;
    if (x < -size || x > picture_width + size) return undefined;
    return {
      identity,
      x,
      y: picture_height / 2 - focal_px * above_m / depth_m,
      size,
      yaw: bearing.turns.turned(facing + bearing.yaw + lively * 8 * bearing.turn(at_ms), at_ms),
      pitch: bearing.pitch + lively * 5 * bearing.nod(at_ms),
      roll: bearing.roll + lively * 4 * bearing.tilt(at_ms),
      expression: Math.max(-1, Math.min(1, 0.15 + 0.45 * bearing.smile(at_ms))),
    };
  }

  /** Whoever has this face turns the head to a side and holds it there; without one, looks back. */
  ask(identity: number, side: Side | undefined, at_ms: number): void {
    const { turns } = this.#bearing(identity);
    const chance = chanceOf(`${this.#seed}/turn/${identity}/${at_ms}`);
    if (side === undefined) turns.release(at_ms, chance);
    else turns.hold(side, at_ms, chance);
  }

  #bearing(identity: number): Bearing {
    const known = this.#bearings.get(identity);
    if (known !== undefined) return known;
    const bearing = bearingOf(chanceOf(`${this.#seed}/bearing/${identity}`));
    this.#bearings.set(identity, bearing);
    return bearing;
  }
}

/**
 * Degrees between a body's front and the camera, positive to the right of the picture. Who walks
 * looks ahead, who looks at a shelf stands sideways, who queues or pays looks at the till.
 */
function facingOf(body: Body): number {
  if (body.heading !== undefined) {
    const ahead = Math.atan2(body.heading.x_m, -body.heading.y_m) * 180 / Math.PI;
    return body.doing === "queueing" ? ahead / 3 : ahead;
  }
  return body.doing === "browsing" ? (body.person.identity % 2 === 0 ? 48 : -90) : 0;
}
