/** A payment's wish for a turn of the head reaches the camera, and what came of it the payment. */
import assert from "node:assert/strict";
import type { Command } from "../../actors/messages.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { handClock } from "../../hardware/simulated/testing.ts";
import { limits as machineLimits } from "../../actors/limits.ts";
import { limits } from "../limits.ts";
import { parseConfig } from "../config.ts";
import type { ChallengeState, Side } from "../world.ts";
import { readFileSync } from "node:fs";
import { createTurnDesk, type TurnDeskOptions } from "./turns.ts";

const config = parseConfig(
  readFileSync(new URL("../../deploy/store.example.json", import.meta.url), "utf8"),
);

/** The desk, and what it told payments. */
function desk(challenge: TurnDeskOptions["challenge"]) {
  const told: [string, EventLike][] = [];
  const effects = new Map<string, (command: never) => void>();
  const engine: Pick<Engine, "effect" | "post"> = {
    effect: (type, run) => void effects.set(type, run as never),
    post: (to, event) =>
      Promise.resolve(told.push([to, event])).then(() => ({ accepted: true }) as never),
  };
  const random = { bytes: (length: number) => Uint8Array.from({ length }, (_, at) => at) };
  const clock = handClock(0);
  const made = createTurnDesk({ engine, config, random, clock, log: () => {}, challenge });
  made.wire();
  const pose = (command: Command) => effects.get(command.type)?.(command as never);
  return { made, told, pose, clock };
}
const wish = { type: "turn.pose", payment: "p", lane: "1", attempt: 2, failed: 0 } as const;

Deno.test("the payment hears of its turn once, and the lane shows each state", () => {
  let prompt: (state: ChallengeState) => void = () => {};
  const asked: [string, readonly Side[]][] = [];
  const { made, told, pose } = desk((camera, sides, tell) => {
    asked.push([camera, sides]);
    prompt = tell;
    return Promise.resolve();
  });
  const changes: string[] = [];
  const deaf = made.watch((lane) => changes.push(lane));
  pose(wish);
  assert.deepEqual(asked, [["till-1", ["left", "right", "left"]]]);
  prompt({ state: "facing", left: 3 });
  prompt({ state: "asked", side: "left", left: 3 });
  assert.deepEqual(told, []);
  assert.deepEqual(made.turns("1"), { state: "asked", side: "left", left: 3 });
  prompt({ state: "met" });
  assert.deepEqual(told, [["payment/p", { type: "turn.judged", attempt: 2, outcome: "met" }]]);
  assert.deepEqual(changes, ["1", "1", "1"]);
  deaf();
  prompt({ state: "met" });
  assert.equal(changes.length, 3);
});

Deno.test("after each failed try one side more is asked for, up to the most", () => {
  const asked: number[] = [];
  const { pose } = desk((_camera, sides) => {
    asked.push(sides.length);
    return Promise.resolve();
  });
  for (const failed of [0, 1, 2, 100]) pose({ ...wish, failed });
  assert.deepEqual(asked, [3, 4, 5, 8]);
});

Deno.test("a camera that cannot ask has the payment know at once", async () => {
  const blind = new RuntimeError("stopped", "it does not see");
  const { told, pose } = desk(() => Promise.reject(blind));
  pose(wish);
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(told, [["payment/p", { type: "turn.judged", attempt: 2, outcome: "failed" }]]);
});

/** A lane whose camera says what is to come of each try, and how many sides each asked for. */
function proving(comes: readonly ("met" | "failed" | "nothing")[]) {
  const asked: number[] = [];
  const said = desk((_camera, sides, tell) => {
    const came = comes[asked.length];
    asked.push(sides.length);
    tell({ state: "facing", left: sides.length });
    if (came === "met") tell({ state: "met" });
    if (came === "failed") tell({ state: "failed", reason: "wrong_side" });
    return Promise.resolve();
  });
  return { ...said, asked };
}

Deno.test("who is to prove a change is asked anew until the head turned as asked", async () => {
  const { made, clock, asked, told } = proving(["failed", "failed", "met"]);
  const turned = made.prove("1");
  assert.equal(made.proving("1"), true);
  await clock.pass(2 * machineLimits.turn_pause_ms);
  assert.equal(await turned, true);
  assert.deepEqual(asked, [3, 4, 5]);
  assert.equal(made.proving("1"), false);
  assert.deepEqual(told, [], "no payment is meant");
});

Deno.test("three failed tries, or the time of all, prove nothing", async () => {
  const failing = proving(["failed", "failed", "failed", "met"]);
  const never = failing.made.prove("1");
  await failing.clock.pass(3 * machineLimits.turn_pause_ms);
  assert.equal(await never, false);
  assert.equal(failing.asked.length, 3);

  const silent = proving(["nothing"]);
  const late = silent.made.prove("1");
  await silent.clock.pass(limits.change_turns_ms);
  await silent.clock.pass(machineLimits.turn_pause_ms);
  assert.equal(await late, false);
  assert.equal(silent.asked.length, 1);
});

Deno.test("a sale that begins meanwhile has the lane to itself", async () => {
  const { made, clock, pose, asked } = proving(["failed", "nothing"]);
  const turned = made.prove("1");
  await clock.pass(0);
  pose(wish);
  assert.equal(made.proving("1"), false);
  await clock.pass(machineLimits.turn_pause_ms);
  assert.equal(await turned, false);
  assert.equal(asked.length, 2);
});

Deno.test("a lane whose camera cannot ask proves nothing and says why", async () => {
  const { made } = desk(() => Promise.reject(new RuntimeError("stopped", "it does not see")));
  await assert.rejects(made.prove("1"), /it does not see/);
  assert.equal(made.proving("1"), false);
});
