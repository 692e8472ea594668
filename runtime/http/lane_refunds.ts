/** Refunds at a lane: an operator gives money back for a captured sale, all of it or a part. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ActorView } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { Counter } from "../counter.ts";
import {
  answers,
  decides,
  id,
  inTime,
  json,
  laneAndPayment,
  security,
  service_id,
  tags,
  wait_ms,
  withStatus,
} from "./lane_decisions.ts";
import type { SignedIn } from "./operator_sessions.ts";
import type { Waiting } from "./waiting.ts";

const outcomes = ["refunded", "refused"] as const;
const request = z.strictObject({
  service_id: service_id("refund"),
  reason: z.string().min(1).max(200),
  amount_minor: z.int().min(1).max(100_000_000).optional().openapi({
    description: "Without it, all that was charged.",
  }),
  wait_ms: wait_ms.optional(),
}).openapi("RefundRequest");

const body = z.object({
  refund: z.string(),
  payment: z.string(),
  outcome: z.enum(outcomes).nullable(),
  reason: z.string(),
  amount_minor: z.int(),
  currency: z.string(),
  operator: z.string(),
  receipt: z.string().nullable(),
}).openapi("Refund");

const told = inTime(
  body,
  "The refund has ended; `outcome` says how.",
  "The issuer has not answered yet.",
);

const ask = createRoute({
  method: "post",
  path: "/lane/{lane}/sales/{payment}/refunds",
  summary: "Give money back for a captured sale",
  tags,
  security: decides,
  request: { params: laneAndPayment, body: json(request) },
  responses: {
    ...told,
    ...answers({
      401: "Nobody has signed in.",
      404: "The lane has no such payment.",
      422: "The payment is not captured.",
    }),
  },
});
const read = createRoute({
  method: "get",
  path: "/lane/{lane}/sales/{payment}/refunds/{refund}",
  summary: "How a refund stands",
  tags,
  security,
  request: { params: laneAndPayment.extend({ refund: id }), query: z.object({ wait_ms }) },
  responses: { ...told, ...answers({ 404: "There is no such refund." }) },
});

const context = z.object({
  refund: z.string(),
  payment: z.string(),
  lane: z.string(),
  reason: z.string(),
  amount_minor: z.int(),
  currency: z.string(),
  operator: z.string(),
  receipt: z.string().nullable(),
});
const outcomeOf = (view: ActorView) => outcomes.find((outcome) => outcome === view.state) ?? null;
const ended = (view: ActorView) => outcomeOf(view) !== null;

/** A refund as the point of sale sees it. */
export type RefundBody = z.infer<typeof body>;

/** Refunds as calls; HTTP is a thin layer over them. */
export interface Refunds {
  /** Asks, or finds the one that this try asked for before; waits so long for how it ends. Rejects
   * with `RuntimeError` `not_found`, `request_invalid`, `overloaded`, `stopped`. */
  ask(
    lane: string,
    payment: string,
    asked: Parameters<Counter["refund"]>[2],
    wait_ms: number,
    caller: AbortSignal,
  ): Promise<RefundBody>;
  /** Rejects with `not_found` for one of another payment, or of another lane. */
  read(
    lane: string,
    payment: string,
    refund: string,
    wait_ms: number,
    caller: AbortSignal,
  ): Promise<RefundBody>;
}

export function createRefunds({ counter, waiting }: {
  readonly counter: Counter;
  readonly waiting: Waiting;
}): Refunds {
  const read: Refunds["read"] = async (lane, payment, refund, wait_ms, caller) => {
    const view = await waiting.until(`refund/${refund}`, ended, wait_ms, caller);
    const known = view && context.parse(view.context);
    if (!known || known.lane !== lane || known.payment !== payment) {
      throw new RuntimeError("not_found", `payment ${payment} has no refund ${refund}`);
    }
    const { lane: _, ...told } = known;
    return { ...told, outcome: outcomeOf(view) };
  };
  return {
    read,
    async ask(lane, payment, asked, wait_ms, caller) {
      const { refund } = await counter.refund(lane, payment, asked);
      return await read(lane, payment, refund, wait_ms, caller);
    },
  };
}

/** Adds the routes. */
export function refundRoutes(app: OpenAPIHono, refunds: Refunds, signedIn: SignedIn): void {
  app.openapi(ask, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const { wait_ms = 0, amount_minor, ...asked } = context.req.valid("json");
    const amount = amount_minor === undefined ? {} : { amount_minor };
    const wanted = { ...asked, ...amount, operator: signedIn(context) };
    const { signal } = context.req.raw;
    return context.json(...withStatus(await refunds.ask(lane, payment, wanted, wait_ms, signal)));
  });

  app.openapi(read, async (context) => {
    const { lane, payment, refund } = context.req.valid("param");
    const { wait_ms } = context.req.valid("query");
    const { signal } = context.req.raw;
    return context.json(...withStatus(await refunds.read(lane, payment, refund, wait_ms, signal)));
  });
}
