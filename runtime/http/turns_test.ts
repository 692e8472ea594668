/** A lane asks whoever stands there to turn the head, to sides that nobody could know before. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { OpenAPIHono } from "@hono/zod-openapi";
import { handClock } from "../../hardware/simulated/testing.ts";
import { parseConfig } from "../config.ts";
import { RuntimeError } from "../errors.ts";
import type { ChallengeState, Side } from "../world.ts";
import { onError } from "./problems.ts";
import { createTurnDesk, type TurnDeskOptions } from "../intake/turns.ts";
import { laneNow } from "./lane_now.ts";
import { turnsRoutes } from "./turns.ts";

const config = parseConfig(
  readFileSync(new URL("../../deploy/store.example.json", import.meta.url), "utf8"),
);

function lane(
  challenge: TurnDeskOptions["challenge"],
  bytes: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7],
) {
  const app = new OpenAPIHono();
  app.onError(onError(() => {}));
  const random = { bytes: (length: number) => Uint8Array.from(bytes.slice(0, length)) };
  const engine = { effect: () => {}, post: () => Promise.reject(new Error("nobody asked it")) };
  const clock = handClock(0);
  const desk = createTurnDesk({ engine, config, random, clock, log: () => {}, challenge });
  turnsRoutes(app, config, { ...desk, digits: () => undefined });
  return {
    async ask(path: string, body?: unknown) {
      const response = await app.request(
        path,
        body === undefined ? {} : {
          method: "POST",
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        },
      );
      return { status: response.status, body: await response.json() };
    },
  };
}

Deno.test("the sides come from chance, and each state is there to be shown", async () => {
  const posed: [string, readonly Side[]][] = [];
  let prompt: (state: ChallengeState) => void = () => {};
  const { ask } = lane((camera, sides, tell) => {
    posed.push([camera, sides]);
    prompt = tell;
    tell({ state: "facing", left: sides.length });
    return Promise.resolve();
  }, [4, 7, 9]);
  assert.deepEqual((await ask("/lane/1/turns")).body, { state: "none" });
  assert.deepEqual((await ask("/lane/1/turns", {})).body, { state: "facing", left: 3 });
  assert.deepEqual(posed, [["till-1", ["left", "right", "right"]]]);
  prompt({ state: "asked", side: "left", left: 3 });
  assert.deepEqual((await ask("/lane/1/turns")).body, { state: "asked", side: "left", left: 3 });
  prompt({ state: "failed", reason: "flat" });
  assert.deepEqual((await ask("/lane/1/turns")).body, { state: "failed", reason: "flat" });
  assert.deepEqual((await ask("/lane/2/turns")).body, { state: "none" }, "another lane");
});

Deno.test("a camera that does not see, a lane that is none, too many turns: refused", async () => {
  const blind = lane(() => Promise.reject(new RuntimeError("stopped", "camera is not seeing")));
  assert.equal((await blind.ask("/lane/1/turns", { turns: 2 })).status, 503);
  const sees = lane(() => Promise.resolve());
  assert.equal((await sees.ask("/lane/9/turns", {})).status, 404);
  assert.equal((await sees.ask("/lane/9/turns")).status, 404);
  assert.equal((await sees.ask("/lane/1/turns", { turns: 9 })).status, 400);
});

Deno.test("the lane shows turns that a change of account data asks for, and no others", () => {
  const state: ChallengeState = { state: "asked", side: "left", left: 2 };
  const engine = { view: () => undefined };
  const turnWhile = (proving: boolean) =>
    laneNow(engine, config, config.lanes[0]!, {
      turns: () => state,
      proving: (lane) => proving && lane === "1",
      digits: () => undefined,
    }).turn;
  assert.deepEqual(turnWhile(true), state);
  assert.equal(turnWhile(false), null);
});
