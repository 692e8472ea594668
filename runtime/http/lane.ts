/**
 * The lane's API: a point of sale asks for a sale and learns how it ended, an operator chooses
 * among those who were recognised, and both may wait for news rather than ask again and again.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Config, LaneConfig } from "../config.ts";
import type { ActorView, Engine, Posted } from "../engine/engine.ts";
import { invariant, RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Counter, outcomeOf, paymentAddress, saleBody, saleOf } from "./counter.ts";
import { laneNow, laneNowBody } from "./lane_now.ts";
import { problemBody } from "./problems.ts";
import type { Streams } from "./streams.ts";
import type { Waiting } from "./waiting.ts";

const id = z.string().min(1).max(80).regex(/^[A-Za-z0-9._:-]+$/);
const posId = z.string().min(1).max(80).regex(/^[\x20-\x7e]+$/);
const amount_minor = z.int().min(0).max(100_000_000);
const wait_ms = z.coerce.number().int().min(0).max(limits.waiting_ms).default(0).openapi({
  description: "How long to wait for the outcome before answering `in progress`.",
});

/** A line of a sale; the same bounds as towards the issuer. */
export const item = z.object({
  name: z.string().min(1).max(200),
  gtin: z.string().regex(/^\d{8,14}$/).optional(),
  quantity: z.int().min(1).max(10_000),
  amount_minor: amount_minor.openapi({ description: "Price of the whole line." }),
}).openapi("Item");

export const saleRequest = z.strictObject({
  poi_id: posId.openapi({ description: "The terminal, as the POS names it." }),
  sale_id: posId.openapi({ description: "The till." }),
  service_id: posId.openapi({ description: "The try; the same again finds the same payment." }),
  amount_minor: amount_minor.min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  items: z.array(item).min(1).max(200),
  wait_ms: wait_ms.optional(),
}).openapi("SaleRequest");

const selection = z.strictObject({ visit: id, operator: id }).openapi("Selection");
const cancellation = z.strictObject({ operator: id }).openapi("Cancellation");

const lane = z.object({ lane: id });
const laneAndPayment = lane.extend({ payment: id });
const answers = (kinds: Record<number, string>) =>
  Object.fromEntries(
    Object.entries(kinds).map(([status, description]) => [status, {
      description,
      content: { "application/problem+json": { schema: problemBody } },
    }]),
  );
const sale = {
  200: {
    description: "The sale has ended; `outcome` says how.",
    content: { "application/json": { schema: saleBody } },
  },
  202: {
    description: "The sale is in progress.",
    content: { "application/json": { schema: saleBody } },
  },
};
const json = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});
const security = [{ key: [] }, {}];
const tags = ["lane"];

const openSale = createRoute({
  method: "post",
  path: "/lane/{lane}/sales",
  summary: "Ask for a sale at a lane",
  tags,
  security,
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
  security,
  request: { params: laneAndPayment, query: z.object({ wait_ms }) },
  responses: { ...sale, ...answers({ 404: "The lane has no such payment." }) },
});
const selectCandidate = createRoute({
  method: "post",
  path: "/lane/{lane}/sales/{payment}/selection",
  summary: "Choose who pays",
  tags,
  security,
  request: { params: laneAndPayment, body: json(selection) },
  responses: { ...sale, ...answers({ 409: "Not a candidate, or the sale is past that point." }) },
});
const cancelSale = createRoute({
  method: "post",
  path: "/lane/{lane}/sales/{payment}/cancellation",
  summary: "Give the sale up; final once the issuer has undone what it holds",
  tags,
  security,
  request: { params: laneAndPayment, body: json(cancellation) },
  responses: { ...sale, ...answers({ 409: "The sale is past that point." }) },
});
const now = createRoute({
  method: "get",
  path: "/lane/{lane}/now",
  summary: "What an operator sees of a lane",
  tags,
  security,
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
  readonly counter: Counter;
  readonly waiting: Waiting;
  readonly streams: Streams;
}

const ended = (view: ActorView) => outcomeOf(view.state) !== null;

/** The same again for a payment that must be there: it was just seen. */
function seen(view: ActorView | undefined, payment: string): ActorView {
  invariant(view !== undefined, `payment ${payment} was there and is gone`);
  return view;
}

function laneOf(config: Config, name: string): LaneConfig {
  const found = config.lanes.find((each) => each.id === name);
  if (found !== undefined) return found;
  throw new RuntimeError("not_found", `the store has no lane ${name}; its lanes are in /debug/`);
}

/** Adds the lane's routes. */
export function laneRoutes(app: OpenAPIHono, options: LaneOptions): void {
  const { engine, config, counter, waiting } = options;
  const told = (view: ActorView) =>
    [saleOf(engine, view), ended(view) ? 200 as const : 202 as const] as const;

  app.openapi(openSale, async (context) => {
    const { lane } = context.req.valid("param");
    const { wait_ms = 0, ...asked } = context.req.valid("json");
    laneOf(config, lane);
    const items = asked.items.map(({ gtin, ...line }) =>
      gtin === undefined ? line : { ...line, gtin }
    );
    const { payment } = await counter.requestSale(lane, { ...asked, items });
    const caller = context.req.raw.signal;
    const view = await waiting.until(paymentAddress(payment), ended, wait_ms, caller);
    return context.json(...told(seen(view, payment)));
  });

  app.openapi(readSale, async (context) => {
    const { lane, payment } = context.req.valid("param");
    if (counter.payment(lane, payment) === undefined) {
      throw new RuntimeError("not_found", `lane ${lane} has no payment ${payment}`);
    }
    const { wait_ms } = context.req.valid("query");
    const caller = context.req.raw.signal;
    const view = await waiting.until(paymentAddress(payment), ended, wait_ms, caller);
    return context.json(...told(seen(view, payment)));
  });

  /** What became of a word from the operator. */
  function decided(lane: string, payment: string, posted: Posted, refusal: string) {
    const view = seen(counter.payment(lane, payment), payment);
    if (posted.accepted) return told(view);
    const detail = `payment ${payment} is ${String(view.state)}: ${refusal}`;
    throw new RuntimeError("busy", detail);
  }

  app.openapi(selectCandidate, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const { visit, operator } = context.req.valid("json");
    const posted = await counter.select(lane, payment, visit, operator);
    const refusal = "only one of its candidates can be chosen, and only while it waits for that";
    return context.json(...decided(lane, payment, posted, refusal));
  });

  app.openapi(cancelSale, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const { operator } = context.req.valid("json");
    const posted = await counter.cancel(lane, payment, operator);
    return context.json(...decided(lane, payment, posted, "it can no longer be cancelled"));
  });

  app.openapi(now, (context) => {
    const { lane } = context.req.valid("param");
    return context.json(laneNow(engine, config, laneOf(config, lane)), 200);
  });
  laneEvents(app, options);
}

/** The same as `now`, again after each change that shows. */
function laneEvents(app: OpenAPIHono, { engine, config, streams }: LaneOptions): void {
  app.get("/lane/:lane/events", (context) => {
    const lane = laneOf(config, context.req.param("lane"));
    return streams.open((tell) => {
      let last = "";
      let due = false;
      const look = () => {
        due = false;
        const data = laneNow(engine, config, lane);
        const text = JSON.stringify(data);
        if (text !== last) tell({ event: "now", data });
        last = text;
      };
      look();
      const kinds = ["lane", "payment", "visit", "link", "camera"];
      return engine.subscribe(({ address }) => {
        if (due || !kinds.includes(address.slice(0, address.indexOf("/")))) return;
        // Once for all steps of a commit.
        due = true;
        queueMicrotask(look);
      });
    });
  });
}
