/**
 * Changes of account data at a lane: the shopper asks, the camera looks, the issuer compares, and
 * the lane is told how it ended. What was asked for is not told again by any of these.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ChangeAsked, Changes } from "../counter.ts";
import type { ActorView } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import {
  answers,
  decides,
  id,
  inTime,
  json,
  security,
  service_id,
  tags,
  wait_ms,
  withStatus,
} from "./lane_decisions.ts";
import type { SignedIn } from "./operator_sessions.ts";
import type { Waiting } from "./waiting.ts";

const outcomes = ["applied", "refused", "withdrawn"] as const;
const text = z.string().min(1).max(200);
const amount_minor = z.int().min(1).max(100_000_000);

/** The same bounds as towards the issuer. */
const wanted = z.discriminatedUnion("what", [
  z.strictObject({ what: z.literal("instrument"), instrument: id }),
  z.strictObject({ what: z.literal("phone"), phone: z.string().regex(/^\+[1-9]\d{6,14}$/) }),
  z.strictObject({ what: z.literal("address"), address: text }),
  z.strictObject({ what: z.literal("email"), email: z.email().max(200) }),
  z.strictObject({
    what: z.literal("limit"),
    sale_minor: amount_minor,
    day_minor: amount_minor,
  }),
]);
const request = z.strictObject({
  service_id: service_id("change"),
  visit: id.optional().openapi({ description: "Whose account; or their `initials`." }),
  initials: z.string().min(1).max(4).optional(),
  wanted,
  wait_ms: wait_ms.optional(),
}).refine(({ visit, initials }) => (visit === undefined) !== (initials === undefined), {
  message: "name a visit or initials, and not both",
}).openapi("AccountChangeRequest");

const body = z.object({
  change: z.string(),
  visit: z.string(),
  state: z.string(),
  outcome: z.enum(outcomes).nullable(),
  reason: z.string(),
  tries_left: z.int().nullable().openapi({
    description: "Faces that may still differ before the account is locked for changes.",
  }),
  effective_at_ms: z.int().nullable().openapi({
    description: "When it takes effect: what could do harm waits.",
  }),
  operator: z.string(),
}).openapi("AccountChange");

const told = inTime(
  body,
  "It has ended; `outcome` says how.",
  "The shopper is to look at the camera, or the issuer has not answered yet.",
);
const lane = z.object({ lane: id });
const laneAndChange = lane.extend({ change: id });
const path = "/lane/{lane}/changes/{change}" as const;

const ask = createRoute({
  method: "post",
  path: "/lane/{lane}/changes",
  summary: "Ask for a change of account data, to be proved by the face at the lane",
  tags,
  security: decides,
  request: { params: lane, body: json(request) },
  responses: {
    ...told,
    ...answers({
      401: "Nobody has signed in.",
      409: "The lane is at a sale.",
      422: "Nobody, or more than one, is meant.",
    }),
  },
});
const read = createRoute({
  method: "get",
  path,
  summary: "How a change of account data stands",
  tags,
  security,
  request: { params: laneAndChange, query: z.object({ wait_ms }) },
  responses: { ...told, ...answers({ 404: "The lane has no such change." }) },
});
const cancel = createRoute({
  method: "post",
  path: `${path}/cancellation`,
  summary: "Give a change of account data up",
  tags,
  security: decides,
  request: {
    params: laneAndChange,
    body: json(z.strictObject({ wait_ms: wait_ms.optional() })),
  },
  responses: { ...told, ...answers({ 404: "The lane has no such change.", 409: "It has ended." }) },
});

const context = body.omit({ state: true, outcome: true });
const outcomeOf = (view: ActorView) => outcomes.find((outcome) => outcome === view.state) ?? null;
const ended = (view: ActorView) => outcomeOf(view) !== null;

/** A change as whoever stands at the lane sees it. */
export type ChangeBody = z.infer<typeof body>;

/** Changes as calls that wait so long for how they end; HTTP is a thin layer over them. Rejections
 * are `RuntimeError`s: those of `Changes`, and `busy` for one that has ended. */
export interface ChangeCalls {
  ask(
    lane: string,
    asked: ChangeAsked,
    wait_ms: number,
    caller: AbortSignal,
  ): Promise<ChangeBody>;
  read(lane: string, change: string, wait_ms: number, caller: AbortSignal): Promise<ChangeBody>;
  cancel(
    lane: string,
    change: string,
    operator: string,
    wait_ms: number,
    caller: AbortSignal,
  ): Promise<ChangeBody>;
}

export function createChangeCalls({ changes, waiting }: {
  readonly changes: Changes;
  readonly waiting: Waiting;
}): ChangeCalls {
  async function answered(change: string, wait_ms: number, caller: AbortSignal) {
    const view = await waiting.until(`change/${change}`, ended, wait_ms, caller);
    if (view === undefined) throw new RuntimeError("not_found", `there is no change ${change}`);
    return { ...context.parse(view.context), state: String(view.state), outcome: outcomeOf(view) };
  }
  return {
    async ask(lane, asked, wait_ms, caller) {
      const { change } = await changes.request(lane, asked);
      return await answered(change, wait_ms, caller);
    },
    async read(lane, change, wait_ms, caller) {
      if (changes.change(lane, change) === undefined) {
        throw new RuntimeError("not_found", `lane ${lane} has no change ${change}`);
      }
      return await answered(change, wait_ms, caller);
    },
    async cancel(lane, change, operator, wait_ms, caller) {
      const posted = await changes.cancel(lane, change, operator);
      if (!posted.accepted) throw new RuntimeError("busy", `change ${change} has ended`);
      return await answered(change, wait_ms, caller);
    },
  };
}

/** Adds the routes. */
export function changeRoutes(app: OpenAPIHono, calls: ChangeCalls, signedIn: SignedIn): void {
  app.openapi(ask, async (context) => {
    const { lane } = context.req.valid("param");
    const { wait_ms = 0, visit, initials, ...asked } = context.req.valid("json");
    const { signal } = context.req.raw;
    const wanted = {
      ...asked,
      operator: signedIn(context),
      ...(visit === undefined ? {} : { visit }),
      ...(initials === undefined ? {} : { initials }),
    };
    return context.json(...withStatus(await calls.ask(lane, wanted, wait_ms, signal)));
  });

  app.openapi(read, async (context) => {
    const { lane, change } = context.req.valid("param");
    const { wait_ms } = context.req.valid("query");
    const { signal } = context.req.raw;
    return context.json(...withStatus(await calls.read(lane, change, wait_ms, signal)));
  });

  app.openapi(cancel, async (context) => {
    const { lane, change } = context.req.valid("param");
    const { wait_ms = 0 } = context.req.valid("json");
    const { signal } = context.req.raw;
    const operator = signedIn(context);
    return context.json(
      ...withStatus(await calls.cancel(lane, change, operator, wait_ms, signal)),
    );
  });
}
