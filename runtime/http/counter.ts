/**
 * How a payment looks to a point of sale.
 */
import { z } from "@hono/zod-openapi";
import type { Address } from "../../actors/messages.ts";
import { may } from "../../actors/services.ts";
import type { ActorView, Engine } from "../engine/engine.ts";
import { readOnce } from "./read_once.ts";

export const outcomes = [
  "captured",
  "declined",
  "cancelled",
  "reversed",
  "accepted_offline",
  "refused_late",
] as const;
export type Outcome = typeof outcomes[number];

/** How a payment ended; null while it is in progress. What was accepted while the issuer was away
 * has an outcome at once, and another one once the issuer has heard of it. */
export function outcomeOf(state: unknown): Outcome | null {
  return outcomes.find((outcome) => outcome === state) ?? null;
}

export const candidateBody = z.object({
  visit: z.string(),
  initials: z.string(),
  first_name: z.string(),
}).openapi("Candidate");

const restrictedBody = z.object({
  item: z.int().openapi({ description: "Its place in the basket, from 0." }),
  name: z.string(),
  needs: z.string().openapi({ example: "age_over_18" }),
  eligible: z.boolean().openapi({ description: "The issuer attests it of the account." }),
}).openapi("Restricted");

/** A payment as the point of sale sees it. */
export const saleBody = z.object({
  payment: z.string().openapi({ example: "20260314.a81.5c9a2f0be4417d33" }),
  state: z.string().openapi({ example: "awaiting_selection" }),
  outcome: z.enum(outcomes).nullable().openapi({
    description: "`accepted_offline`: paid as far as the till is concerned, while the issuer is " +
      "away; it becomes `captured`, or `refused_late` where the issuer will not have it.",
  }),
  offline_since_ms: z.int().nullable().openapi({
    description: "Since when the issuer has been out of reach; null while it is in reach.",
  }),
  reason: z.string().nullable(),
  amount_minor: z.int().openapi({ description: "What the point of sale asked for." }),
  charge_minor: z.int().openapi({
    description: "What is charged: less, where items were dropped or the shopper agreed to less.",
  }),
  currency: z.string(),
  receipt: z.string().nullable(),
  approval_until_ms: z.int().nullable().openapi({
    description: "Until when the shopper's phone is asked; null when it is not.",
  }),
  restricted: z.array(restrictedBody).openapi({
    description: "Lines that are not for everybody, while somebody must decide about them.",
  }),
  dropped: z.array(z.string()).openapi({
    description: "Names of the lines that were taken out: they are not to be handed over.",
  }),
  candidates: z.array(candidateBody).openapi({
    description: "Shoppers whom the operator may choose; empty once one is chosen.",
  }),
}).openapi("Sale");
export type SaleBody = z.infer<typeof saleBody>;

/** The part of a payment's context that is told at the counter. */
const paymentContext = readOnce(
  z.object({
    lane: z.string(),
    amount_minor: z.int(),
    charge_minor: z.int(),
    currency: z.string(),
    reason: z.string().nullable(),
    receipt: z.string().nullable(),
    selected: z.string().nullable(),
    approval_until_ms: z.int().nullable(),
    attested: z.array(z.string()),
    items: z.array(z.object({ name: z.string(), needs: z.string().optional() })),
    dropped: z.array(z.object({ name: z.string() })),
    candidates: z.array(z.object({ visit: z.string() })),
  }).parse,
);
/** A visit that has ended knows no names any more. */
const visitContext = readOnce(
  z.object({ initials: z.string().min(1), first_name: z.string().min(1) }).safeParse,
);

/** Who a visit is, as an operator may see it; undefined when it has ended. */
export function shopper(engine: Pick<Engine, "view">, visit: string) {
  const view = engine.view(`visit/${visit}`);
  if (view === undefined) return undefined;
  const known = visitContext(view.context);
  return known.success && may(String(view.state), "name") ? { visit, ...known.data } : undefined;
}

const laneContext = z.object({ offline_since_ms: z.int().nullable() });

/** Since when the lane is cut off from the issuer. */
function offlineSince(engine: Pick<Engine, "view">, lane: string): number | null {
  const known = laneContext.safeParse(engine.view(`lane/${lane}`)?.context);
  return known.success ? known.data.offline_since_ms : null;
}

/** What the point of sale is told of a payment. */
export function saleOf(engine: Pick<Engine, "view">, view: ActorView): SaleBody {
  const context = paymentContext(view.context);
  const outcome = outcomeOf(view.state);
  const candidates = outcome === null && context.selected === null
    ? context.candidates.flatMap(({ visit }) => shopper(engine, visit) ?? [])
    : [];
  return {
    payment: view.address.slice("payment/".length),
    state: String(view.state),
    outcome,
    offline_since_ms: offlineSince(engine, context.lane),
    reason: context.reason,
    amount_minor: context.amount_minor,
    charge_minor: context.charge_minor,
    currency: context.currency,
    receipt: context.receipt,
    approval_until_ms: view.state === "awaiting_approval" ? context.approval_until_ms : null,
    restricted: view.state === "awaiting_eligibility"
      ? context.items.flatMap(({ name, needs }, item) =>
        needs === undefined
          ? []
          : [{ item, name, needs, eligible: context.attested.includes(needs) }]
      )
      : [],
    dropped: context.dropped.map(({ name }) => name),
    candidates,
  };
}

export const paymentAddress = (id: string): Address => `payment/${id}`;
