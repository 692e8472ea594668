/**
 * What is left and right of a face tells of what it is part of: a living head stands before a shop
 * that stays where it is, in the shop's own light. What is held up moves along, and a screen
 * flickers, on both sides at once. Others who move there do so each by themselves; as long as that
 * cannot be told apart, nothing is sure.
 */
import type { Point } from "./align.ts";
import { Carried, type Surroundings } from "./carried.ts";
import type { Box } from "./detect.ts";
import { Flicker } from "./flicker.ts";

export interface BesideRule {
  /** What is beside a face may move together so far from frame to frame, in its widths. */
  readonly carried: number;
  /** Bands of light may wander on both sides of it so strongly, as a share of its brightness. */
  readonly flicker: number;
}

/** `still`: nothing of this. `stirred`: something moves or flickers there, and it is not sure
 * whether it is part of what the face is part of. `unseen`: too little is in the picture to say. */
export type BesideSign = "still" | "stirred" | "carried" | "screen" | "unseen";

/** Steps that show whether a face is carried about, and frames that show a flicker. */
const LEAST_CARRIED = 6, LEAST_FLICKER = 10;
/** Steps that show whether things that move do so with one another (see `Carried.alike`). */
const LEAST_ALIKE = 12;
/** Where so many frames have shown too little beside a face, nothing is said of it. */
const MOST_FRAMES = 14;
/** Others who move by themselves are no more alike than this. */
const BY_THEMSELVES = 0.3;
/** Above this, steps speak for one thing that is carried, and below for several. They add up
 * (Page's cumulative sums, 1954): from `SURELY` on it is carried, and as much more is kept. */
const ONE_THING = 0.7, SURELY = 4;
/** From here on the rows of both sides change as those of one screen, or may do so. */
const ONE_LIGHT = 0.35, PERHAPS_ONE_LIGHT = 0.2;

/** What was seen beside one face. */
export class Beside {
  readonly #rule: BesideRule;
  readonly #carried = new Carried();
  readonly #flicker = new Flicker();
  #frames = 0;
  /** For its being carried. */
  #evidence = 0;

  constructor(rule: BesideRule) {
    this.#rule = rule;
  }

  /** Takes a frame in; `face` is where the face itself is, as exactly as is known. */
  see(box: Box, surroundings: Surroundings, face?: Point): void {
    this.#carried.see(box, surroundings, face);
    this.#flicker.see(box, surroundings);
    this.#frames++;
    if (this.#carried.steps < LEAST_ALIKE) return;
    const speaks = (this.#moves() ? this.#carried.alike : 0) - ONE_THING;
    this.#evidence = Math.max(0, Math.min(2 * SURELY, this.#evidence + speaks));
  }

  /** Undefined while that cannot be told yet. */
  get sign(): BesideSign | undefined {
    if (this.#evidence >= SURELY) return "carried";
    const { frames, strength, accord } = this.#flicker.bands;
    const shines = frames >= LEAST_FLICKER && strength >= this.#rule.flicker;
    if (shines && accord >= ONE_LIGHT) return "screen";
    const { steps, alike } = this.#carried;
    if (steps < LEAST_CARRIED || frames < LEAST_FLICKER) {
      return this.#frames > 0 && this.#frames < MOST_FRAMES ? undefined : "unseen";
    }
    if (shines && accord >= PERHAPS_ONE_LIGHT) return "stirred";
    const others = steps >= LEAST_ALIKE && alike < BY_THEMSELVES;
    return this.#moves() && !others ? "stirred" : "still";
  }

  /** Overwrites what was kept of the picture. */
  clear(): void {
    this.#carried.clear();
    this.#flicker.clear();
    this.#frames = 0;
    this.#evidence = 0;
  }

  #moves(): boolean {
    return this.#carried.together >= this.#rule.carried;
  }
}
