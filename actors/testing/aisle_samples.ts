/** Enough of what may happen to the actors of a walk-out aisle to bring them everywhere. */
import type { Takes } from "./vocabulary.ts";

type Unstamped<E> = E extends unknown ? Omit<E, "at_ms"> : never;
type Samples = {
  readonly [K in "gate" | "shelf" | "cart"]: readonly Unstamped<Takes[K]>[];
};

const items = [{ name: "Tea", quantity: 1, amount_minor: 1 }];

export const aisleSamples: Samples = {
  gate: [
    { type: "store.gate_configured", zone: "aisle", ways: "both" },
    {
      type: "store.gate_configured",
      zone: "aisle",
      ways: "in",
      face: { camera: "c", accept_liveness: ["passed"] },
    },
    { type: "camera.candidates_changed", candidates: [], glance: 0 },
    { type: "gate.code_read", entry: "e", entry_code: "j.w.s" },
    { type: "gate.face_seen", entry: "e", visit: "v", camera: "c" },
    { type: "operator.let_in", entry: "e", visit: "v", operator: "olga", people: 2 },
    {
      type: "issuer.admitted",
      entry: "e",
      account: "a",
      identity_key: "a",
      people: 1,
      evidence: { kind: "code_at_gate" },
    },
    { type: "issuer.not_admitted", entry: "e", reason: "code_spent" },
    { type: "issuer.not_admitted", entry: "e", reason: "issuer_unreachable", unanswered: true },
    { type: "retailer.admitted", entry: "e", visitor: "anna", visitor_type: "SHOPPER" },
    { type: "retailer.not_admitted", entry: "e", reason: "unknown" },
    { type: "issuer.trip_ended" },
    { type: "gate.passed_in", track: "t" },
    { type: "gate.passed_out", track: "t", cart: "e" },
    { type: "gate.stuck", reason: "unplugged" },
  ],
  shelf: [
    { type: "store.shelf_configured", zone: "aisle", plates: { p: { "20000000": 3 } } },
    { type: "shelf.weighed", plate: "p" },
    { type: "shelf.silent", plate: "p" },
    { type: "shelf.rested", plate: "p", weight_g: 900 },
    { type: "cart.took", cart: "e", plate: "p", gtin: "20000000", units: 1 },
  ],
  cart: [
    {
      type: "gate.entered",
      gate: "in",
      zone: "aisle",
      account: "a",
      visitor: "anna",
      visitor_type: "SHOPPER",
      people: 1,
      track: "t",
      evidence: { kind: "code_at_gate" },
    },
    { type: "gate.left", gate: "out", track: "t" },
    { type: "payment.ended", payment: "x", outcome: "captured", receipt: "r" },
    { type: "payment.ended", payment: "x", outcome: "declined", receipt: null },
    { type: "tracker.lines_changed", lines: [], confidence: 1, displays: {} },
    {
      type: "tracker.cart_closed",
      outcome: "certain",
      why: null,
      confidence: 1,
      lines: [{ gtin: "20000000", units: 1, confidence: 1, evidence: [] }],
      alternatives: [],
    },
    {
      type: "tracker.cart_closed",
      outcome: "review",
      why: "ambiguous",
      confidence: 0.5,
      lines: [],
      alternatives: [],
    },
    { type: "tracker.forgot" },
    { type: "operator.cart_decided", lines: [{ gtin: "20000000", units: 1 }], operator: "olga" },
    { type: "operator.dispute_decided", dispute: "d", granted: true, operator: "olga" },
    { type: "retailer.purchase_acknowledged", purchase: "p" },
    { type: "retailer.purchase_refused", reason: "no" },
    { type: "retailer.dispute_noted", dispute: "d" },
    { type: "issuer.cart_priced", amount_minor: 1, currency: "EUR", items },
    { type: "issuer.cart_cancelled" },
    { type: "issuer.trip_charged", outcome: "captured", receipt: "r", reason: null },
    { type: "issuer.trip_charged", outcome: "owed", receipt: null, reason: "declined" },
    { type: "issuer.trip_ended" },
    { type: "issuer.line_disputed", dispute: "d", line: 0, gtin: "20000000", units: 1 },
    { type: "issuer.dispute_closed", dispute: "d", granted: true },
  ],
};
