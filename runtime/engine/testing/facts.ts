// long because every kind of actor has its facts here
/**
 * Facts by chance for every kind of actor in the shop: few enough different ones that machines get
 * everywhere, among them some that come too late, twice, or from the wrong sender.
 */
import type { Candidate, Kind, PaymentPolicy } from "../../../actors/messages.ts";
import type { Takes } from "../../../actors/testing/vocabulary.ts";
import type { Chance } from "../../../hardware/simulated/chance.ts";
import type { EventLike } from "../engine.ts";
import { aisleFacts } from "./aisle_facts.ts";

type Unstamped<E> = E extends unknown ? Omit<E, "at_ms"> : never;
type Facts = {
  readonly [K in Kind]: {
    readonly [T in Takes[K]["type"]]: (
      chance: Chance,
      at_ms: number,
    ) => Omit<Unstamped<Extract<Takes[K], { type: T }>>, "type">;
  };
};

const visit = (chance: Chance) => chance.pick(["ada", "bea", "cyd"]);
const payment = (chance: Chance) => chance.pick(["x", "x", "y"]);
const none = () => ({});
const reason = (chance: Chance) => ({ reason: chance.pick(["one", "another"]) });

function candidates(chance: Chance, at_ms: number): Candidate[] {
  return Array.from({ length: chance.whole(3) }, () => ({
    visit: visit(chance),
    evidence: {
      kind: "face_at_pay_position" as const,
      camera: "c",
      model: "m",
      frames: 3,
      outcome: chance.pick(["identified", "ambiguous"] as const),
      liveness: chance.pick(["passed", "passed", "not_assessed", "unsure"] as const),
      seen_at_ms: at_ms,
    },
  }));
}

const policy = (chance: Chance): PaymentPolicy => ({
  selection: chance.pick(["operator", "automatic"] as const),
  accept_liveness: ["passed"],
  selection_timeout_ms: chance.pick([100, 60_000]),
  challenge: chance.pick(["never", "never", "ambiguous", "always"] as const),
  authorisation_timeout_ms: chance.pick([100, 15_000]),
});

const sale = (chance: Chance) => ({
  payment: payment(chance),
  poi_id: "poi",
  sale_id: "till",
  service_id: "1",
  amount_minor: chance.pick([0, 420]),
  currency: "EUR",
  items: [
    { name: "Bread", quantity: 1, amount_minor: 120 },
    {
      name: "Wine",
      quantity: 1,
      amount_minor: 300,
      ...(chance.happens(0.3) ? { needs: "age_over_18" } : {}),
    },
  ],
  accept_partial: chance.happens(0.5),
});
const approval = (chance: Chance) => ({ approval: chance.pick(["q", "q", "r"]) });

const facts: Facts = {
  visit: {
    "issuer.visit_opened": (chance, at_ms) => ({
      account: "a",
      first_name: "Ada",
      initials: "AL",
      zone: "front",
      tokens: ["one.token", "another.token", "third.token"].slice(chance.whole(4)),
      template: chance.happens(0.8),
      lease_expires_ms: at_ms + chance.pick([-10, 500, 30_000, 600_000]),
      allowances: [allowance(at_ms)].slice(chance.whole(2)),
    }),
    "issuer.check_in_ended": (chance) => ({ reason: chance.pick(["left", "revoked"] as const) }),
    "payment.reservation_asked": (chance) => ({
      payment: payment(chance),
      attempt: chance.whole(4),
      offline: chance.happens(0.3),
    }),
    "payment.reservation_released": (chance) => ({
      payment: payment(chance),
      token_spent: chance.happens(0.5),
      allowance_used: chance.happens(0.3),
      receipt: chance.pick([null, "r"]),
    }),
    "display.offers_asked": (chance) => ({ display: "hall", look: 1 + chance.whole(2) }),
  },
  payment: {
    "lane.sale_opened": (chance, at_ms) => ({
      lane: chance.pick(["1", "1", "2"]),
      sale: sale(chance),
      policy: policy(chance),
      candidates: candidates(chance, at_ms),
    }),
    "lane.candidates_changed": (chance, at_ms) => ({ candidates: candidates(chance, at_ms) }),
    "cart.priced": (chance) => ({
      cart: chance.pick(["c", "d"]),
      gate: "in",
      amount_minor: chance.pick([100, 420]),
      currency: "EUR",
      items: [{ name: "Bread", quantity: 1, amount_minor: 100 }],
    }),
    "issuer.charge_owed": reason,
    "lane.withdrawn": none,
    "store.sale_resumed": none,
    "visit.reservation_granted": (chance, at_ms) => ({
      visit: visit(chance),
      attempt: 1 + chance.whole(3),
      token: "t",
      account: "a",
      allowance: chance.pick([null, allowance(at_ms)]),
    }),
    "lane.link_changed": (chance, at_ms) => ({ offline_since_ms: chance.pick([null, at_ms]) }),
    "stand_in.granted": none,
    "stand_in.refused": reason,
    "issuer.forward_refused": reason,
    "visit.reservation_refused": (chance) => ({
      visit: visit(chance),
      attempt: 1 + chance.whole(3),
      ...reason(chance),
    }),
    "visit.left": (chance) => ({ visit: visit(chance) }),
    "operator.selected": (chance) => ({ visit: visit(chance), operator: "olga" }),
    "operator.cancelled": () => ({ operator: "olga" }),
    "pos.cancel_requested": none,
    "operator.eligibility_confirmed": () => ({ operator: "olga" }),
    "operator.items_dropped": (chance) => ({ items: [chance.whole(3)], operator: "olga" }),
    "shopper.answered": () => ({ kind: "initials" as const, answer: "AL" }),
    "challenge.checked": (chance) => {
      const attempt = 1 + chance.whole(3);
      return chance.happens(0.5)
        ? { attempt, outcome: "right" as const, visit: visit(chance) }
        : { attempt, outcome: "wrong" as const };
    },
    "turn.judged": (chance) => ({
      attempt: 1 + chance.whole(3),
      outcome: chance.pick(["met", "failed"] as const),
    }),
    "voice.heard": (chance) => {
      const attempt = 1 + chance.whole(3);
      return chance.happens(0.5)
        ? { attempt, outcome: "right" as const, visit: visit(chance) }
        : { attempt, outcome: chance.pick(["wrong", "unheard"] as const) };
    },
    "issuer.approval_needed": (chance, at_ms) => ({
      ...approval(chance),
      ...reason(chance),
      until_ms: at_ms + chance.pick([-10_000, 30_000]),
    }),
    "issuer.approval_given": (chance) => ({
      ...approval(chance),
      amount_minor: chance.pick([100, 420, 500]),
    }),
    "issuer.approval_refused": (chance) => ({ ...approval(chance), ...reason(chance) }),
    "issuer.attested": (chance) => ({
      attempt: 1 + chance.whole(3),
      eligible: chance.pick([[], ["age_over_18"]]),
    }),
    "issuer.attestation_refused": (chance) => ({ attempt: 1 + chance.whole(3), ...reason(chance) }),
    "issuer.eligibility_proved": none,
    "issuer.authorised": (_, at_ms) => ({ authorisation: "a", expires_ms: at_ms + 1_000 }),
    "issuer.declined": reason,
    "issuer.captured": () => ({ receipt: "r" }),
    "issuer.capture_refused": reason,
    "issuer.reversed": none,
  },
  refund: {
    "operator.refund_requested": (chance) => ({
      payment: payment(chance),
      lane: "1",
      amount_minor: 100,
      currency: "EUR",
      operator: "olga",
      reason: "spoiled",
    }),
    "issuer.refunded": () => ({ receipt: "r" }),
    "issuer.refund_refused": reason,
    "issuer.refund_made": () => ({
      payment: "x",
      amount_minor: 100,
      currency: "EUR",
      receipt: "r",
      reason: "spoiled",
    }),
  },
  change: {
    "operator.change_requested": (chance) => ({
      lane: "1",
      camera: "c",
      visit: visit(chance),
      operator: "olga",
      wanted: { what: "phone" as const, phone: "+4930123456" },
    }),
    "operator.change_cancelled": () => ({ operator: "olga" }),
    "issuer.change_begun": () => ({ nonce: "n" }),
    "issuer.change_refused": reason,
    "issuer.change_ended": (chance, at_ms) => ({
      outcome: chance.pick(["applied", "refused", "withdrawn"] as const),
      reason: chance.pick([null, "face_differs"]),
      tries_left: chance.pick([null, 2]),
      effective_at_ms: chance.pick([null, at_ms]),
    }),
    "change.not_proved": reason,
  },
  lane: {
    "store.lane_configured": (chance) => ({ zone: "front", camera: "c", policy: policy(chance) }),
    "pos.sale_requested": (chance) => ({ sale: sale(chance) }),
    "camera.candidates_changed": (chance, at_ms) => ({
      candidates: candidates(chance, at_ms),
      glance: chance.whole(3),
    }),
    "payment.opened": (chance) => ({ payment: payment(chance) }),
    "payment.ended": (chance) => ({ payment: payment(chance), outcome: "captured" }),
    "payment.let_go": (chance) => ({ payment: payment(chance) }),
    "link.offline": (_, at_ms) => ({ since_ms: at_ms }),
    "link.away": (_, at_ms) => ({ since_ms: at_ms }),
    "link.online": none,
  },
  stand_in: {
    "store.stand_in_configured": () => ({
      limits: { per_payment_minor: 400, per_account_minor: 900, total_minor: 2_000, age_ms: 9e6 },
    }),
    "link.away": (_, at_ms) => ({ since_ms: at_ms }),
    "link.online": none,
    "payment.stand_in_asked": (chance, at_ms) => ({
      payment: payment(chance),
      lane: "1",
      account: "a",
      amount_minor: chance.pick([100, 420]),
      allowance: chance.pick([null, allowance(at_ms)]),
    }),
    "payment.stand_in_returned": (chance) => ({ payment: payment(chance) }),
    "payment.stand_in_settled": (chance) => ({
      payment: payment(chance),
      refused: chance.pick([null, "declined"]),
    }),
  },
  beacon: {
    "store.beacon_configured": () => ({ zone: "front", hardware_id: "b" }),
    "issuer.code_set": (chance, at_ms) => ({
      code: chance.pick(["aa", "bb", "cc"]),
      nonce: "n",
      from_ms: at_ms + chance.pick([-100, 0, 5_000]),
      until_ms: at_ms + chance.pick([-1, 4_000, 60_000]),
    }),
    "issuer.check_in_announced": none,
    "issuer.account_data_answered": () => ({ visits: 1 }),
    "issuer.account_data_refused": reason,
    "radio.advertising": (chance) => ({ code: chance.pick(["aa", "bb", "cc"]) }),
    "radio.failed": reason,
    "beacon.ask_due": none,
    "beacon.ask_wanted": none,
  },
  camera: {
    "store.camera_configured": () => ({ zone: "front", lane: "1" }),
    "camera.started": () => ({ device: "d" }),
    "camera.stalled": none,
    "camera.failed": reason,
    "lane.look_again": (chance) => ({ glance: chance.whole(4) }),
    "frame.matched": (chance, at_ms) => ({
      outcome: chance.pick(["identified", "ambiguous", "unknown", "nobody"] as const),
      faces: chance.whole(4),
      candidates: candidates(chance, at_ms),
      glance: chance.whole(4),
    }),
  },
  display: {
    "store.display_configured": () => ({
      languages: ["en"],
      policy: { show_ms: 30_000, per_shopper: 1, per_display: 2, within_ms: 600_000 },
    }),
    "shopper.looked_at": (chance) => ({ gtin: "g", visit: chance.pick([null, visit(chance)]) }),
    "cart.item_picked": (chance) => ({ gtin: "h", visit: chance.pick([null, visit(chance)]) }),
    "content.chosen": (chance) => ({
      look: 1 + chance.whole(3),
      choices: ["a", "b", "c"].slice(chance.whole(4)).map((content) => ({
        content,
        personal: chance.happens(0.3),
        similarity: 0.5,
        entity: "ingredient/tomato",
      })),
    }),
    "visit.offers_answered": (chance) => ({
      look: 1 + chance.whole(3),
      agreed: chance.happens(0.5),
    }),
  },
  link: {
    "store.link_configured": () => ({ lanes: ["1", "2"] }),
    "link.connected": none,
    "link.lost": reason,
  },
  ...aisleFacts,
};

function allowance(at_ms: number) {
  return { allowance: "al", amount_minor: 500, expires_ms: at_ms + 900_000, proof: "p" };
}

const types = Object.fromEntries(
  Object.entries(facts).map(([kind, made]) => [kind, Object.keys(made)]),
) as Record<Kind, string[]>;

/** One fact for an actor of the kind; of one type, or of any. */
export function factFor(kind: Kind, chance: Chance, at_ms: number, type?: string): EventLike {
  const chosen = type ?? chance.pick(types[kind]);
  const make = (facts[kind] as Record<string, (chance: Chance, at_ms: number) => object>)[chosen];
  return { type: chosen, ...make?.(chance, at_ms) };
}
