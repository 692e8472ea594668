/**
 * One shopper on the floor: who, doing what, and between which two spots at which instants.
 */
import type { Chance } from "./chance.ts";
import { distanceBetween, type Spot } from "./plan.ts";

/** The part of a gateway's clock that a shop needs. */
export interface FloorClock {
  now_ms(): number;
  after(delay_ms: number, call: () => void): () => void;
}

/** Somebody who comes to this shop now and then. */
export interface Regular {
  readonly shopper: string;
  /** Which face this is: equal for the same person, different for every other. */
  readonly identity: number;
}

/** Where somebody is at one instant. */
export interface Body extends Spot {
  readonly person: Regular;
  readonly doing: "browsing" | "queueing" | "paying" | "leaving";
  /** The direction of the walk, of length 1; undefined while standing. */
  readonly heading: Spot | undefined;
}

/** A body between two spots. */
export interface Walker {
  readonly person: Regular;
  readonly chance: Chance;
  doing: Body["doing"];
  from: Spot;
  to: Spot;
  since_ms: number;
  until_ms: number;
  cancel: () => void;
}

/** Where a walker is now, and which way it looks. */
export function bodyOf(walker: Walker, now_ms: number): Body {
  const length_m = distanceBetween(walker.from, walker.to);
  const walking = now_ms < walker.until_ms && length_m > 0;
  return {
    person: walker.person,
    doing: walker.doing,
    ...positionOf(walker, now_ms),
    heading: walking
      ? {
        x_m: (walker.to.x_m - walker.from.x_m) / length_m,
        y_m: (walker.to.y_m - walker.from.y_m) / length_m,
      }
      : undefined,
  };
}

export function positionOf(walker: Walker, now_ms: number): Spot {
  const whole_ms = walker.until_ms - walker.since_ms;
  const share = whole_ms <= 0 ? 1 : Math.min(1, Math.max(0, (now_ms - walker.since_ms) / whole_ms));
  return {
    x_m: walker.from.x_m + (walker.to.x_m - walker.from.x_m) * share,
    y_m: walker.from.y_m + (walker.to.y_m - walker.from.y_m) * share,
  };
}
