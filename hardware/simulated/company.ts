/**
 * The others in a shop, as a till's camera sees them past whoever stands at the till: those who
 * wait behind, shift from foot to foot, look about and close up, and those who walk across.
 */
import type { Chance } from "./chance.ts";
import { type Drift, drift } from "./drift.ts";
import { Mover } from "./movement.ts";
import type { Person } from "./scene.ts";
import { face_width_m, focal_px } from "./view.ts";

/** Beyond this nobody is told from the shop. */
const farthest_m = 6;
/** Identities that belong to nobody who pays. */
const STRANGERS = 4_000_000_000;
/** So long others keep coming. */
const busy_ms = 120_000;

/** Where somebody is: from the camera, beside its axis, above it. */
interface Spot {
  readonly depth_m: number;
  readonly across_m: number;
  readonly up_m: number;
}

/** One of the others, as long as they are in view. */
type Other = (at_ms: number) => { readonly spot: Spot; readonly person: Person } | undefined;

/** Those who are seen besides the one at the till, the farthest first. `middle` is the camera's. */
export function companyOf(
  chance: Chance,
  middle: { readonly x: number; readonly y: number },
): (at_ms: number) => Person[] {
  const queue = Array.from({ length: 1 + chance.whole(3) }, (_, place) => {
    return waiting(chance.fork(`waiting/${place}`), place);
  });
  const others = [...queue, ...walkers(chance.fork("walkers"))];
  return (at_ms) =>
    others.flatMap((other) => other(at_ms) ?? [])
      .sort((a, b) => b.spot.depth_m - a.spot.depth_m)
      .map(({ spot, person }) => seenAt(spot, person, middle));
}

function seenAt(
  { depth_m, across_m, up_m }: Spot,
  person: Person,
  middle: { x: number; y: number },
) {
  const metre_px = focal_px / depth_m;
  // Who moved by a share of a face has done so in the picture as well.
  return {
    ...person,
    x: middle.x + across_m * metre_px + person.x,
    y: middle.y - up_m * metre_px + person.y,
  };
}

function someone(chance: Chance): Omit<Person, "size" | "yaw"> {
  return {
    identity: STRANGERS + chance.whole(2 ** 27),
    x: 0,
    y: 0,
    pitch: chance.between(-4, 5),
    roll: chance.between(-3, 3),
    expression: 0.15,
  };
}

/** In the queue, to one side of it and then to the other, since queues are never straight. Some
 * walk up first, and all close up by a step now and then. */
function waiting(chance: Chance, place: number): Other {
  const who = someone(chance);
  const mover = new Mover(chance.fork("mover"));
  const side = (place % 2 === 0 ? 1 : -1) * chance.pick([1, 1, 1, -1]);
  const goal_m = 1.5 + place * chance.between(0.7, 1.1) + chance.between(0, 0.5);
  const across_m = side * chance.between(0.15, 0.55);
  const up_m = chance.between(-0.06, 0.06);
  const comes_ms = chance.happens(0.4) ? chance.between(0, 9_000) : -Infinity;
  const walk_mps = chance.between(0.8, 1.6);
  const sway: Drift = drift(chance, 6_000);
  const step = { at_ms: chance.between(2_000, 25_000), m: chance.between(0, 0.3) };
  const yaw = chance.between(-15, 15);
  for (let at_ms = chance.between(0, 4_000); at_ms < busy_ms;) {
    mover.ask(chance.pick(["left", "right"]), at_ms, chance);
    at_ms += chance.between(3_000, 9_000);
  }
  return (at_ms) => {
    const walked_m = Math.max(0, (at_ms - comes_ms) / 1_000 * walk_mps);
    const closed = Math.max(0, Math.min(1, (at_ms - step.at_ms) / 700));
    const depth_m = Math.max(goal_m - closed * step.m, farthest_m - walked_m);
    if (at_ms < comes_ms) return undefined;
    const spot = { depth_m, across_m: across_m + 0.06 * sway(at_ms), up_m };
    const size = focal_px * face_width_m / depth_m;
    return { spot, person: mover.moved({ ...who, size, yaw }, at_ms) };
  };
}

/** Across the picture, at the pace of somebody who shops, one after the other. */
function walkers(chance: Chance): Other[] {
  const all: Other[] = [];
  for (let from_ms = chance.between(-3_000, 3_000); from_ms < busy_ms;) {
    all.push(walker(chance.fork(`${all.length}`), from_ms));
    from_ms += chance.between(800, 6_000);
  }
  return all;
}

function walker(chance: Chance, from_ms: number): Other {
  const who = someone(chance);
  const depth_m = chance.between(1.5, 5), speed_mps = chance.between(0.6, 1.8);
  const ahead = chance.pick([-1, 1]);
  const yaw = ahead * chance.between(10, 48);
  const up_m = chance.between(-0.08, 0.08), steps_hz = chance.between(1.5, 2.1);
  const reach_m = 0.5 * depth_m;
  const size = focal_px * face_width_m / depth_m;
  return (at_ms) => {
    const since_s = (at_ms - from_ms) / 1_000;
    const across_m = ahead * (since_s * speed_mps - reach_m);
    if (since_s < 0 || Math.abs(across_m) > reach_m) return undefined;
    const bob_m = 0.015 * Math.sin(2 * Math.PI * steps_hz * since_s);
    return { spot: { depth_m, across_m, up_m: up_m + bob_m }, person: { ...who, size, yaw } };
  };
}
