/** Facts by chance for the actors of a walk-out aisle; see `facts.ts`. */
import type { CartLine } from "../../../actors/walkout.ts";
import type { Chance } from "../../../hardware/simulated/chance.ts";

const entry = (chance: Chance) => chance.pick(["c", "c", "d"]);
const gtin = (chance: Chance) => chance.pick(["20000000", "20000017"]);
const reason = (chance: Chance) => ({ reason: chance.pick(["one", "another"]) });
const none = () => ({});
const dispute = (chance: Chance) => chance.pick(["x", "y", "z"]);
const items = [{ name: "Tea", quantity: 1, amount_minor: 300 }];

const lines = (chance: Chance): CartLine[] =>
  Array.from({ length: chance.whole(3) }, () => ({
    gtin: gtin(chance),
    units: 1 + chance.whole(3),
    confidence: chance.pick([0.5, 0.995, 1]),
    evidence: [],
  }));

export const aisleFacts = {
  gate: {
    "store.gate_configured": (chance: Chance) => ({
      zone: "aisle",
      ways: chance.pick(["in", "out", "both", "both"] as const),
      ...(chance.happens(0.5)
        ? { face: { camera: "k", accept_liveness: ["passed" as const] } }
        : {}),
    }),
    "camera.candidates_changed": (chance: Chance, at_ms: number) => ({
      candidates: Array.from({ length: chance.whole(3) }, () => ({
        visit: chance.pick(["ada", "bob"]),
        evidence: {
          kind: "face_at_pay_position" as const,
          camera: "k",
          model: "m",
          frames: 5,
          outcome: chance.pick(["identified", "ambiguous"] as const),
          liveness: chance.pick(["passed", "passed", "unsure"] as const),
          seen_at_ms: at_ms,
        },
      })),
      glance: chance.whole(4),
    }),
    "gate.code_read": (chance: Chance) => ({ entry: entry(chance), entry_code: "j.w.s" }),
    "gate.face_seen": (chance: Chance) => ({ entry: entry(chance), visit: "ada", camera: "k" }),
    "operator.let_in": (chance: Chance) => ({
      entry: entry(chance),
      visit: "ada",
      operator: "olga",
      people: chance.pick([1, 2, 20]),
    }),
    "gate.passed_in": (chance: Chance) => ({ track: chance.pick(["t", "u"]) }),
    "gate.passed_out": (chance: Chance) => ({
      track: chance.pick(["t", "u"]),
      cart: chance.pick(["c", "d", null]),
    }),
    "gate.stuck": reason,
    "issuer.admitted": (chance: Chance) => ({
      entry: entry(chance),
      account: "a",
      identity_key: "a",
      people: chance.pick([1, 2]),
      evidence: { kind: "code_at_gate" as const },
    }),
    "issuer.not_admitted": (chance: Chance) => ({ entry: entry(chance), ...reason(chance) }),
    "retailer.admitted": (chance: Chance) => ({
      entry: entry(chance),
      visitor: "anna",
      visitor_type: chance.pick(["SHOPPER", "SHOPPER", "ASSOCIATE"] as const),
    }),
    "retailer.not_admitted": (chance: Chance) => ({ entry: entry(chance), ...reason(chance) }),
    "issuer.trip_ended": none,
  },
  shelf: {
    "store.shelf_configured": (chance: Chance) => ({
      zone: "aisle",
      plates: { p: { "20000000": chance.pick([3, 4]) }, q: { "20000017": 2 } },
    }),
    "shelf.weighed": (chance: Chance) => ({ plate: chance.pick(["p", "q", "r"]) }),
    "shelf.silent": (chance: Chance) => ({ plate: chance.pick(["p", "q", "r"]) }),
    "shelf.rested": (chance: Chance) => ({
      plate: chance.pick(["p", "q", "r"]),
      weight_g: 1_000 + chance.whole(50),
    }),
    "cart.took": (chance: Chance) => ({
      cart: entry(chance),
      plate: chance.pick(["p", "q"]),
      gtin: gtin(chance),
      units: chance.pick([1, 2, -1]),
    }),
  },
  cart: {
    "gate.entered": (chance: Chance) => ({
      gate: "in",
      zone: "aisle",
      account: "a",
      visitor: "anna",
      visitor_type: chance.pick(["SHOPPER", "SHOPPER", "ASSOCIATE"] as const),
      people: 1,
      track: chance.pick(["t", "u"]),
      evidence: { kind: "code_at_gate" as const },
    }),
    "gate.left": (chance: Chance) => ({ gate: "out", track: chance.pick(["t", "u"]) }),
    "payment.ended": (chance: Chance) => ({
      payment: "c",
      outcome: chance.pick(["captured", "declined", "reversed"] as const),
      receipt: "r",
    }),
    "tracker.lines_changed": (chance: Chance) => ({
      lines: lines(chance),
      confidence: 0.9,
      displays: {},
    }),
    "tracker.cart_closed": (chance: Chance) => ({
      outcome: chance.pick(["certain", "certain", "review"] as const),
      why: chance.pick([null, "ambiguous"]),
      confidence: 0.9,
      lines: lines(chance),
      alternatives: [],
    }),
    "tracker.forgot": none,
    "operator.cart_decided": (chance: Chance) => ({
      lines: [{ gtin: gtin(chance), units: chance.whole(3) }],
      operator: "olga",
    }),
    "operator.dispute_decided": (chance: Chance) => ({
      dispute: dispute(chance),
      granted: chance.happens(0.5),
      operator: "olga",
    }),
    "retailer.purchase_acknowledged": () => ({ purchase: "p" }),
    "retailer.purchase_refused": reason,
    "retailer.dispute_noted": (chance: Chance) => ({ dispute: dispute(chance) }),
    "issuer.cart_priced": () => ({ amount_minor: 300, currency: "EUR", items }),
    "issuer.cart_cancelled": none,
    "issuer.trip_charged": (chance: Chance) => ({
      outcome: chance.pick(["captured", "owed", "declined", "reversed"] as const),
      receipt: "r",
      reason: null,
    }),
    "issuer.trip_ended": none,
    "issuer.line_disputed": (chance: Chance) => ({
      dispute: dispute(chance),
      line: 0,
      gtin: gtin(chance),
      units: 1,
    }),
    "issuer.dispute_closed": (chance: Chance) => ({
      dispute: dispute(chance),
      granted: chance.happens(0.5),
    }),
  },
} as const;
