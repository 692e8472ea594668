/** How heads move on necks and things in hands: always a little, and when they are asked. */
import type { Chance } from "./chance.ts";
import { type Drift, drift } from "./drift.ts";
import type { Person } from "./scene.ts";
import type { Held } from "./sheet.ts";

/** A side of whoever stands there, not of the picture: a camera sees their left at its right. */
export type Side = "left" | "right";

/** A turn of the head or of what is held: there, a while, and back. */
interface Turn {
  readonly from_ms: number;
  readonly degrees: number;
  readonly takes_ms: number;
  stays_ms: number;
}

type Bounds = readonly [low: number, high: number];

/** How heads are turned: each turn is drawn anew. */
interface Manner {
  /** Until somebody who is asked begins. */
  readonly reacts_ms: Bounds;
  readonly takes_ms: Bounds;
  readonly degrees: Bounds;
}

const usual: Manner = { reacts_ms: [350, 1_200], takes_ms: [350, 900], degrees: [20, 40] };
/** Of somebody in a hurry who has done it before, and turns until the display is content. */
const brisk: Manner = { reacts_ms: [250, 600], takes_ms: [350, 700], degrees: [27, 40] };

/** Nobody holds the head turned for longer, whatever a display says. */
const longest_held_ms = 20_000;

/** How much of the turn is done at an instant, 0 to 1. */
function doneOf({ from_ms, takes_ms, stays_ms }: Turn, at_ms: number): number {
  const since_ms = at_ms - from_ms;
  const left_ms = 2 * takes_ms + stays_ms - since_ms;
  const share = Math.max(0, Math.min(1, since_ms / takes_ms, left_ms / takes_ms));
  return 0.5 - 0.5 * Math.cos(Math.PI * share);
}

/** Heads turn when they are asked: some slowly, some but a little, and some to the wrong side. */
export class Turns {
  #turns: Turn[] = [];

  ask(side: Side, at_ms: number, chance: Chance, manner: Manner = usual): void {
    const away = (side === "left") !== chance.happens(0.02) ? 1 : -1;
    this.#turns.push({
      from_ms: at_ms + chance.between(...manner.reacts_ms),
      degrees: away * chance.between(...manner.degrees),
      takes_ms: chance.between(...manner.takes_ms),
      stays_ms: chance.between(700, 1_800),
    });
  }

  /** Turns as it is asked to, briskly, and stays so until `release`: somebody who reads a display
   * looks back when it says so. */
  hold(side: Side, at_ms: number, chance: Chance): void {
    this.ask(side, at_ms, chance, brisk);
    this.#turns.at(-1)!.stays_ms = longest_held_ms;
  }

  /** Whoever holds the head turned looks back, a moment later. */
  release(at_ms: number, chance: Chance): void {
    const held = this.#turns.at(-1);
    if (held?.stays_ms !== longest_held_ms) return;
    const there_ms = held.from_ms + held.takes_ms;
    held.stays_ms = Math.max(0, at_ms + chance.between(150, 450) - there_ms);
  }

  /** Where a head looks that would look there unasked, in degrees. Who turns the head on purpose
   * turns it away from the camera, wherever it was before. */
  turned(idle: number, at_ms: number): number {
    return this.#turns.reduce((at, one) => {
      const done = doneOf(one, at_ms);
      return at * (1 - done) + one.degrees * done;
    }, idle);
  }
}

/** A head on a living neck. */
export class Mover {
  readonly #drifts: Record<"x" | "y" | "yaw" | "pitch" | "roll" | "smile", Drift>;
  readonly #lively: number;
  readonly #turns = new Turns();

  constructor(chance: Chance) {
    this.#lively = chance.between(0.5, 1.5);
    this.#drifts = {
      x: drift(chance, 5_000),
      y: drift(chance, 7_000),
      yaw: drift(chance, 4_000),
      pitch: drift(chance, 3_500),
      roll: drift(chance, 6_000),
      smile: drift(chance, 8_000),
    };
  }

  ask(side: Side, at_ms: number, chance: Chance): void {
    this.#turns.ask(side, at_ms, chance);
  }

  moved(person: Person, at_ms: number): Person {
    const { x, y, yaw, pitch, roll, smile } = this.#drifts;
    const lively = this.#lively;
    const turned = this.#turns.turned(person.yaw + 8 * lively * yaw(at_ms), at_ms);
    return {
      ...person,
      x: person.x + 0.12 * person.size * lively * x(at_ms),
      y: person.y + 0.05 * person.size * lively * y(at_ms),
      yaw: Math.max(-48, Math.min(48, turned)),
      pitch: person.pitch + 5 * lively * pitch(at_ms),
      roll: person.roll + 4 * lively * roll(at_ms),
      expression: Math.max(-1, Math.min(1, 0.15 + 0.45 * smile(at_ms))),
    };
  }
}

/** Hands that hold something up. */
export class Hands {
  readonly #drifts: readonly Drift[];
  readonly #tilt_degrees: number;
  #turns: Turn[] = [];

  constructor(chance: Chance, tilt_degrees: number) {
    this.#drifts = [3_000, 4_200, 5_100, 2_600, 3_700, 6_000].map((ms) => drift(chance, ms));
    this.#tilt_degrees = tilt_degrees;
  }

  ask(side: Side, at_ms: number, degrees: number): void {
    const away = side === "left" ? 1 : -1;
    this.#turns.push({
      from_ms: at_ms + 500,
      degrees: away * degrees,
      takes_ms: 500,
      stays_ms: 1_500,
    });
  }

  moved(place: Person, at_ms: number): Held["pose"] {
    const [x, y, near, yaw, pitch, roll] = this.#drifts.map((one) => one(at_ms));
    const turn = this.#turns.reduce((sum, one) => sum + one.degrees * doneOf(one, at_ms), 0);
    return {
      x: place.x + 0.1 * place.size * x!,
      y: place.y + 0.06 * place.size * y!,
      size: place.size * (1 + 0.06 * near!),
      yaw: place.yaw + this.#tilt_degrees * yaw! + turn,
      pitch: place.pitch + 0.6 * this.#tilt_degrees * pitch!,
      roll: place.roll + 3 * roll!,
    };
  }
}
