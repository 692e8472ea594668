/**
 * What a payment knows and how an event changes it: the words it takes, its context, and the
 * computations of its machine, apart from the order of its situations.
 */
// long because what one machine knows is read together
import type {
  Allowance,
  AnswerKind,
  AskedEvent,
  Candidate,
  ChallengeEvent,
  CounterEvent,
  Emitted,
  Evidence,
  IssuerAnswer,
  Item,
  PaymentPolicy,
  Sale,
  Stamped,
} from "./messages.ts";
import type { ChargeRequest } from "./commands.ts";
import type { StoreConfigured } from "./store_words.ts";
import type { CartPriced, WalkOutOutcome } from "./payment_walkout.ts";
import { admissible, meetsPolicy, policyFor } from "./policy.ts";

/** What lanes and visits tell a payment. */
export type PaymentMessage =
  | {
    readonly type: "lane.sale_opened";
    readonly lane: string;
    readonly sale: Sale;
    readonly policy: PaymentPolicy;
    readonly candidates: readonly Candidate[];
    /** Since when the issuer is away; null or left out while it is there. */
    readonly offline_since_ms?: number | null;
    /** The gateway's disk may have forgotten this very sale. */
    readonly doubtful?: boolean;
  }
  | { readonly type: "lane.link_changed"; readonly offline_since_ms: number | null }
  | { readonly type: "stand_in.granted" }
  | { readonly type: "stand_in.refused"; readonly reason: string }
  | { readonly type: "lane.candidates_changed"; readonly candidates: readonly Candidate[] }
  /** The lane serves another payment by now. */
  | { readonly type: "lane.withdrawn" }
  | {
    readonly type: "visit.reservation_granted";
    readonly visit: string;
    readonly attempt: number;
    /** Secret. */
    readonly token: string;
    readonly account: string;
    readonly allowance: Allowance | null;
  }
  | {
    readonly type: "visit.reservation_refused";
    readonly visit: string;
    readonly attempt: number;
    readonly reason: string;
  }
  /** The visit ended while this payment held its reservation. */
  | { readonly type: "visit.left"; readonly visit: string }
  | CartPriced;
export type PaymentEvent =
  & (
    | Exclude<CounterEvent, { type: "pos.sale_requested" }>
    | Extract<StoreConfigured, { type: "store.sale_resumed" }>
    | ChallengeEvent
    | AskedEvent
    | IssuerAnswer
    | PaymentMessage
    | WalkOutOutcome
  )
  & Stamped;
export type PaymentEventOf<T extends PaymentEvent["type"]> = Extract<PaymentEvent, { type: T }>;
/** `accepted_offline`: paid as far as the till is concerned; becomes `captured` or, when the issuer
 * will not have it after all, `refused_late`. */
export type PaymentOutcome =
  | "captured"
  | "declined"
  | "cancelled"
  | "reversed"
  | "accepted_offline"
  | "refused_late";

/** What the shopper said on the phone; 0 is no. */
export interface ApprovalAnswer {
  readonly approval: string;
  readonly amount_minor: number;
  readonly reason: string | null;
}

export interface PaymentContext {
  readonly payment: string;
  /** The walk-out cart that is paid; null for a sale at a lane. */
  readonly cart: string | null;
  readonly lane: string;
  readonly poi_id: string;
  readonly sale_id: string;
  readonly service_id: string;
  /** What the POS asked for. */
  readonly amount_minor: number;
  /** What is charged: less, where items were dropped or the shopper agreed to less. */
  readonly charge_minor: number;
  /** The POS takes a part from the shopper, and the rest otherwise. */
  readonly accept_partial: boolean;
  readonly currency: string;
  readonly items: readonly Item[];
  /** What the operator took out, since this shopper may not have it. */
  readonly dropped: readonly Item[];
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
  /** Of the reservation. Secret. */
  readonly token: string | null;
  readonly account: string | null;
  /** What the issuer has reserved for this visit. */
  readonly allowance: Allowance | null;
  /** Since when the issuer is away. */
  readonly offline_since_ms: number | null;
  /** What the issuer was asked before the store stood in for it. */
  readonly asked: "authorisation" | "capture" | null;
  readonly accepted_at_ms: number | null;
  /** What the issuer says the account may have, of what was asked. */
  readonly attested: readonly string[];
  /** Who confirmed that the person may have it. */
  readonly eligibility_operator: string | null;
  /** Answers to the challenge so far, and how many were wrong. */
  readonly answers: number;
  readonly answer_kind: AnswerKind | null;
  readonly wrong_answers: number;
  /** How often digits were asked for aloud, and how often nothing came of that. */
  readonly prompts: number;
  readonly unheard: number;
  /** How often the head was to be turned, and how often that failed. */
  readonly turns_posed: number;
  readonly failed_turns: number;
  readonly tries: number;
  /** Why the last try failed, or why the payment ended as it did. */
  readonly reason: string | null;
  readonly cancelled_by: string | null;
  /** The question to the shopper's phone, and when it ends at the latest. */
  readonly approval: string | null;
  readonly approval_until_ms: number | null;
  readonly approval_answer: ApprovalAnswer | null;
  readonly authorisation: string | null;
  readonly authorised_until_ms: number | null;
  readonly receipt: string | null;
  /** It was there when the gateway was started, or a till asked for it soon after: the disk may be
   * an old one, and the issuer may know more of this sale. */
  readonly resumed: boolean;
  /** The shopper went while the payment was being settled. */
  readonly shopper_left: boolean;
}

/** The sale and the policy it began under; a policy that changes later is for later sales. */
export function opened(event: PaymentEventOf<"lane.sale_opened">): Partial<PaymentContext> {
  const { lane, sale, candidates, at_ms } = event;
  const policy = policyFor(event.policy, sale.amount_minor);
  return {
    poi_id: sale.poi_id,
    sale_id: sale.sale_id,
    service_id: sale.service_id,
    amount_minor: sale.amount_minor,
    charge_minor: sale.amount_minor,
    accept_partial: sale.accept_partial ?? false,
    currency: sale.currency,
    items: sale.items,
    lane,
    policy,
    opened_at_ms: at_ms,
    selection_until_ms: at_ms + policy.selection_timeout_ms,
    candidates: admissible(policy, candidates),
    offline_since_ms: event.offline_since_ms ?? null,
    resumed: event.doubtful ?? false,
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
  if (event.type !== "lane.sale_opened") return context.policy;
  return policyFor(event.policy, event.sale.amount_minor);
}

/** Those who may be charged after this event. */
export function candidatesAfter(
  context: PaymentContext,
  event: PaymentEvent,
): readonly Candidate[] {
  if (event.type !== "lane.sale_opened" && event.type !== "lane.candidates_changed") {
    return context.candidates;
  }
  return admissible(policyAfter(context, event), event.candidates);
}

/** An answer to this very try, and somebody was chosen on evidence that meets the policy. */
export function mayCharge(context: PaymentContext, event: PaymentEvent): boolean {
  return event.type === "visit.reservation_granted" && event.visit === context.selected &&
    event.attempt === context.tries && context.evidence !== null &&
    meetsPolicy(context.policy, { visit: event.visit, evidence: context.evidence });
}

/** The request for a charge; only with a choice whose evidence meets the policy. */
export function authorise(context: PaymentContext, event: PaymentEvent): Emitted {
  const token = event.type === "visit.reservation_granted" ? event.token : context.token;
  return { type: "issuer.authorise", ...chargeOf(context, token) };
}

/** What the issuer is asked to charge, and whom, on which evidence. */
export function chargeOf(context: PaymentContext, token: string | null): ChargeRequest {
  const { payment, lane, charge_minor, currency, items, evidence, operator, selected } = context;
  if (evidence === null || operator === null || selected === null || token === null) {
    throw new Error(`${payment}: nobody was chosen`);
  }
  const confirmed_by = context.eligibility_operator;
  return {
    payment,
    visit: selected,
    token,
    lane,
    amount_minor: charge_minor,
    currency,
    items,
    evidence,
    operator,
    ...(needsOf(items).length > 0 && confirmed_by !== null ? { confirmed_by } : {}),
  };
}

/** What one must be to have these items, each once. */
export function needsOf(items: readonly Item[]): string[] {
  return [...new Set(items.flatMap(({ needs }) => needs ?? []))].sort();
}

/** The basket without the items that the operator takes out. */
export function remaining(context: PaymentContext, event: PaymentEvent): readonly Item[] {
  if (event.type !== "operator.items_dropped") return context.items;
  return context.items.filter((_, at) => !event.items.includes(at));
}

/** True when every line that is to go is there, in the basket that was looked at. */
export function isDrop(context: PaymentContext, event: PaymentEvent): boolean {
  return event.type === "operator.items_dropped" && event.items.length > 0 &&
    (event.dropped === undefined || event.dropped === context.dropped.length) &&
    event.items.every((at) => context.items[at] !== undefined);
}

/** Takes the operator's items out of the basket; what is charged falls with them. */
export function dropped(context: PaymentContext, event: PaymentEvent): Partial<PaymentContext> {
  if (event.type !== "operator.items_dropped") return {};
  const items = remaining(context, event);
  const gone = context.items.filter((item) => !items.includes(item));
  return {
    items,
    dropped: [...context.dropped, ...gone],
    charge_minor: items.reduce((sum, { amount_minor }) => sum + amount_minor, 0),
    eligibility_operator: event.operator,
  };
}

/** Settles on the one whose answer was right: the face and the answer are the evidence. */
export function answered(context: PaymentContext, event: PaymentEvent): Partial<PaymentContext> {
  const spoken = event.type === "voice.heard";
  if (!spoken && event.type !== "challenge.checked" || event.outcome !== "right") return {};
  const found = context.candidates.find(({ visit }) => visit === event.visit);
  const challenge = spoken ? "digits" : context.answer_kind;
  if (found === undefined || challenge === null) return {};
  const evidence = { ...found.evidence, challenge };
  return chosen(context, { ...found, evidence }, "shopper");
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
    case "issuer.charge_owed":
    case "issuer.capture_refused":
    case "issuer.approval_refused":
    case "issuer.attestation_refused":
    case "issuer.forward_refused":
    case "stand_in.refused":
    case "visit.reservation_refused":
      return { reason: event.reason };
    default:
      return { reason: context.reason };
  }
}
