/**
 * A lane as its operator sees it: the sale that is on, who may be charged for it, and whether the
 * issuer is in reach or since when it is not.
 */
import { z } from "@hono/zod-openapi";
import type { Config, LaneConfig } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { candidateBody, outcomes, paymentAddress, saleBody, saleOf, shopper } from "./counter.ts";

const itemBody = z.object({ name: z.string(), quantity: z.int(), amount_minor: z.int() });

export const laneNowBody = z.object({
  lane: z.string(),
  name: z.string(),
  store: z.string(),
  selection: z.enum(["operator", "automatic"]),
  state: z.string().nullable(),
  camera: z.string().nullable().openapi({ description: "State of the lane's camera." }),
  offline_since_ms: z.int().nullable().openapi({
    description: "Since when the issuer has been out of reach; null while it is in reach.",
  }),
  sale: saleBody.extend({
    items: z.array(itemBody),
    payer: candidateBody.nullable().openapi({ description: "Who was chosen to pay." }),
  }).nullable(),
  last: z.object({ payment: z.string(), outcome: z.enum(outcomes) }).nullable().openapi({
    description: "How the sale before this one ended.",
  }),
}).openapi("LaneNow");
export type LaneNow = z.infer<typeof laneNowBody>;

const laneContext = z.object({
  payment: z.string().nullable(),
  offline_since_ms: z.int().nullable(),
  last: z.object({ payment: z.string(), outcome: z.enum(outcomes) }).nullable(),
});
const paymentContext = z.object({ items: z.array(itemBody), selected: z.string().nullable() });

function saleNow(engine: Pick<Engine, "view">, payment: string): LaneNow["sale"] {
  const view = engine.view(paymentAddress(payment));
  if (view === undefined) return null;
  const { items, selected } = paymentContext.parse(view.context);
  const payer = selected === null ? null : shopper(engine, selected) ?? null;
  return { ...saleOf(engine, view), items, payer };
}

/** The lane as it is now. A lane that no actor stands for yet has no state. */
export function laneNow(
  engine: Pick<Engine, "view">,
  config: Config,
  lane: LaneConfig,
): LaneNow {
  const view = engine.view(`lane/${lane.id}`);
  const { payment, offline_since_ms, last } = view === undefined
    ? { payment: null, offline_since_ms: null, last: null }
    : laneContext.parse(view.context);
  const camera = engine.view(`camera/${lane.camera}`)?.state;
  return {
    lane: lane.id,
    name: lane.name,
    store: config.store.name,
    selection: lane.selection ?? config.policies.selection,
    state: view === undefined ? null : String(view.state),
    camera: camera === undefined ? null : String(camera),
    offline_since_ms,
    sale: payment === null ? null : saleNow(engine, payment),
    last,
  };
}
