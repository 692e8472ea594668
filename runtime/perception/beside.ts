/**
 * What is left and right of a face tells of what it is part of: a living head stands before a shop
 * that stays where it is, in the shop's own light. What is held up moves along, and a screen
 * flickers, on both sides at once.
 */
import { Carried, type Surroundings } from "./carried.ts";
import type { Box } from "./detect.ts";
import { Flicker } from "./flicker.ts";

export interface BesideRule {
  /** What is beside a face may move along with it so far from frame to frame, in its widths. */
  readonly carried: number;
  /** Bands of light may wander beside it so strongly, as a share of its brightness. */
  readonly flicker: number;
}

/** `still`: nothing of this. `unseen`: too little is in the picture to say. */
export type BesideSign = "still" | "carried" | "screen" | "unseen";

/** Steps that show whether a face is carried about, and frames that show a flicker. */
const LEAST_CARRIED = 6, LEAST_FLICKER = 8;
/** Where so many frames have shown too little beside a face, nothing is said of it. */
const MOST_FRAMES = 12;

/** What was seen beside one face. */
export class Beside {
  readonly #rule: BesideRule;
  readonly #carried = new Carried();
  readonly #flicker = new Flicker();
  #frames = 0;

  constructor(rule: BesideRule) {
    this.#rule = rule;
  }

  /** Takes a frame in. */
  see(box: Box, surroundings: Surroundings): void {
    this.#carried.see(box, surroundings);
    this.#flicker.see(box, surroundings);
    this.#frames++;
  }

  /** Undefined while that cannot be told yet. */
  get sign(): BesideSign | undefined {
    const { steps, together } = this.#carried;
    if (steps >= LEAST_CARRIED && together >= this.#rule.carried) return "carried";
    const { frames, bands } = this.#flicker;
    if (frames >= LEAST_FLICKER && bands >= this.#rule.flicker) return "screen";
    if (steps >= LEAST_CARRIED && frames >= LEAST_FLICKER) return "still";
    return this.#frames > 0 && this.#frames < MOST_FRAMES ? undefined : "unseen";
  }

  /** Overwrites what was kept of the picture. */
  clear(): void {
    this.#carried.clear();
    this.#flicker.clear();
    this.#frames = 0;
  }
}
