/** Who is asked about, who is named, and when nobody is. */
import assert from "node:assert/strict";
import type { CameraOrigin } from "../../hardware/ports.ts";
import {
  decide,
  type Decision,
  type DecisionRule,
  judge,
  livenessOf,
  sameDecision,
} from "./decide.ts";
import { cosine, middle, normalised } from "./embed.ts";
import { atPayPosition, payPosition } from "./pay_position.ts";
import { depthRule } from "./parallax.ts";
import { poseOf, qualityOf } from "./quality.ts";
import { CROP_SIDE, REFERENCE } from "./align.ts";
import { direction, face } from "./testing.ts";
import { type Sight, Tracker, type TrackRule } from "./track.ts";

const DIM = 16;
const rule: DecisionRule & TrackRule = {
  threshold: 0.5,
  margin: 0.05,
  frames: 3,
  agreement: 0.6,
  static_cosine: 0.998,
  static_difference: 0.75,
  least_sway: 0,
  proof: "motion",
  unsure_after: 20,
  unsure_after_ms: 4_000,
  screen_peak: 3,
  carried: 0.002,
  flicker: 0.003,
  same: 0.5,
  window: 8,
  blind: 3,
  absent: 2,
  depth: depthRule,
};
const people = new Map([["ada", direction(DIM, 0)], ["bob", direction(DIM, 1)]]);

/** A camera before which faces appear, frame by frame. */
class Scene {
  readonly tracker = new Tracker(rule);
  #frames = 0;
  constructor(
    readonly gallery: ReadonlyMap<string, Float32Array> = people,
    readonly origin: CameraOrigin = "real",
  ) {}

  /** The likeness of a person, moved a little each frame as living faces are. */
  sight(axis: number, x = 100, still = false): Sight {
    const sway = still ? 0.01 : 0.1 * (this.#frames % 2 === 0 ? 1 : -1);
    const crop = new Uint8Array(700).fill(still ? 100 : 100 + 9 * (this.#frames % 2));
    return { box: face(x, 60, 80).box, probe: direction(DIM, axis, 9, sway), weight: 1, crop };
  }

  see(...sights: Sight[]): Decision {
    this.#frames++;
    this.tracker.see(sights);
    const search = (probe: Float32Array, k: number) =>
      [...this.gallery].map(([id, template]) => ({ id, score: cosine(probe, template) }))
        .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k);
    return decide(
      this.tracker.present.map((track) => judge(track, search, rule, this.origin)),
    );
  }

  look(frames: number, ...axes: number[]): Decision {
    let decision: Decision = { outcome: "nobody", matches: [] };
    for (let i = 0; i < frames; i++) {
      decision = this.see(...axes.map((axis, place) => this.sight(axis, 100 + 150 * place)));
    }
    return decision;
  }
}

const named = ({ outcome, matches }: Decision) => [outcome, ...matches.map(({ visit }) => visit)];

Deno.test("one frame names nobody, three that agree name a person", () => {
  const scene = new Scene();
  assert.deepEqual(scene.look(1, 0), { outcome: "nobody", matches: [] });
  assert.deepEqual(scene.look(1, 0), { outcome: "nobody", matches: [] });
  assert.deepEqual(scene.look(1, 0), {
    outcome: "identified",
    matches: [{ visit: "ada", frames: 3, liveness: "passed" }],
  });
});

Deno.test("a stranger is unknown, and whoever is known loses their name with their place", () => {
  const scene = new Scene();
  assert.deepEqual(named(scene.look(5, 0)), ["identified", "ada"]);
  assert.deepEqual(named(scene.look(1, 5)), ["nobody"]);
  assert.deepEqual(named(scene.look(2, 5)), ["unknown"]);
  assert.deepEqual(named(scene.look(1, 1)), ["nobody"]);
  assert.deepEqual(named(scene.look(2, 1)), ["identified", "bob"]);
});

Deno.test("a face that is missed for a moment is not gone, one that is gone is nobody", () => {
  const scene = new Scene();
  scene.look(4, 0);
  assert.deepEqual(named(scene.see()), ["identified", "ada"]);
  assert.deepEqual(named(scene.see()), ["identified", "ada"]);
  assert.deepEqual(named(scene.see()), ["nobody"]);
});

Deno.test("somebody who hides their face is forgotten", () => {
  const scene = new Scene();
  scene.look(4, 0);
  const hidden = { ...scene.sight(0), probe: undefined, crop: undefined, weight: 0 };
  scene.see(hidden);
  assert.deepEqual(named(scene.see(hidden)), ["identified", "ada"]);
  assert.deepEqual(named(scene.see(hidden)), ["nobody"]);
});

Deno.test("people who look alike are ambiguous", () => {
  const twins = new Map([
    ["ada", direction(DIM, 0, 3, 0.2)],
    ["eve", direction(DIM, 0, 3, -0.2)],
    ["bob", direction(DIM, 1)],
  ]);
  const { outcome, matches } = new Scene(twins).look(4, 0);
  assert.equal(outcome, "ambiguous");
  assert.deepEqual(matches.map(({ visit }) => visit).sort(), ["ada", "eve"]);
});

Deno.test("one person under two names: each frame counts for both, whichever comes first", () => {
  const twice = new Map([["ada", direction(DIM, 0)], ["eve", direction(DIM, 0)]]);
  const { outcome, matches } = new Scene(twice).look(4, 0);
  assert.equal(outcome, "ambiguous");
  assert.deepEqual(matches.map(({ visit, frames }) => [visit, frames]), [["ada", 4], ["eve", 4]]);
});

Deno.test("side by side: both may be meant; with a stranger among them nobody is", () => {
  const { outcome, matches } = new Scene().look(4, 0, 1);
  assert.equal(outcome, "ambiguous");
  assert.deepEqual(matches.map(({ visit }) => visit).sort(), ["ada", "bob"]);
  assert.deepEqual(named(new Scene().look(4, 0, 5)), ["unknown"]);
});

Deno.test("a still picture is nobody's face, except where pictures are played", () => {
  const play = (origin: CameraOrigin) => {
    const scene = new Scene(people, origin);
    let decision = scene.see();
    for (let i = 0; i < 5; i++) decision = scene.see(scene.sight(0, 100, true));
    return decision;
  };
  assert.deepEqual(named(play("real")), ["unknown"]);
  assert.deepEqual(named(play("simulated")), ["unknown"]);
  assert.deepEqual(play("recorded"), {
    outcome: "identified",
    matches: [{ visit: "ada", frames: 5, liveness: "not_assessed" }],
  });
});

Deno.test("frozen pixels are a still picture even where the embedding moves", () => {
  const scene = new Scene();
  let decision = scene.see();
  for (let i = 0; i < 5; i++) {
    const crop = new Uint8Array(700).fill(100);
    decision = scene.see({ ...scene.sight(0), crop });
  }
  assert.deepEqual(named(decision), ["unknown"]);
});

const sixFrames = () =>
  [0, 1, 2, 3, 4, 5].map((axis) => ({
    probe: direction(DIM, axis),
    weight: 1,
    step: { cosine: 0.98, difference: 5 },
  }));

Deno.test("where too few frames by themselves show the one who is named, nobody is", () => {
  const frames = sixFrames();
  const probe = direction(DIM, 9);
  /** The middle is near Ada; of single frames, so many are. */
  const verdict = (agreeing: number) => {
    const search = (asked: Float32Array) => {
      const frame = frames.findIndex((one) => one.probe === asked);
      const near = asked === probe || frame < agreeing;
      return [{ id: near ? "ada" : "bob", score: 0.8 }];
    };
    return judge(
      {
        frames,
        probe,
        solidity: "undecided",
        sway: 1,
        turns: 0,
        solid_by_itself: false,
        shown: false,
        beside: "still",
      },
      search,
      rule,
      "real",
    );
  };
  assert.equal(verdict(3).outcome, "unknown");
  assert.deepEqual(verdict(4), {
    outcome: "identified",
    matches: [{ visit: "ada", frames: 4, liveness: "passed" }],
  });
});

Deno.test("what is beside a face is asked by the usual rule, and by no other", () => {
  const frames = sixFrames();
  const face = { frames, solidity: "undecided", sway: 1, turns: 0, solid_by_itself: true } as const;
  const signs = (proof: "motion" | "graded", shown = false) =>
    ([undefined, "carried", "screen", "stirred", "unseen", "still"] as const).map((beside) =>
      livenessOf({ ...face, shown, beside }, { ...rule, proof })
    );
  assert.deepEqual(new Set(signs("motion")), new Set(["passed"]));
  const of = (others: string) => ["undecided", "carried", "screen", others, others, "passed"];
  assert.deepEqual(signs("graded"), of("undecided"));
  // Where others move, or too little is seen, whoever stands there is asked and not refused.
  assert.deepEqual(signs("graded", true), of("unsure"));
});

Deno.test("a face has shown what it will after some seconds, or after more frames", () => {
  const shownAfter = (frames: number, step_ms: number) => {
    const tracker = new Tracker(rule);
    const { landmarks } = face(100, 60, 80);
    const probe = () => direction(DIM, 0, 9, 0.1);
    for (let i = 0; i < frames; i++) {
      const sight = { box: face(100, 60, 80).box, landmarks, probe: probe(), weight: 1 };
      tracker.see([{ ...sight, crop: undefined }], { at_ms: 1_000 + i * step_ms });
    }
    return tracker.present[0]?.shown;
  };
  assert.deepEqual([19, 20].map((frames) => shownAfter(frames, 100)), [false, true]);
  assert.deepEqual([11, 12].map((frames) => shownAfter(frames, 500)), [false, true]);
  assert.equal(shownAfter(12, 300), false, "3.3 seconds");
});

Deno.test("faces weigh by their quality", () => {
  const toward = middle([direction(DIM, 0), direction(DIM, 1)], [3, 1]);
  assert.ok(cosine(toward, direction(DIM, 0)) > 0.94);
  assert.throws(() => normalised([NaN, 1]), /no direction/);
  assert.throws(() => normalised([0, 0]), /no direction/);
  assert.throws(() => normalised([Infinity, 0]), /no direction/);
});

Deno.test("only who stands at the pay position is asked about", () => {
  const picture = { width: 320, height: 240 };
  const paying = face(120, 80, 80);
  const queueing = face(150, 90, 40);
  const passing = face(-20, 90, 90);
  const found = atPayPosition([queueing, passing, paying], picture, payPosition);
  assert.deepEqual(found, [paying]);
  assert.deepEqual(atPayPosition([queueing, passing], picture, payPosition), []);
  const beside = face(200, 80, 76);
  assert.deepEqual(atPayPosition([beside, paying], picture, payPosition), [paying, beside]);
  assert.deepEqual(atPayPosition([face(150, 90, 60), paying], picture, payPosition), [paying]);
});

Deno.test("faces that cannot be compared say why", () => {
  const crop = new Uint8Array(CROP_SIDE * CROP_SIDE * 3).map((_, i) => 90 + (i * 7919) % 61);
  const box = face(0, 0, 100).box;
  const good = qualityOf(box, REFERENCE, crop);
  assert.deepEqual(good.reasons, []);
  assert.ok(good.weight > 0.9 && good.weight <= 1);
  const reasons = (change: { width?: number; crop?: Uint8Array; landmarks?: typeof REFERENCE }) =>
    qualityOf(
      { ...box, width: change.width ?? 100 },
      change.landmarks ?? REFERENCE,
      change.crop ?? crop,
    ).reasons;
  assert.deepEqual(reasons({ width: 20 }), ["too_small"]);
  assert.deepEqual(reasons({ crop: crop.map((value) => value >> 3) }), ["too_dark"]);
  assert.deepEqual(reasons({ crop: crop.map((value) => 205 + (value >> 2)) }), ["too_bright"]);
  assert.deepEqual(reasons({ crop: new Uint8Array(crop.length).fill(128) }), ["blurred"]);
  const [right, left, nose, ...mouth] = REFERENCE;
  const turned = [right, left, { x: left.x, y: nose.y }, ...mouth] as unknown as typeof REFERENCE;
  assert.deepEqual(reasons({ landmarks: turned }), ["turned_away"]);
  assert.ok(poseOf(turned).turn > 0.95);
  const tilted = REFERENCE.map(({ x, y }) => ({
    x: x - y,
    y: x + y,
  })) as unknown as typeof REFERENCE;
  assert.deepEqual(reasons({ landmarks: tilted }), ["tilted"]);
});

Deno.test("a decision is news when it means somebody else, not when more frames agree", () => {
  const one: Decision = {
    outcome: "identified",
    matches: [{ visit: "ada", frames: 3, liveness: "passed" }],
  };
  const more: Decision = { ...one, matches: [{ ...one.matches[0]!, frames: 8 }] };
  assert.ok(sameDecision(one, more));
  assert.ok(!sameDecision(undefined, one));
  assert.ok(!sameDecision(one, { ...one, matches: [{ ...one.matches[0]!, visit: "bob" }] }));
  assert.ok(!sameDecision(one, { outcome: "ambiguous", matches: one.matches }));
});
