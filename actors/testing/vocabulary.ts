/**
 * Every word that each kind of actor takes, as a value: the compiler holds it against the event
 * types in both directions, and a test holds it against the machines, whose event keys the
 * compiler does not check.
 */
import type { BeaconTakes } from "../beacon.ts";
import type { CameraTakes } from "../camera.ts";
import type { ChangeEvent } from "../change.ts";
import type { CartEvent } from "../cart.ts";
import type { GateEvent } from "../gate.ts";
import type { DisplayTakes } from "../display.ts";
import type { LaneEvent } from "../lane.ts";
import type { LinkTakes } from "../link.ts";
import type { PaymentEvent } from "../payment.ts";
import type { RefundEvent } from "../refund.ts";
import type { ShelfEvent } from "../shelf.ts";
import type { StandInEvent } from "../stand_in.ts";
import type { VisitEvent } from "../visit.ts";

export interface Takes {
  visit: VisitEvent;
  payment: PaymentEvent;
  refund: RefundEvent;
  change: ChangeEvent;
  lane: LaneEvent;
  beacon: BeaconTakes;
  camera: CameraTakes;
  display: DisplayTakes;
  link: LinkTakes;
  gate: GateEvent;
  shelf: ShelfEvent;
  cart: CartEvent;
  stand_in: StandInEvent;
}

type Words = { readonly [K in keyof Takes]: { readonly [T in Takes[K]["type"]]: true } };

export const vocabulary: Words = {
  visit: {
    "issuer.visit_opened": true,
    "issuer.check_in_ended": true,
    "payment.reservation_asked": true,
    "payment.reservation_released": true,
    "display.offers_asked": true,
  },
  payment: {
    "lane.sale_opened": true,
    "lane.candidates_changed": true,
    "lane.withdrawn": true,
    "store.sale_resumed": true,
    "visit.reservation_granted": true,
    "visit.reservation_refused": true,
    "visit.left": true,
    "cart.priced": true,
    "issuer.charge_owed": true,
    "operator.selected": true,
    "operator.cancelled": true,
    "operator.eligibility_confirmed": true,
    "operator.items_dropped": true,
    "shopper.answered": true,
    "challenge.checked": true,
    "turn.judged": true,
    "voice.heard": true,
    "issuer.approval_needed": true,
    "issuer.approval_given": true,
    "issuer.approval_refused": true,
    "issuer.attested": true,
    "issuer.attestation_refused": true,
    "issuer.eligibility_proved": true,
    "pos.cancel_requested": true,
    "issuer.authorised": true,
    "issuer.declined": true,
    "issuer.captured": true,
    "issuer.capture_refused": true,
    "issuer.reversed": true,
    "issuer.forward_refused": true,
    "lane.link_changed": true,
    "stand_in.granted": true,
    "stand_in.refused": true,
  },
  refund: {
    "operator.refund_requested": true,
    "issuer.refunded": true,
    "issuer.refund_refused": true,
    "issuer.refund_made": true,
  },
  change: {
    "operator.change_requested": true,
    "operator.change_cancelled": true,
    "issuer.change_begun": true,
    "issuer.change_refused": true,
    "issuer.change_ended": true,
    "change.not_proved": true,
  },
  lane: {
    "store.lane_configured": true,
    "pos.sale_requested": true,
    "camera.candidates_changed": true,
    "payment.opened": true,
    "payment.ended": true,
    "payment.let_go": true,
    "link.offline": true,
    "link.away": true,
    "link.online": true,
  },
  beacon: {
    "store.beacon_configured": true,
    "issuer.code_set": true,
    "issuer.check_in_announced": true,
    "issuer.account_data_answered": true,
    "issuer.account_data_refused": true,
    "radio.advertising": true,
    "radio.failed": true,
    "beacon.ask_due": true,
    "beacon.ask_wanted": true,
  },
  camera: {
    "store.camera_configured": true,
    "camera.started": true,
    "camera.stalled": true,
    "camera.failed": true,
    "lane.look_again": true,
    "frame.matched": true,
  },
  display: {
    "store.display_configured": true,
    "shopper.looked_at": true,
    "cart.item_picked": true,
    "content.chosen": true,
    "visit.offers_answered": true,
  },
  link: { "store.link_configured": true, "link.connected": true, "link.lost": true },
  gate: {
    "store.gate_configured": true,
    "gate.code_read": true,
    "gate.face_seen": true,
    "camera.candidates_changed": true,
    "operator.let_in": true,
    "gate.passed_in": true,
    "gate.passed_out": true,
    "gate.stuck": true,
    "issuer.admitted": true,
    "issuer.not_admitted": true,
    "retailer.admitted": true,
    "retailer.not_admitted": true,
    "issuer.trip_ended": true,
  },
  shelf: {
    "store.shelf_configured": true,
    "shelf.weighed": true,
    "shelf.silent": true,
    "shelf.rested": true,
    "cart.took": true,
  },
  cart: {
    "gate.entered": true,
    "gate.left": true,
    "payment.ended": true,
    "tracker.lines_changed": true,
    "tracker.cart_closed": true,
    "tracker.forgot": true,
    "operator.cart_decided": true,
    "operator.dispute_decided": true,
    "retailer.purchase_acknowledged": true,
    "retailer.purchase_refused": true,
    "retailer.dispute_noted": true,
    "issuer.cart_priced": true,
    "issuer.cart_cancelled": true,
    "issuer.trip_charged": true,
    "issuer.trip_ended": true,
    "issuer.line_disputed": true,
    "issuer.dispute_closed": true,
  },
  stand_in: {
    "store.stand_in_configured": true,
    "payment.stand_in_asked": true,
    "payment.stand_in_returned": true,
    "payment.stand_in_settled": true,
    "link.away": true,
    "link.online": true,
  },
};
