/**
 * `/aisle`: what trackers and shelves of the store's own saw, who is let in at a gate, and what a
 * person decides about carts and lines.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AislePort } from "../aisle/port.ts";
import { aisleReadings } from "../aisle/readings.ts";
import type { ActorView, Posted } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { Clock } from "../world.ts";
import { answers, decides, id, json, security } from "./lane_decisions.ts";
import type { SignedIn } from "./operator_sessions.ts";

const tags = ["aisle"];
const gtin = z.string().regex(/^\d{8,14}$/);

const gateAnswer = z.object({
  entry: z.string().openapi({ description: "The trip that begins if who stands there may." }),
  state: z.string(),
  last: z.object({
    entry: z.string(),
    outcome: z.string(),
    reason: z.string().nullable(),
    at_ms: z.int(),
  }).nullable(),
}).openapi("GateAnswer");

const gateState = z.object({
  gate: z.string(),
  state: z.string(),
  tailgated: z.int().openapi({ description: "Who went in and was not let in, in all." }),
  tailgated_at_ms: z.int().nullable().default(null).openapi({ description: "The last of them." }),
}).openapi("GateState");

const line = z.object({
  gtin: z.string(),
  units: z.int(),
  confidence: z.number().openapi({ description: "Probability that it is exactly so many." }),
  evidence: z.array(z.any()).openapi({ description: "What was seen, change by change." }),
});
const cartAnswer = z.object({
  trip: z.string(),
  state: z.string(),
  account: z.string(),
  entered_at_ms: z.int(),
  left_at_ms: z.int().nullable(),
  confidence: z.number(),
  reason: z.string().nullable(),
  lines: z.array(line),
  alternatives: z.array(z.object({ share: z.number(), units: z.record(z.string(), z.int()) })),
  amount_minor: z.int(),
  currency: z.string(),
  receipt: z.string().nullable(),
  disputes: z.array(z.any()),
}).openapi("Cart");

const ok = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { "application/json": { schema } } },
});
const gateOf = z.object({ gate: id });
const tripOf = z.object({ trip: id });

const routes = {
  readings: createRoute({
    method: "post",
    path: "/aisle/readings",
    summary: "What was seen in the aisle",
    description: "The schema is docs/readings.schema.json, the same as over MQTT. Readings come " +
      "in order of time, up to some seconds.",
    tags,
    security,
    request: { body: json(aisleReadings) },
    responses: {
      ...ok("They were taken.", z.object({ taken: z.int() })),
      ...answers({
        404: "There is no such gate or plate.",
        422: "A reading is ahead of the gateway's clock.",
        503: "The store is too full.",
      }),
    },
  }),
  code: createRoute({
    method: "post",
    path: "/aisle/gates/{gate}/codes",
    summary: "A code was shown at a gate",
    tags,
    security,
    request: { params: gateOf, body: json(z.object({ code: z.string().min(20).max(2_000) })) },
    responses: { ...ok("The gate asks.", gateAnswer), ...answers({ 409: "The gate is busy." }) },
  }),
  letIn: createRoute({
    method: "post",
    path: "/aisle/gates/{gate}/admissions",
    summary: "An associate lets a checked-in shopper in",
    tags,
    security: decides,
    request: {
      params: gateOf,
      body: json(z.strictObject({ visit: id, people: z.int().min(1).max(8).default(1) })),
    },
    responses: { ...ok("The gate asks.", gateAnswer), ...answers({ 409: "The gate is busy." }) },
  }),
  gate: createRoute({
    method: "get",
    path: "/aisle/gates/{gate}",
    summary: "How a gate stands",
    tags,
    security,
    request: { params: gateOf },
    responses: { ...ok("As it is.", gateAnswer), ...answers({ 404: "There is no such gate." }) },
  }),
  gates: createRoute({
    method: "get",
    path: "/aisle/gates",
    summary: "How all gates stand, and who slipped in",
    tags,
    security,
    responses: ok(
      "As they are.",
      z.object({
        now_ms: z.number().openapi({ description: "The gateway's clock." }),
        gates: z.array(gateState),
      }),
    ),
  }),
  queue: createRoute({
    method: "get",
    path: "/aisle/reviews",
    summary: "Carts and lines that wait for a person",
    tags,
    security,
    responses: ok("Oldest first.", z.object({ carts: z.array(cartAnswer) })),
  }),
  products: createRoute({
    method: "get",
    path: "/aisle/products",
    summary: "What the aisle sells",
    tags,
    security,
    responses: ok(
      "All of it.",
      z.object({ products: z.array(z.object({ gtin: z.string(), name: z.string().nullable() })) }),
    ),
  }),
  cart: createRoute({
    method: "get",
    path: "/aisle/carts/{trip}",
    summary: "A cart, with why each of its lines is believed",
    tags,
    security,
    request: { params: tripOf },
    responses: { ...ok("As it is.", cartAnswer), ...answers({ 404: "There is no such cart." }) },
  }),
  decide: createRoute({
    method: "post",
    path: "/aisle/carts/{trip}/decision",
    summary: "Say what a cart in review holds",
    tags,
    security: decides,
    request: {
      params: tripOf,
      body: json(z.strictObject({
        lines: z.array(z.object({ gtin, units: z.int().min(0).max(1_000) })).max(200),
      })),
    },
    responses: { ...ok("Decided.", cartAnswer), ...answers({ 409: "It is not in review." }) },
  }),
  dispute: createRoute({
    method: "post",
    path: "/aisle/carts/{trip}/disputes/{dispute}",
    summary: "Say whether a disputed line is given back",
    tags,
    security: decides,
    request: {
      params: z.object({ trip: id, dispute: z.string().min(1).max(80) }),
      body: json(z.strictObject({ granted: z.boolean() })),
    },
    responses: { ...ok("Decided.", cartAnswer), ...answers({ 409: "It is decided already." }) },
  }),
};

function cartNow(view: ActorView | undefined, trip: string): z.infer<typeof cartAnswer> {
  if (view === undefined) throw new RuntimeError("not_found", `there is no cart ${trip}`);
  const { context, state } = view;
  return cartAnswer.parse({ ...context, trip, state: String(state) });
}

function gateNow(view: ActorView | undefined, gate: string, entry: string) {
  if (view === undefined) throw new RuntimeError("not_found", `there is no gate ${gate}`);
  return gateAnswer.parse({ entry, state: String(view.state), last: view.context["last"] });
}

function taken({ accepted, view }: Posted, what: string): ActorView | undefined {
  if (accepted) return view;
  throw new RuntimeError("busy", `${what}: it is ${String(view?.state ?? "not there")}`);
}

/** Adds the routes. */
export function aisleRoutes(
  app: OpenAPIHono,
  { aisle, clock, signedIn }: {
    readonly aisle: AislePort;
    readonly clock: Clock;
    readonly signedIn: SignedIn;
  },
): void {
  app.openapi(routes.readings, async (context) => {
    const { readings } = context.req.valid("json");
    await aisle.take(readings);
    return context.json({ taken: readings.length }, 200);
  });
  app.openapi(routes.code, async (context) => {
    const { gate } = context.req.valid("param");
    const { entry, posted } = await aisle.showCode(gate, context.req.valid("json").code);
    taken(posted, `gate ${gate} asks about somebody else`);
    return context.json(gateNow(aisle.gate(gate), gate, entry), 200);
  });
  app.openapi(routes.letIn, async (context) => {
    const { gate } = context.req.valid("param");
    const { entry, posted } = await aisle.letIn(gate, {
      ...context.req.valid("json"),
      operator: signedIn(context),
    });
    taken(posted, `gate ${gate} asks about somebody else`);
    return context.json(gateNow(aisle.gate(gate), gate, entry), 200);
  });
  app.openapi(routes.gate, (context) => {
    const { gate } = context.req.valid("param");
    const view = aisle.gate(gate);
    return context.json(gateNow(view, gate, String(view?.context["entry"] ?? "")), 200);
  });
  app.openapi(routes.gates, (context) => {
    const gates = aisle.gates().map(({ gate, view: { state, context } }) =>
      gateState.parse({ ...context, gate, state: String(state) })
    );
    return context.json({ now_ms: clock.now_ms(), gates }, 200);
  });
  app.openapi(routes.queue, (context) => {
    const carts = aisle.queue().map((view) => cartNow(view, view.address.slice("cart/".length)));
    return context.json({ carts }, 200);
  });
  app.openapi(
    routes.products,
    (context) => context.json({ products: [...aisle.products] }, 200),
  );
  app.openapi(routes.cart, (context) => {
    const { trip } = context.req.valid("param");
    return context.json(cartNow(aisle.cart(trip), trip), 200);
  });
  decisions(app, aisle, signedIn);
}

function decisions(app: OpenAPIHono, aisle: AislePort, signedIn: SignedIn): void {
  app.openapi(routes.decide, async (context) => {
    const { trip } = context.req.valid("param");
    const { lines } = context.req.valid("json");
    const posted = await aisle.decide(trip, lines, signedIn(context));
    const view = taken(posted, `cart ${trip} is not in review`);
    return context.json(cartNow(view, trip), 200);
  });
  app.openapi(routes.dispute, async (context) => {
    const { trip, dispute } = context.req.valid("param");
    const { granted } = context.req.valid("json");
    const posted = await aisle.decideDispute(trip, dispute, granted, signedIn(context));
    return context.json(cartNow(taken(posted, `dispute ${dispute} is decided`), trip), 200);
  });
}
