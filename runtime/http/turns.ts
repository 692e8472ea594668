/**
 * `/lane/{lane}/turns`: asks whoever stands at the lane to turn the head to sides drawn by chance,
 * and tells what is to be shown to them now and what came of it. A picture cannot do that.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Config } from "../config.ts";
import { RuntimeError } from "../errors.ts";
import type { ChallengeState, Random, Side } from "../world.ts";
import { answers, id, json, security, tags } from "./lane_decisions.ts";

/** Poses a challenge before a camera. Rejects with `RuntimeError` `stopped` unless it can. */
export type PoseChallenge = (
  camera: string,
  sides: readonly Side[],
  prompt: (state: ChallengeState) => void,
) => Promise<void>;

/** Turns that may be asked for: a film guesses right once in 2 to the power of them. */
const usual_turns = 3, most_turns = 8;

const state = z.object({
  state: z.enum(["none", "facing", "asked", "met", "failed"]),
  side: z.enum(["left", "right"]).optional().openapi({
    description: "To which side of their own they are to turn now, where the state is `asked`.",
  }),
  left: z.int().optional().openapi({ description: "Turns that are still to come." }),
  reason: z.string().optional().openapi({ description: "Why it failed." }),
}).openapi("TurnsOfTheHead");

const responses = {
  200: { description: "Where it stands.", content: { "application/json": { schema: state } } },
  ...answers({ 404: "There is no such lane." }),
};
const params = z.object({ lane: id });
const pose = createRoute({
  method: "post",
  path: "/lane/{lane}/turns",
  summary: "Ask whoever stands there to turn the head",
  tags,
  security,
  request: {
    params,
    body: json(z.object({ turns: z.int().min(1).max(most_turns).default(usual_turns) })),
  },
  responses,
});
const read = createRoute({
  method: "get",
  path: "/lane/{lane}/turns",
  summary: "What to show whoever was asked to turn the head",
  tags,
  security,
  request: { params },
  responses,
});

export interface TurnsOptions {
  readonly config: Config;
  readonly random: Random;
  readonly pose: PoseChallenge;
}

/** Adds the routes. What was asked of a lane last is remembered until the next or a restart. */
export function turnsRoutes(app: OpenAPIHono, { config, random, pose: ask }: TurnsOptions): void {
  const latest = new Map<string, ChallengeState>();
  const cameraOf = (name: string): string => {
    const lane = config.lanes.find((one) => one.id === name);
    if (lane !== undefined) return lane.camera;
    throw new RuntimeError("not_found", `the store has no lane ${name}; its lanes are in /debug/`);
  };
  const told = (lane: string) => latest.get(lane) ?? { state: "none" as const };

  app.openapi(pose, async (context) => {
    const { lane } = context.req.valid("param");
    const { turns } = context.req.valid("json");
    const camera = cameraOf(lane);
    const sides = Array.from(
      random.bytes(turns),
      (byte): Side => byte % 2 === 0 ? "left" : "right",
    );
    latest.delete(lane);
    await ask(camera, sides, (now) => latest.set(lane, now));
    return context.json(told(lane), 200);
  });
  app.openapi(read, (context) => {
    const { lane } = context.req.valid("param");
    cameraOf(lane);
    return context.json(told(lane), 200);
  });
}
