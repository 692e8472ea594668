/**
 * The lane's API: a point of sale asks for a sale and learns how it ended, an operator chooses
 * among those who were recognised, and both may wait for news rather than ask again and again.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import type { LanePrompts, SaleRequest } from "../counter.ts";
import {
  answers,
  decisionRoutes,
  id,
  json,
  laneAndPayment,
  posId,
  sale,
  security,
  service_id,
  tags,
  wait_ms,
  withStatus,
} from "./lane_decisions.ts";
import { followLane } from "./lane_follow.ts";
import { laneNow, laneNowBody } from "./lane_now.ts";
import { laneOf, type Sales } from "./sales.ts";
import type { SignedIn } from "./operator_sessions.ts";
import type { Streams } from "./streams.ts";

const restriction = z.string().regex(/^[a-z][a-z0-9_]{1,39}$/);
const amount_minor = z.int().min(0).max(100_000_000);

/** A line of a sale; the same bounds as towards the issuer. */
export const item = z.object({
  name: z.string().min(1).max(200),
  gtin: z.string().regex(/^\d{8,14}$/).optional(),
  quantity: z.int().min(1).max(10_000),
  amount_minor: amount_minor.openapi({ description: "Price of the whole line." }),
  needs: restriction.optional().openapi({
    description: "What one must be to have it: `age_over_18`, or another eligibility.",
    example: "age_over_18",
  }),
  category: restriction.optional().openapi({
    description: "Says what it needs by the rules of the store's country, where `needs` does not.",
    example: "spirits",
  }),
}).openapi("Item");

export const saleRequest = z.strictObject({
  poi_id: posId.openapi({ description: "The terminal, as the POS names it." }),
  sale_id: posId.openapi({ description: "The till." }),
  service_id: service_id("payment"),
  amount_minor: amount_minor.min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  items: z.array(item).min(1).max(200),
  accept_partial: z.boolean().optional().openapi({
    description: "Take a part of the amount, should the shopper agree to no more on the phone.",
  }),
  wait_ms: wait_ms.optional(),
}).openapi("SaleRequest");

const lane = z.object({ lane: id });
const openSale = createRoute({
  method: "post",
  path: "/lane/{lane}/sales",
  summary: "Ask for a sale at a lane",
  tags,
  wait_ms,
  security,
  service_id,
  request: { params: lane, body: json(saleRequest) },
  responses: {
    ...sale,
    ...answers({ 409: "The lane is at another sale.", 422: "The sale makes no sense." }),
  },
});
const readSale = createRoute({
  method: "get",
  path: "/lane/{lane}/sales/{payment}",
  summary: "How a sale stands, also after a restart",
  tags,
  wait_ms,
  security,
  service_id,
  request: { params: laneAndPayment, query: z.object({ wait_ms }) },
  responses: { ...sale, ...answers({ 404: "The lane has no such payment." }) },
});
const now = createRoute({
  method: "get",
  path: "/lane/{lane}/now",
  summary: "What an operator sees of a lane",
  tags,
  wait_ms,
  security,
  service_id,
  request: { params: lane },
  responses: {
    200: {
      description: "The lane as it is.",
      content: { "application/json": { schema: laneNowBody } },
    },
  },
});

export interface LaneOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly sales: Sales;
  readonly streams: Streams;
  readonly signedIn: SignedIn;
  readonly prompts?: LanePrompts;
}

/** What was given, without the fields that were not. */
function present({ items, accept_partial, ...asked }: z.output<typeof saleRequest>): SaleRequest {
  const given = items.map(({ gtin, needs, category, ...line }) => ({
    ...line,
    ...(gtin === undefined ? {} : { gtin }),
    ...(needs === undefined ? {} : { needs }),
    ...(category === undefined ? {} : { category }),
  }));
  return { ...asked, items: given, ...(accept_partial ? { accept_partial } : {}) };
}

/** Adds the lane's routes. */
export function laneRoutes(app: OpenAPIHono, options: LaneOptions): void {
  const { engine, config, sales, prompts } = options;

  app.openapi(openSale, async (context) => {
    const { lane } = context.req.valid("param");
    const { wait_ms = 0, ...asked } = context.req.valid("json");
    const caller = context.req.raw.signal;
    return context.json(...withStatus(await sales.open(lane, present(asked), wait_ms, caller)));
  });

  app.openapi(readSale, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const { wait_ms } = context.req.valid("query");
    const caller = context.req.raw.signal;
    return context.json(...withStatus(await sales.read(lane, payment, wait_ms, caller)));
  });

  app.openapi(now, (context) => {
    const { lane } = context.req.valid("param");
    return context.json(laneNow(engine, config, laneOf(config, lane), prompts), 200);
  });
  decisionRoutes(app, sales, options.signedIn);
  laneEvents(app, options);
}

/** The same as `now`, again after each change that shows. */
function laneEvents(app: OpenAPIHono, options: LaneOptions): void {
  const { engine, config, streams, prompts } = options;
  app.get("/lane/:lane/events", (context) => {
    const lane = laneOf(config, context.req.param("lane"));
    return streams.open((tell, broken) =>
      followLane(engine, config, lane, prompts, (data) => tell({ event: "now", data }), broken)
    );
  });
}
