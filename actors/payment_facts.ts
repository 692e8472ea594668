/**
 * What a payment knows and how an event changes it: the words it takes, its context, and the
 * computations of its machine, apart from the order of its situations.
 */
import type {
  Candidate,
  CounterEvent,
  Emitted,
  Evidence,
  IssuerAnswer,
  Item,
  PaymentPolicy,
  Sale,
  Stamped,
} from "./messages.ts";
import { admissible } from "./policy.ts";

/** What lanes and visits tell a payment. */
export type PaymentMessage =
  | {
    readonly type: "lane.sale_opened";
    readonly lane: string;
    readonly sale: Sale;
    readonly policy: PaymentPolicy;
    readonly candidates: readonly Candidate[];
  }
  | { readonly type: "lane.candidates_changed"; readonly candidates: readonly Candidate[] }
  /** The lane serves another payment by now. */
  | { readonly type: "lane.withdrawn" }
  | {
    readonly type: "visit.reservation_granted";
    readonly visit: string;
    readonly attempt: number;
    /** Secret. */
    readonly token: string;
  }
  | {
    readonly type: "visit.reservation_refused";
    readonly visit: string;
    readonly attempt: number;
    readonly reason: string;
  }
  /** The visit ended while this payment held its reservation. */
  | { readonly type: "visit.left"; readonly visit: string };
export type PaymentEvent =
  & (Exclude<CounterEvent, { type: "pos.sale_requested" }> | IssuerAnswer | PaymentMessage)
  & Stamped;
export type PaymentEventOf<T extends PaymentEvent["type"]> = Extract<PaymentEvent, { type: T }>;
export type PaymentOutcome = "captured" | "declined" | "cancelled" | "reversed";

export interface PaymentContext {
  readonly payment: string;
  readonly lane: string;
  readonly poi_id: string;
  readonly sale_id: string;
  readonly service_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly Item[];
  readonly policy: PaymentPolicy;
  readonly opened_at_ms: number;
  /** When the search for a payer ends. */
  readonly selection_until_ms: number;
  /** Those at the pay position who may be charged. */
  readonly candidates: readonly Candidate[];
  readonly selected: string | null;
  readonly evidence: Evidence | null;
  /** Who chose: an operator, or `automatic`. */
  readonly operator: string | null;
  readonly tries: number;
  /** Why the last try failed, or why the payment ended as it did. */
  readonly reason: string | null;
  readonly cancelled_by: string | null;
  readonly authorisation: string | null;
  readonly authorised_until_ms: number | null;
  readonly receipt: string | null;
  /** The shopper went while the payment was being settled. */
  readonly shopper_left: boolean;
}

/** The sale and the policy it began under; a policy that changes later is for later sales. */
export function opened(event: PaymentEventOf<"lane.sale_opened">): Partial<PaymentContext> {
  const { lane, sale, policy, candidates, at_ms } = event;
  return {
    poi_id: sale.poi_id,
    sale_id: sale.sale_id,
    service_id: sale.service_id,
    amount_minor: sale.amount_minor,
    currency: sale.currency,
    items: sale.items,
    lane,
    policy,
    opened_at_ms: at_ms,
    selection_until_ms: at_ms + policy.selection_timeout_ms,
    candidates: admissible(policy, candidates),
  };
}

/** Settles on a visit; its evidence is kept as it was at that moment. */
export function chosen(
  context: PaymentContext,
  candidate: Candidate | undefined,
  operator: string,
): Partial<PaymentContext> {
  if (candidate === undefined) return {};
  return {
    selected: candidate.visit,
    evidence: candidate.evidence,
    operator,
    tries: context.tries + 1,
    reason: null,
  };
}

/** The policy and the candidates that hold after this event. */
export function policyAfter(context: PaymentContext, event: PaymentEvent): PaymentPolicy {
  return event.type === "lane.sale_opened" ? event.policy : context.policy;
}

/** Those who may be charged after this event. */
export function candidatesAfter(
  context: PaymentContext,
  event: PaymentEvent,
): readonly Candidate[] {
  if (event.type === "lane.sale_opened") return admissible(event.policy, event.candidates);
  if (event.type === "lane.candidates_changed") return admissible(context.policy, event.candidates);
  return context.candidates;
}

/** The request for a charge; only with a choice whose evidence meets the policy. */
export function authorise(
  context: PaymentContext,
  event: PaymentEventOf<"visit.reservation_granted">,
): Emitted {
  const { payment, lane, amount_minor, currency, items, evidence, operator } = context;
  if (evidence === null || operator === null) throw new Error(`${payment}: nobody was chosen`);
  const { visit, token } = event;
  return {
    type: "issuer.authorise",
    payment,
    visit,
    token,
    lane,
    amount_minor,
    currency,
    items,
    evidence,
    operator,
  };
}

/** Why a cancel, a silence or a refusal ended the search or led to a reversal. */
export function reasonOf(context: PaymentContext, event: PaymentEvent): Partial<PaymentContext> {
  switch (event.type) {
    case "operator.cancelled":
      return { reason: "operator_cancelled", cancelled_by: event.operator };
    case "pos.cancel_requested":
      return { reason: "pos_cancelled", cancelled_by: "pos" };
    case "lane.withdrawn":
      return { reason: "lane_withdrawn" };
    case "issuer.declined":
    case "issuer.capture_refused":
    case "visit.reservation_refused":
      return { reason: event.reason };
    default:
      return { reason: context.reason };
  }
}
