/** A payment's wish for a turn of the head reaches the camera, and what came of it the payment. */
import assert from "node:assert/strict";
import type { Command } from "../../actors/messages.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
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
  const made = createTurnDesk({ engine, config, random, log: () => {}, challenge });
  made.wire();
  const pose = (command: Command) => effects.get(command.type)?.(command as never);
  return { made, told, pose };
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
  let changes = 0;
  const deaf = made.watch(() => changes++);
  pose(wish);
  assert.deepEqual(asked, [["till-1", ["left", "right", "left"]]]);
  prompt({ state: "facing", left: 3 });
  prompt({ state: "asked", side: "left", left: 3 });
  assert.deepEqual(told, []);
  assert.deepEqual(made.turns("1"), { state: "asked", side: "left", left: 3 });
  prompt({ state: "met" });
  assert.deepEqual(told, [["payment/p", { type: "turn.judged", attempt: 2, outcome: "met" }]]);
  assert.equal(changes, 3);
  deaf();
  prompt({ state: "met" });
  assert.equal(changes, 3);
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
