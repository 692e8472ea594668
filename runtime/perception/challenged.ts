/**
 * The face that a challenge was put to, held fast by place and likeness: nobody answers for
 * somebody else, and nobody takes the answerer's place while the head is turned away.
 */
import type { ChallengeState, Side } from "../world.ts";
import { Challenge, challengeRule } from "./challenge.ts";
import { type Box, intersectionOverUnion } from "./detect.ts";
import { cosine } from "./embed.ts";
import { poseOf } from "./quality.ts";
import type { Sight, Track, TrackRule } from "./track.ts";

/** Share of its place that a face must keep from frame to frame. */
const LEAST_OVERLAP = 0.3;

/** A turned face is so much less like itself. */
const TURNED_SLACK = 0.2;

export class ChallengedFace {
  readonly #challenge: Challenge;
  readonly #rule: TrackRule;
  readonly #turns: number;
  #anchor: Float32Array<ArrayBuffer> | undefined;
  #box: Box | undefined;
  #absent = 0;

  constructor(
    present: readonly Track[],
    sides: readonly Side[],
    at_ms: number,
    rule: TrackRule,
  ) {
    this.#rule = rule;
    this.#turns = sides.length;
    this.#challenge = new Challenge(sides, at_ms, { ...challengeRule, ...rule.challenge });
    const [track] = present;
    if (present.length === 1 && track?.probe !== undefined) {
      this.#anchor = track.probe.slice();
      this.#box = track.box;
    } else {
      this.end();
    }
  }

  get state(): ChallengeState {
    return this.#challenge.state;
  }

  /** Takes a frame in; the track of a face that has met its challenge is told so. */
  see(sights: readonly Sight[], present: readonly Track[], at_ms: number): void {
    const anchor = this.#anchor;
    if (anchor === undefined) return;
    const here = sights.filter(({ box }) =>
      intersectionOverUnion(box, this.#box!) >= LEAST_OVERLAP
    );
    const [sight] = here;
    if (here.length !== 1 || sight?.landmarks === undefined || sight.landmarks_guessed) {
      if (here.length > 1 || ++this.#absent > this.#rule.absent) this.end();
      return;
    }
    this.#absent = 0;
    this.#box = sight.box;
    const { landmarks, probe } = sight;
    const facing = Math.abs(poseOf(landmarks).turn) <= challengeRule.facing;
    const least = facing ? this.#rule.same : this.#rule.same - TURNED_SLACK;
    const same = probe === undefined ? undefined : cosine(anchor, probe) >= least;
    const { state } = this.#challenge.see({ at_ms, landmarks, same });
    if (state === "met") {
      present.find(({ box }) => box === sight.box)?.meetChallenge(
        this.#turns,
      );
    }
    if (state === "met" || state === "failed") this.end();
  }

  /** Overwrites what was kept of the face; a challenge that is still open has failed. */
  end(): void {
    this.#challenge.lose();
    this.#anchor?.fill(0);
    this.#anchor = undefined;
  }
}
