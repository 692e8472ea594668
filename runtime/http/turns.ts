/**
 * `/lane/{lane}/turns`: asks whoever stands at the lane to turn the head to sides drawn by chance,
 * and tells what is to be shown to them now and what came of it. A picture cannot do that.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Config } from "../config.ts";
import { limits } from "../limits.ts";
import type { LanePrompts } from "../counter.ts";
import type { ChallengeState } from "../world.ts";
import { answers, id, json, security, tags } from "./lane_decisions.ts";
import { laneOf } from "./sales.ts";

/** Turns that are asked for where nothing is said: one of 2 to the power of them is guessed. */
const usual_turns = 3;

export const turnsBody = z.object({
  state: z.enum(["none", "facing", "asked", "met", "failed"]),
  side: z.enum(["left", "right"]).optional().openapi({
    description: "To which side of their own they are to turn now, where the state is `asked`.",
  }),
  left: z.int().optional().openapi({ description: "Turns that are still to come." }),
  reason: z.string().optional().openapi({ description: "Why it failed." }),
}).openapi("TurnsOfTheHead");

const responses = {
  200: { description: "Where it stands.", content: { "application/json": { schema: turnsBody } } },
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
    body: json(z.object({ turns: z.int().min(1).max(limits.turns_asked).default(usual_turns) })),
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

/** Adds the routes. */
export function turnsRoutes(app: OpenAPIHono, config: Config, prompts: LanePrompts): void {
  const told = (state: ChallengeState | undefined) => state ?? { state: "none" as const };

  app.openapi(pose, async (context) => {
    const { lane } = context.req.valid("param");
    const { turns } = context.req.valid("json");
    await prompts.askTurns(laneOf(config, lane).id, turns);
    return context.json(told(prompts.turns(lane)), 200);
  });
  app.openapi(read, (context) => {
    const { lane } = context.req.valid("param");
    return context.json(told(prompts.turns(laneOf(config, lane).id)), 200);
  });
}
