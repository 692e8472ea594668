/**
 * One shopper's stay with one sale, as the facts of which it is made: the same words for our engine
 * and for its peers. Six facts from outside come to nine events, since visit and payment also tell
 * each other.
 */
import type { Candidate, PaymentPolicy } from "../../../actors/messages.ts";

export type Fact = { readonly type: string; readonly [field: string]: unknown };

/** Events that the two actors take in one stay, those between them counted. */
export const eventsPerSale = 9;

export const policy: PaymentPolicy = {
  selection: "operator",
  accept_liveness: ["passed"],
  selection_timeout_ms: 60_000,
  authorisation_timeout_ms: 15_000,
};

const model = "5f".repeat(32);

function candidate(visit: string, at_ms: number): Candidate {
  return {
    visit,
    evidence: {
      kind: "face_at_pay_position",
      camera: "till-1",
      model,
      frames: 5,
      outcome: "identified",
      liveness: "passed",
      seen_at_ms: at_ms,
    },
  };
}

export function visitOpened(visit: string, at_ms: number): Fact {
  return {
    type: "issuer.visit_opened",
    account: `account-${visit}`,
    first_name: "Ada",
    initials: "AL",
    zone: "front",
    tokens: [`first.one-time.token.of.${visit}`, `second.one-time.token.of.${visit}`],
    template: true,
    lease_expires_ms: at_ms + 600_000,
  };
}

/** Two people stand at the lane; the operator has to choose. */
export function saleOpened(payment: string, visit: string, at_ms: number): Fact {
  return {
    type: "lane.sale_opened",
    lane: "1",
    sale: {
      payment,
      poi_id: "poi-1",
      sale_id: "till-1",
      service_id: payment,
      amount_minor: 1_260,
      currency: "EUR",
      items: [
        { name: "Bread", quantity: 1, amount_minor: 420 },
        { name: "Milk", gtin: "4001234567890", quantity: 2, amount_minor: 840 },
      ],
    },
    policy,
    candidates: [candidate(visit, at_ms), candidate(`${visit}-friend`, at_ms)],
  };
}

export const selected = (visit: string): Fact => ({
  type: "operator.selected",
  visit,
  operator: "olga",
});

export const authorised = (payment: string, at_ms: number): Fact => ({
  type: "issuer.authorised",
  authorisation: `authorisation-of-${payment}`,
  expires_ms: at_ms + 60_000,
});

export const captured = (payment: string): Fact => ({
  type: "issuer.captured",
  receipt: `receipt-of-${payment}`,
});

export const left: Fact = { type: "issuer.check_in_ended", reason: "left" };
