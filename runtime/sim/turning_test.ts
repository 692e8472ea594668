/** A simulated eye judges turns as a real one does: in time, to the side asked for, by one face. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { ChallengeState, Side } from "../world.ts";
import { CameraDevice } from "./devices.ts";
import { createRecogniser } from "./recogniser.ts";
import { faceOf } from "./faces.ts";
import { Scheduler } from "./scheduler.ts";

const settle = () => new Promise<void>((resolve) => void setTimeout(resolve));
const sides: readonly Side[] = ["left", "right"];

async function lane(film = false) {
  const chance = chanceOf("turning");
  const errors: unknown[] = [];
  const broken = (error: unknown) => void errors.push(error);
  const clock = new Scheduler({ start_ms: 1_000, chance: chance.fork("order"), settle, broken });
  const camera = new CameraDevice("till-1");
  const judged: [boolean, number][] = [];
  const nothing = () => {};
  const recogniser = createRecogniser({
    clock,
    chance: chance.fork("eye"),
    rates: { miss: 0, confuse: 0, mistake: 0, unsure: 0 },
    watch: {
      ...{ admitted: nothing, wiped: nothing, emptied: nothing, told: nothing },
      ...{ probed: nothing, askedToTurn: nothing, prompted: nothing },
      turned: (_camera, met, turns) => void judged.push([met, turns]),
    },
  });
  const eye = await recogniser.watch(camera, nothing);
  const face = faceOf(chance.fork("ada"));
  camera.show({ front: face, faces: 1, film });
  const states: ChallengeState[] = [];
  const pass = (ms: number) => clock.run(clock.now_ms() + ms, () => false);
  await pass(1_000);
  await eye.challenge?.(sides, (state) => void states.push(state));
  const turn = (head?: Side) => camera.show({ ...camera.sight(), head });
  /** Turns as told by the last state, until that is the last. */
  async function turns(sideOf: (asked: Side) => Side) {
    for (let last = states.at(-1); last?.state === "facing" || last?.state === "asked";) {
      await pass(600);
      last = states.at(-1);
      turn(last?.state === "asked" ? sideOf(last.side) : undefined);
      await pass(600);
      last = states.at(-1);
    }
  }
  return { camera, chance, eye, face, states, judged, pass, turn, turns, errors };
}

Deno.test("who turns to each side as asked, and back, has met it; and a probe knows", async () => {
  const { turns, states, judged, eye, pass, errors } = await lane(true);
  await turns((asked) => asked);
  assert.deepEqual(states.at(-1), { state: "met" });
  assert.deepEqual(states.flatMap((one) => one.state === "asked" ? [one.side] : []), sides);
  assert.deepEqual(judged, [[true, 2]]);
  const nobody = eye.probe?.(3_000);
  await pass(6_000);
  assert.equal(await nobody, undefined, "what may be a film, and is not asked, is nobody");
  const refused = eye.probe?.(9_000, { always: false, ask: () => Promise.resolve(false) });
  await pass(12_000);
  assert.equal(await refused, undefined);
  assert.deepEqual(errors, []);
});

Deno.test("the other side, too early, and not at all", async () => {
  const wrong = await lane();
  await wrong.turns((asked) => asked === "left" ? "right" : "left");
  assert.deepEqual(wrong.states.at(-1), { state: "failed", reason: "wrong_side" });
  const late = await lane();
  await late.pass(6_000);
  assert.deepEqual(late.states.at(-1), { state: "failed", reason: "too_slow" });
  const before = await lane();
  before.turn("left");
  await before.pass(1_000);
  assert.deepEqual(before.states.map(({ state }) => state), ["facing"], "it is to look back first");
  before.turn();
  await before.pass(600);
  assert.equal(before.states.at(-1)?.state, "asked");
});

Deno.test("another face, and nobody any more", async () => {
  const { camera, chance, states, judged } = await lane();
  camera.show({ front: faceOf(chance.fork("bob")), faces: 1 });
  assert.deepEqual(states.at(-1), { state: "failed", reason: "another_face" });
  assert.deepEqual(judged, [[false, 0]]);
  const gone = await lane();
  gone.camera.show({ front: undefined, faces: 0 });
  assert.deepEqual(gone.states.at(-1), { state: "failed", reason: "lost" });
});
