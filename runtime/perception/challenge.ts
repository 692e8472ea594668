/**
 * An active challenge: whoever stands at the till is asked to turn the head to one side after the
 * other, and the landmarks must show it. A picture cannot; a film would have to be cut for sides
 * that nobody knew before. Pure: frames go in by the call, time with them.
 */
import type { ChallengeReason, ChallengeState, Side } from "../world.ts";
import type { Landmarks } from "./align.ts";
import { type DepthRule, depthRule, Parallax } from "./parallax.ts";
import { poseOf } from "./quality.ts";

export interface ChallengeRule {
  /** Facing the camera: the nose is this near to the middle between the eyes (see `Pose.turn`). */
  readonly facing: number;
  /** Turned: the nose is so far to the side that was asked for. */
  readonly turned: number;
  /** Frames in a row that show either. */
  readonly frames: number;
  /** A turn begun before this is no answer: nobody reacts so fast. */
  readonly reaction_ms: number;
  /** How long an answer may take, and the way back. Where fewer frames than these were looked at by
   * then it may take longer, since a busy machine must not be a shopper's failure; but never longer
   * than `longest_ms`. */
  readonly answer_ms: number;
  readonly answer_frames: number;
  readonly longest_ms: number;
  /** What the landmarks must show over the whole of it. */
  readonly depth: DepthRule;
}

export const challengeRule: ChallengeRule = {
  facing: 0.28,
  turned: 0.32,
  frames: 2,
  reaction_ms: 200,
  answer_ms: 5_000,
  answer_frames: 12,
  longest_ms: 15_000,
  depth: { ...depthRule, window: 120, solid: 0.1 },
};

/** One frame of the face that is challenged. */
export interface ChallengeFrame {
  readonly at_ms: number;
  readonly landmarks: Landmarks;
  /** Whether it is the face that was challenged; undefined where it cannot be compared. */
  readonly same: boolean | undefined;
}

export class Challenge {
  readonly #sides: Side[];
  readonly #rule: ChallengeRule;
  #state: ChallengeState;
  #since_ms: number;
  #looks = 0;
  #row = 0;
  #wrong_row = 0;
  #compared = false;
  readonly #parallax: Parallax;

  /** `sides` come from chance, one for each turn. */
  constructor(sides: readonly Side[], at_ms: number, rule: ChallengeRule = challengeRule) {
    this.#sides = [...sides];
    this.#rule = rule;
    this.#parallax = new Parallax(rule.depth);
    this.#since_ms = at_ms;
    this.#state = { state: "facing", left: sides.length };
  }

  get state(): ChallengeState {
    return this.#state;
  }

  /** The face that was challenged is gone. */
  lose(): void {
    if (this.#open()) this.#fail("lost");
  }

  /** Takes one frame in. */
  see(frame: ChallengeFrame): ChallengeState {
    const state = this.#state;
    if (!this.#open()) return state;
    // A turned face is less like itself; what faces the camera has no such excuse.
    if (frame.same === false && Math.abs(poseOf(frame.landmarks).turn) <= this.#rule.facing) {
      return this.#fail("another_face");
    }
    if (this.#isTooSlow(frame.at_ms - this.#since_ms)) return this.#fail("too_slow");
    this.#looks++;
    this.#parallax.see(frame.landmarks);
    if (state.state === "facing") this.#seeFacing(frame, state.left);
    else if (state.state === "asked") this.#seeAsked(frame, state.side, state.left);
    return this.#state;
  }

  /** Only a face that looks at the camera, and is the one that was challenged, is asked further. */
  #seeFacing({ landmarks, at_ms, same }: ChallengeFrame, left: number): void {
    const { facing, frames } = this.#rule;
    const { turn } = poseOf(landmarks);
    this.#row = Math.abs(turn) <= facing && same === true ? this.#row + 1 : 0;
    if (this.#row < frames) return;
    this.#begin(at_ms);
    const side = this.#sides[this.#sides.length - left];
    if (side !== undefined) this.#state = { state: "asked", side, left };
    else if (this.#parallax.solidity !== "solid") this.#fail("flat");
    else this.#state = { state: "met" };
  }

  #seeAsked({ landmarks, at_ms, same }: ChallengeFrame, side: Side, left: number): void {
    const { turned, frames, reaction_ms, facing } = this.#rule;
    const { turn } = poseOf(landmarks);
    const asked = side === "left" ? turn : -turn;
    // On the way there it must have been the same face: afterwards nothing can be compared.
    if (asked > facing / 2 && same === true) this.#compared = true;
    this.#row = asked >= turned ? this.#row + 1 : 0;
    this.#wrong_row = -asked >= turned ? this.#wrong_row + 1 : 0;
    if (this.#wrong_row >= frames) return void this.#fail("wrong_side");
    if (this.#row === 1 && at_ms - this.#since_ms < reaction_ms) {
      return void this.#fail("too_early");
    }
    if (this.#row < frames || !this.#compared) return;
    this.#begin(at_ms);
    this.#state = { state: "facing", left: left - 1 };
  }

  #open(): boolean {
    return this.#state.state === "facing" || this.#state.state === "asked";
  }

  #isTooSlow(taken_ms: number): boolean {
    const { answer_ms, answer_frames, longest_ms } = this.#rule;
    return taken_ms > longest_ms || (taken_ms > answer_ms && this.#looks >= answer_frames);
  }

  #begin(at_ms: number): void {
    this.#since_ms = at_ms;
    this.#looks = 0;
    this.#row = 0;
    this.#wrong_row = 0;
    this.#compared = false;
  }

  #fail(reason: ChallengeReason): ChallengeState {
    return this.#state = { state: "failed", reason };
  }
}
