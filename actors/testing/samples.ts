/**
 * What may happen to an actor of each kind, enough of it to bring a machine into every situation:
 * whoever walks the machines takes their words from here.
 */
import { aisleSamples } from "./aisle_samples.ts";
import { displaySamples } from "./display_samples.ts";
import { seen, staffed } from "./shop.ts";
import type { Takes } from "./vocabulary.ts";

type Unstamped<E> = E extends unknown ? Omit<E, "at_ms"> : never;
type Samples = { readonly [K in keyof Takes]: readonly Unstamped<Takes[K]>[] };

const sale = {
  payment: "x",
  poi_id: "poi",
  sale_id: "till",
  service_id: "1",
  amount_minor: 1,
  currency: "EUR",
  items: [{ name: "Bread", quantity: 1, amount_minor: 1 }],
};
const wine = { ...sale, items: [{ ...sale.items[0]!, needs: "age_over_18" }] };
const asking = { ...staffed, challenge: "always" } as const;
const voiced = { ...asking, microphone: "m" } as const;
const turning = { ...staffed, turns: "always" } as const;
const automatic = { ...staffed, selection: "automatic" } as const;
const opened = {
  type: "issuer.visit_opened",
  account: "a",
  first_name: "Ada",
  initials: "AL",
  zone: "front",
  tokens: ["a.token.of-hers"],
  template: true,
  lease_expires_ms: 1_000,
} as const;
const allowance = { allowance: "al-1", amount_minor: 9, expires_ms: 9_000, proof: "signed" };
const code = {
  type: "issuer.code_set",
  code: "aa",
  nonce: "n",
  from_ms: 0,
  until_ms: 500,
} as const;

/** Enough of what may happen to an actor to bring it everywhere. */
export const samples: Samples = {
  visit: [
    opened,
    { ...opened, tokens: [] },
    { ...opened, allowances: [allowance] },
    { type: "payment.reservation_asked", payment: "p", attempt: 1, offline: false },
    {
      type: "payment.reservation_released",
      payment: "p",
      token_spent: true,
      allowance_used: true,
      receipt: "r",
    },
    {
      type: "payment.reservation_released",
      payment: "p",
      token_spent: false,
      allowance_used: false,
      receipt: null,
    },
    { type: "issuer.check_in_ended", reason: "left" },
    { type: "display.offers_asked", display: "hall", look: 1 },
  ],
  payment: [
    { type: "lane.sale_opened", lane: "1", sale, policy: staffed, candidates: [] },
    { type: "lane.sale_opened", lane: "1", sale, policy: automatic, candidates: [seen("ada")] },
    {
      type: "lane.sale_opened",
      lane: "1",
      sale: wine,
      policy: automatic,
      candidates: [seen("ada")],
    },
    { type: "lane.sale_opened", lane: "1", sale, policy: asking, candidates: [seen("ada")] },
    { type: "lane.sale_opened", lane: "1", sale, policy: voiced, candidates: [seen("ada")] },
    { type: "lane.sale_opened", lane: "1", sale, policy: turning, candidates: [seen("ada")] },
    { type: "lane.candidates_changed", candidates: [seen("ada", { turns: 3 })] },
    { type: "turn.judged", attempt: 1, outcome: "met" },
    { type: "turn.judged", attempt: 1, outcome: "failed" },
    { type: "voice.heard", attempt: 1, outcome: "right", visit: "ada" },
    { type: "voice.heard", attempt: 1, outcome: "wrong" },
    { type: "voice.heard", attempt: 1, outcome: "unheard" },
    { type: "operator.eligibility_confirmed", operator: "olga" },
    { type: "operator.items_dropped", items: [0], operator: "olga" },
    { type: "shopper.answered", kind: "initials", answer: "AL" },
    { type: "challenge.checked", attempt: 1, outcome: "right", visit: "ada" },
    { type: "challenge.checked", attempt: 1, outcome: "wrong" },
    { type: "issuer.attested", attempt: 1, eligible: ["age_over_18"] },
    { type: "issuer.attestation_refused", attempt: 1, reason: "unknown" },
    { type: "issuer.eligibility_proved" },
    { type: "issuer.approval_needed", approval: "q", reason: "limit", until_ms: 900 },
    { type: "issuer.approval_given", approval: "q", amount_minor: 1 },
    { type: "issuer.approval_refused", approval: "q", reason: "shopper_refused" },
    { type: "lane.candidates_changed", candidates: [] },
    { type: "lane.candidates_changed", candidates: [seen("ada")] },
    { type: "lane.withdrawn" },
    { type: "store.sale_resumed" },
    { type: "operator.selected", visit: "ada", operator: "olga" },
    { type: "operator.cancelled", operator: "olga" },
    { type: "pos.cancel_requested" },
    {
      type: "visit.reservation_granted",
      visit: "ada",
      attempt: 1,
      token: "t",
      account: "a",
      allowance,
    },
    { type: "lane.link_changed", offline_since_ms: 1 },
    { type: "stand_in.granted" },
    { type: "stand_in.refused", reason: "offline_too_long" },
    { type: "issuer.forward_refused", reason: "no" },
    { type: "visit.reservation_refused", visit: "ada", attempt: 1, reason: "no_token" },
    { type: "visit.left", visit: "ada" },
    { type: "issuer.authorised", authorisation: "auth", expires_ms: 900 },
    { type: "issuer.declined", reason: "no" },
    { type: "issuer.captured", receipt: "r" },
    { type: "issuer.capture_refused", reason: "no" },
    { type: "issuer.reversed" },
    {
      type: "cart.priced",
      cart: "c",
      gate: "in",
      amount_minor: 1,
      currency: "EUR",
      items: sale.items,
    },
    { type: "issuer.charge_owed", reason: "declined" },
  ],
  refund: [
    {
      type: "operator.refund_requested",
      payment: "p",
      lane: "1",
      amount_minor: 1,
      currency: "EUR",
      operator: "olga",
      reason: "spoiled",
    },
    { type: "issuer.refunded", receipt: "r" },
    { type: "issuer.refund_refused", reason: "no" },
    {
      type: "issuer.refund_made",
      payment: "p",
      amount_minor: 1,
      currency: "EUR",
      receipt: "r",
      reason: "spoiled",
    },
  ],
  change: [
    {
      type: "operator.change_requested",
      lane: "1",
      camera: "c",
      visit: "ada",
      operator: "olga",
      wanted: { what: "phone", phone: "+4930123456" },
    },
    { type: "operator.change_cancelled", operator: "olga" },
    { type: "issuer.change_begun", nonce: "n" },
    { type: "issuer.change_refused", reason: "changes_locked" },
    { type: "change.not_proved", reason: "no_face" },
    ...(["applied", "refused", "withdrawn"] as const).map((outcome) => ({
      type: "issuer.change_ended" as const,
      outcome,
      reason: null,
      tries_left: null,
      effective_at_ms: null,
    })),
  ],
  lane: [
    { type: "store.lane_configured", zone: "front", camera: "c", policy: staffed },
    { type: "pos.sale_requested", sale },
    { type: "camera.candidates_changed", candidates: [seen("ada")], glance: 0 },
    { type: "payment.opened", payment: "x" },
    { type: "payment.opened", payment: "y" },
    { type: "payment.ended", payment: "x", outcome: "captured" },
    { type: "payment.let_go", payment: "x" },
    { type: "link.offline", since_ms: 1 },
    { type: "link.away", since_ms: 1 },
    { type: "link.online" },
  ],
  beacon: [
    { type: "store.beacon_configured", zone: "front", hardware_id: "b" },
    code,
    { ...code, code: "bb", from_ms: 400, until_ms: 900 },
    { type: "issuer.check_in_announced" },
    { type: "issuer.account_data_answered", visits: 1 },
    { type: "issuer.account_data_refused", reason: "stale" },
    { type: "radio.advertising", code: "aa" },
    { type: "radio.failed", reason: "unplugged" },
    { type: "beacon.ask_due" },
    { type: "beacon.ask_wanted" },
  ],
  camera: [
    { type: "store.camera_configured", zone: "front", lane: "1" },
    { type: "camera.started", device: "d" },
    { type: "camera.stalled" },
    { type: "camera.failed", reason: "unplugged" },
    {
      type: "frame.matched",
      outcome: "identified",
      faces: 1,
      candidates: [seen("ada")],
      glance: 0,
    },
    { type: "frame.matched", outcome: "nobody", faces: 0, candidates: [], glance: 0 },
    { type: "lane.look_again", glance: 1 },
  ],
  display: displaySamples,
  link: [
    { type: "store.link_configured", lanes: ["1"] },
    { type: "link.connected" },
    { type: "link.lost", reason: "unplugged" },
  ],
  ...aisleSamples,
  stand_in: [
    {
      type: "store.stand_in_configured",
      limits: { per_payment_minor: 9, per_account_minor: 9, total_minor: 9, age_ms: 9_000 },
    },
    { type: "link.away", since_ms: 1 },
    { type: "link.online" },
    {
      type: "payment.stand_in_asked",
      payment: "p",
      lane: "1",
      account: "a",
      amount_minor: 5,
      allowance,
    },
    { type: "payment.stand_in_returned", payment: "p" },
    { type: "payment.stand_in_settled", payment: "p", refused: null },
    { type: "payment.stand_in_settled", payment: "p", refused: "no" },
  ],
};
