/** Who turns as asked has met the challenge; pictures, films and others who answer have not. */
import assert from "node:assert/strict";
import type { ChallengeState, Side } from "../world.ts";
import type { Landmarks } from "./align.ts";
import { Challenge, challengeRule } from "./challenge.ts";
import { ChallengedFace } from "./challenged.ts";
import { poseOf } from "./quality.ts";
import { settingsOf } from "./perception.ts";
import { direction } from "./testing.ts";
import { type Sight, Tracker } from "./track.ts";

const FRAME_MS = 200;

/** A head with a nose that stands out, turned by degrees; flat where `depth` is 0. */
function landmarks(degrees: number, depth = 14): Landmarks {
  const yaw = degrees * Math.PI / 180;
  const at = (x: number, y: number, z: number) => ({
    x: 160 + x * Math.cos(yaw) + z * Math.sin(yaw),
    y: 120 + y,
  });
  return [at(-20, -12, 0), at(20, -12, 0), at(0, 10, depth), at(-15, 32, 0), at(15, 32, 0)];
}

/** Shows one frame after the other, and gives the states as they changed. */
function shown(
  challenge: Challenge,
  frames: readonly { readonly degrees: number; readonly same?: boolean; readonly depth?: number }[],
  from_ms = 0,
): ChallengeState[] {
  const told: ChallengeState[] = [];
  for (const [i, { degrees, depth, ...other }] of frames.entries()) {
    const same = "same" in other ? other.same : Math.abs(degrees) < 30 ? true : undefined;
    const at_ms = from_ms + (i + 1) * FRAME_MS;
    const state = challenge.see({ at_ms, landmarks: landmarks(degrees, depth), same });
    if (JSON.stringify(state) !== JSON.stringify(told.at(-1))) told.push(state);
  }
  return told;
}

const still = (count: number) => Array(count).fill({ degrees: 0 });
const turn = (degrees: number) =>
  [0.1, 0.6, 1, 1, 1, 0.5, 0.1].map((share) => ({ degrees: share * degrees }));
const failed = (reason: string) => ({ state: "failed", reason });

Deno.test("a head that turns to the sides it is asked for has met the challenge", () => {
  const told = shown(new Challenge(["left", "right"], 0), [
    ...still(4),
    ...turn(40),
    ...still(3),
    ...turn(-40),
    ...still(3),
  ]);
  assert.deepEqual(told, [
    { state: "facing", left: 2 },
    { state: "asked", side: "left", left: 2 },
    { state: "facing", left: 1 },
    { state: "asked", side: "right", left: 1 },
    { state: "facing", left: 0 },
    { state: "met" },
  ]);
});

Deno.test("their left is at the right of the picture", () => {
  assert.ok(poseOf(landmarks(30)).turn > 0.3);
  assert.deepEqual(
    shown(new Challenge(["right"], 0), [...still(4), ...turn(40)]).at(-1),
    failed("wrong_side"),
  );
});

Deno.test("a turn that had begun before it was asked for is no answer", () => {
  const challenge = new Challenge(["left"], 0);
  const frames = [...still(2).entries()].map(([i]) => ({
    at_ms: 40 * i,
    landmarks: landmarks(0),
    same: true,
  }));
  for (const frame of frames) challenge.see(frame);
  assert.equal(challenge.state.state, "asked");
  challenge.see({ at_ms: 80, landmarks: landmarks(12), same: true });
  const state = challenge.see({ at_ms: 120, landmarks: landmarks(40), same: undefined });
  assert.deepEqual(state, failed("too_early"));
});

Deno.test("no answer in time is none, and a face that is gone gives none", () => {
  assert.deepEqual(shown(new Challenge(["left"], 0), still(40)).at(-1), failed("too_slow"));
  const challenge = new Challenge(["left"], 0);
  challenge.lose();
  assert.deepEqual(challenge.state, failed("lost"));
});

Deno.test("where few frames are looked at an answer may take longer, but not for ever", () => {
  const slow = (step_ms: number, frames: number) =>
    Array.from({ length: frames }, (_, i) => ({
      at_ms: (i + 1) * step_ms,
      landmarks: landmarks(0),
      same: true,
    }));
  const challenge = new Challenge(["left"], 0);
  for (const frame of slow(1_000, 11)) challenge.see(frame);
  assert.equal(challenge.state.state, "asked", "nine seconds, and as many frames");
  for (const frame of slow(1_000, 20)) challenge.see(frame);
  assert.deepEqual(challenge.state, failed("too_slow"));
  const slowest = new Challenge(["left"], 0);
  for (const frame of slow(4_000, 5)) slowest.see(frame);
  assert.equal(slowest.state.state, "asked");
  for (const frame of slow(4_000, 7)) slowest.see(frame);
  assert.deepEqual(slowest.state, failed("too_slow"), "too few frames are no excuse for ever");
});

Deno.test("a picture that is turned shows no nose to the side, and no depth", () => {
  const pictured = (frames: { degrees: number }[]) =>
    frames.map((frame) => ({ ...frame, depth: 0 }));
  assert.deepEqual(
    shown(new Challenge(["left"], 0), pictured([...still(4), ...turn(50), ...still(30)])).at(-1),
    failed("too_slow"),
  );
  const strict = new Challenge(["left"], 0, {
    ...challengeRule,
    depth: { ...challengeRule.depth, solid: 9 },
  });
  const told = shown(strict, [...still(4), ...turn(40), ...still(4)]);
  assert.deepEqual(told.at(-1), failed("flat"), "less depth than is asked for is none");
});

Deno.test("nobody answers for somebody else", () => {
  const other = { degrees: 0, same: false };
  assert.deepEqual(
    shown(new Challenge(["left"], 0), [...still(4), ...turn(40).slice(0, 5), other]).at(-1),
    failed("another_face"),
  );
  // Turned away at once, with nothing comparable on the way: it may be anybody.
  const swapped = [...still(4), { degrees: 40 }, { degrees: 40 }, { degrees: 40 }];
  const challenge = new Challenge(["left"], 0);
  shown(challenge, swapped);
  assert.equal(challenge.state.state, "asked");
});

/** Faces before one recogniser's tracker, by name. */
class Till {
  readonly rule = settingsOf(
    { threshold: 0.5, margin: 0.05, static_cosine: 0.998 },
    { id: "camera", origin: "real" },
    { proof: "challenge" },
  ).rule;
  readonly tracker = new Tracker(this.rule);
  face: ChallengedFace | undefined;
  #at_ms = 0;

  sight(axis: number, degrees: number): Sight {
    const sway = 0.1 * Math.sin(this.#at_ms);
    const probe = Math.abs(degrees) > 30 ? undefined : direction(8, axis, 7, sway);
    const box = { x: 120, y: 90, width: 80, height: 90 };
    return { box, landmarks: landmarks(degrees), probe, weight: 1, crop: undefined };
  }

  see(...sights: Sight[]): ChallengeState | undefined {
    this.#at_ms += FRAME_MS;
    this.tracker.see(sights);
    this.face?.see(sights, this.tracker.present, this.#at_ms);
    return this.face?.state;
  }

  pose(...sides: Side[]): void {
    this.face = new ChallengedFace(this.tracker.present, sides, this.#at_ms, this.rule);
  }
}

Deno.test("a face that met its challenge is known for it, another in its place is not", () => {
  const till = new Till();
  for (let i = 0; i < 3; i++) till.see(till.sight(0, 0));
  till.pose("left");
  for (const degrees of [0, 0, 4, 24, 40, 40, 40, 20, 0]) till.see(till.sight(0, degrees));
  assert.deepEqual(till.see(till.sight(0, 0)), { state: "met" });
  assert.deepEqual(till.tracker.present.map((track) => track.turns), [1]);
  till.see(till.sight(1, 0));
  assert.deepEqual(till.tracker.present.map((track) => track.turns), [0]);
});

Deno.test("a challenge needs one face that can be compared, and ends with it", () => {
  const till = new Till();
  till.pose("left");
  assert.deepEqual(till.face!.state, failed("lost"));
  for (let i = 0; i < 3; i++) till.see(till.sight(0, 0));
  till.pose("left");
  for (let i = 0; i < 4; i++) till.see();
  assert.deepEqual(till.face!.state, failed("lost"));
});
