/**
 * What an eye of a simulation makes of a head that was asked to turn: the one who stood there when
 * it was asked, to each side in time, and back. Judged as perception judges it, without landmarks.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { ChallengeReason, ChallengeState, Clock, Side } from "../world.ts";

/** Whoever stands at the pay position, for as long as they do. */
export interface Standing {
  readonly face: Float32Array;
  /** Somebody holds up a film or a picture of that face. */
  readonly film: boolean;
  /** To so many sides the head was turned as asked; 0 where it was not. */
  turns: number;
  /** Once it may be a film, only a turn says otherwise. */
  unsure: boolean;
  /** The visit of somebody else who looks like this, to this camera. */
  like: string | undefined;
}

export interface TurningSetting {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Where the head is turned; undefined when it looks at the camera. */
  readonly head: () => Side | undefined;
  /** Whether frames come. */
  readonly sees: () => boolean;
  /** All sides were shown, or it failed; the last prompt has been told. */
  readonly judged: (met: boolean, turns: number) => void;
}

interface Open {
  readonly sides: readonly Side[];
  readonly prompt: (state: ChallengeState) => void;
  /** Sides that were shown. */
  shown: number;
  /** Is to turn now, or to look at the camera. */
  asked: boolean;
  since_ms: number;
  turned_ms: number | undefined;
}

/** Two frames that show it. */
const look_ms = [150, 500] as const;
/** A turn begun before this is no answer, and one after that is too late. */
const reaction_ms = 200;
const answer_ms = 5_000;

export class Turning {
  readonly #setting: TurningSetting;
  #open: Open | undefined;
  #cancelLook = () => {};
  #cancelEnd = () => {};

  constructor(setting: TurningSetting) {
    this.#setting = setting;
  }

  /** Asks whoever stands there, in place of what was asked before. */
  pose(
    sides: readonly Side[],
    prompt: (state: ChallengeState) => void,
    standing: Standing | undefined,
  ): void {
    this.drop();
    const since_ms = this.#setting.clock.now_ms();
    this.#open = { sides, prompt, shown: 0, asked: false, since_ms, turned_ms: undefined };
    if (standing === undefined) return this.fail("lost");
    this.#begin(false);
  }

  /** The head has moved. */
  moved(): void {
    const open = this.#open;
    if (!open) return;
    open.turned_ms = this.#setting.clock.now_ms();
    this.#lookSoon();
  }

  /** Whoever was asked is not there any more, or is forgotten. */
  fail(reason: ChallengeReason): void {
    const open = this.#open;
    if (!open) return;
    this.drop();
    open.prompt({ state: "failed", reason });
    this.#setting.judged(false, open.shown);
  }

  /** Without a word. */
  drop(): void {
    this.#cancelLook();
    this.#cancelEnd();
    this.#open = undefined;
  }

  #begin(asked: boolean): void {
    const open = this.#open;
    if (!open) return;
    const { clock } = this.#setting;
    const left = open.sides.length - open.shown;
    const side = open.sides[open.shown];
    open.asked = asked;
    open.since_ms = clock.now_ms();
    this.#cancelEnd();
    this.#cancelEnd = clock.after(answer_ms, () => this.fail("too_slow"));
    open.prompt(
      asked && side !== undefined ? { state: "asked", side, left } : {
        state: "facing",
        left,
      },
    );
    this.#lookSoon();
  }

  #lookSoon(): void {
    const { clock, chance } = this.#setting;
    this.#cancelLook();
    this.#cancelLook = clock.after(chance.between(...look_ms), () => this.#look());
  }

  #look(): void {
    const open = this.#open;
    if (!open || !this.#setting.sees()) return;
    const head = this.#setting.head();
    if (!open.asked) return head === undefined ? this.#faced(open) : undefined;
    if (head === undefined) return;
    if (head !== open.sides[open.shown]) return this.fail("wrong_side");
    if ((open.turned_ms ?? 0) < open.since_ms + reaction_ms) return this.fail("too_early");
    open.shown++;
    this.#begin(false);
  }

  #faced(open: Open): void {
    if (open.shown < open.sides.length) return this.#begin(true);
    this.drop();
    open.prompt({ state: "met" });
    this.#setting.judged(true, open.shown);
  }
}
