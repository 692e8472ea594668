/**
 * A lane as its operator sees it: the sale that is on, who may be charged for it, and whether the
 * issuer is in reach or since when it is not.
 */
import { z } from "@hono/zod-openapi";
import { standInAddress } from "../../actors/messages.ts";
import type { Config, LaneConfig } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import type { LanePrompts } from "../counter.ts";
import { turnsBody } from "./turns.ts";
import { candidateBody, outcomes, paymentAddress, saleBody, saleOf, shopper } from "./counter.ts";
import { readOnce } from "./read_once.ts";

const itemBody = z.object({ name: z.string(), quantity: z.int(), amount_minor: z.int() });

const late = z.object({
  payment: z.string(),
  lane: z.string(),
  amount_minor: z.int(),
  reason: z.string(),
  at_ms: z.int(),
});
const standInBody = z.object({
  accepting: z.boolean().openapi({ description: "Sales go on without the issuer." }),
  per_payment_minor: z.int(),
  left_minor: z.int().openapi({ description: "What may be accepted yet, of all accounts." }),
  until_ms: z.int().nullable().openapi({ description: "When it ends whatever is left." }),
  open: z.int().openapi({ description: "Accepted sales of which the issuer has not heard." }),
  open_minor: z.int(),
  refused_late: z.array(late).openapi({
    description: "Accepted sales of this lane that the issuer would not have, latest last.",
  }),
}).openapi("StandIn");

export const laneNowBody = z.object({
  lane: z.string(),
  name: z.string(),
  store: z.string(),
  currency: z.string(),
  selection: z.enum(["operator", "automatic"]),
  state: z.string().nullable(),
  camera: z.string().nullable().openapi({ description: "State of the lane's camera." }),
  offline_since_ms: z.int().nullable().openapi({
    description: "Since when the issuer has been out of reach; null while it is in reach.",
  }),
  stand_in: standInBody.nullable().openapi({
    description: "What the store accepts while the issuer is away, and what came of it.",
  }),
  sale: saleBody.extend({
    items: z.array(itemBody),
    payer: candidateBody.nullable().openapi({ description: "Who was chosen to pay." }),
  }).nullable(),
  turn: turnsBody.nullable().openapi({
    description: "What to show whoever is to turn the head; null when nobody is.",
  }),
  say: z.array(z.int()).nullable().openapi({
    description: "Digits that whoever stands there is to say aloud now.",
  }),
  last: z.object({ payment: z.string(), outcome: z.enum(outcomes) }).nullable().openapi({
    description: "How the sale before this one ended.",
  }),
}).openapi("LaneNow");
export type LaneNow = z.infer<typeof laneNowBody>;

const laneContext = readOnce(
  z.object({
    payment: z.string().nullable(),
    offline_since_ms: z.int().nullable(),
    last: z.object({ payment: z.string(), outcome: z.enum(outcomes) }).nullable(),
  }).parse,
);
const paymentContext = readOnce(
  z.object({ items: z.array(itemBody), selected: z.string().nullable() }).parse,
);

const standInContext = readOnce(
  z.object({
    limits: z.object({ per_payment_minor: z.int(), total_minor: z.int(), age_ms: z.int() }),
    offline_since_ms: z.int().nullable(),
    confirmed: z.boolean(),
    open: z.array(z.object({ amount_minor: z.int() })),
    refused_late: z.array(late),
  }).parse,
);

/** How far the store goes without its issuer; null before it was told. */
function standInNow(engine: Pick<Engine, "view">, lane: string): LaneNow["stand_in"] {
  const view = engine.view(standInAddress);
  if (view === undefined) return null;
  const { limits, offline_since_ms, confirmed, open, refused_late } = standInContext(view.context);
  const open_minor = open.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  return {
    accepting: offline_since_ms !== null && confirmed,
    per_payment_minor: limits.per_payment_minor,
    left_minor: Math.max(0, limits.total_minor - open_minor),
    until_ms: offline_since_ms === null ? null : offline_since_ms + limits.age_ms,
    open: open.length,
    open_minor,
    refused_late: refused_late.filter((one) => one.lane === lane),
  };
}

function saleNow(engine: Pick<Engine, "view">, payment: string): LaneNow["sale"] {
  const view = engine.view(paymentAddress(payment));
  if (view === undefined) return null;
  const { items, selected } = paymentContext(view.context);
  const payer = selected === null ? null : shopper(engine, selected) ?? null;
  return { ...saleOf(engine, view), items, payer };
}

/** The lane as it is now. A lane that no actor stands for yet has no state. */
export function laneNow(
  engine: Pick<Engine, "view">,
  config: Config,
  lane: LaneConfig,
  prompts?: Pick<LanePrompts, "turns" | "proving" | "digits">,
): LaneNow {
  const view = engine.view(`lane/${lane.id}`);
  const { payment, offline_since_ms, last } = view === undefined
    ? { payment: null, offline_since_ms: null, last: null }
    : laneContext(view.context);
  const sale = payment === null ? null : saleNow(engine, payment);
  const turning = ["awaiting_turn", "turning_again"].includes(sale?.state ?? "") ||
    sale === null && prompts?.proving(lane.id) === true;
  const answering = sale?.state === "awaiting_answer";
  const camera = engine.view(`camera/${lane.camera}`)?.state;
  return {
    lane: lane.id,
    name: lane.name,
    store: config.store.name,
    currency: config.store.currency,
    selection: lane.selection ?? config.policies.selection,
    state: view === undefined ? null : String(view.state),
    camera: camera === undefined ? null : String(camera),
    offline_since_ms,
    stand_in: standInNow(engine, lane.id),
    sale,
    turn: turning ? prompts?.turns(lane.id) ?? null : null,
    say: answering ? prompts?.digits(lane.id)?.slice() ?? null : null,
    last,
  };
}
