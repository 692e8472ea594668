/**
 * One sale, from the moment a lane opens it to its only outcome. Nobody is charged without
 * evidence that meets the store's policy, and nothing that the issuer may hold is forgotten: once
 * it was asked, only its answer ends the payment.
 */
import {
  awaiting_answer,
  awaiting_turn,
  checking_answer,
  turning_again,
} from "./payment_asking.ts";
import {
  awaiting_attestation,
  awaiting_candidates,
  awaiting_eligibility,
  awaiting_reservation,
  awaiting_selection,
  unopened,
} from "./payment_search.ts";
import {
  awaiting_approval,
  awaiting_authorisation,
  awaiting_capture,
  awaiting_charge,
  ends,
  owing,
  reversing,
} from "./payment_settling.ts";
import { accepted_offline, awaiting_stand_in } from "./payment_offline.ts";
import { none } from "./kept.ts";
import type { PaymentPolicy } from "./messages.ts";
import type { PaymentContext } from "./payment_facts.ts";
import { paymentSetup } from "./payment_setup.ts";

const unopenedPolicy: PaymentPolicy = {
  selection: "operator",
  accept_liveness: none,
  selection_timeout_ms: 0,
  authorisation_timeout_ms: 0,
};

/** What a payment knows before a lane or a cart has opened it. Written out: what is spread into an
 * object lies outside of it and takes more room. */
const unopenedFacts = (payment: string): PaymentContext => ({
  payment,
  cart: null,
  lane: "",
  poi_id: "",
  sale_id: "",
  service_id: "",
  amount_minor: 0,
  charge_minor: 0,
  accept_partial: false,
  currency: "",
  items: none,
  dropped: none,
  policy: unopenedPolicy,
  opened_at_ms: 0,
  selection_until_ms: 0,
  candidates: none,
  selected: null,
  evidence: null,
  operator: null,
  token: null,
  account: null,
  allowance: null,
  offline_since_ms: null,
  asked: null,
  accepted_at_ms: null,
  attested: none,
  eligibility_operator: null,
  answers: 0,
  answer_kind: null,
  wrong_answers: 0,
  prompts: 0,
  unheard: 0,
  turns_posed: 0,
  failed_turns: 0,
  tries: 0,
  reason: null,
  cancelled_by: null,
  approval: null,
  approval_until_ms: null,
  approval_answer: null,
  authorisation: null,
  authorised_until_ms: null,
  receipt: null,
  resumed: false,
  shopper_left: false,
});

export type { PaymentContext, PaymentEvent, PaymentMessage } from "./payment_facts.ts";

export const paymentMachine = paymentSetup.createMachine({
  id: "payment",
  context: ({ input }) => unopenedFacts(input.id),
  initial: "unopened",
  on: {
    /** A lane that did not hear the first answer asks again. */
    "lane.sale_opened": { guard: "isOwnLane", actions: "tellOpened" },
    "store.sale_resumed": { actions: "noteResumed" },
    "visit.left": { guard: "isSelected", actions: "noteShopperLeft" },
    "lane.link_changed": { actions: "noteLink" },
  },
  states: {
    unopened,
    awaiting_candidates,
    awaiting_turn,
    turning_again,
    awaiting_selection,
    awaiting_answer,
    checking_answer,
    awaiting_reservation,
    awaiting_attestation,
    awaiting_eligibility,
    awaiting_authorisation,
    awaiting_approval,
    awaiting_capture,
    awaiting_charge,
    owing,
    awaiting_stand_in,
    accepted_offline,
    reversing,
    ...ends,
  },
});
