/** Every kind of actor, and what the engine must know of it besides its machine. */
import type { AnyStateMachine } from "xstate";
import type { Kind } from "./messages.ts";
import { beaconMachine } from "./beacon.ts";
import { cameraMachine } from "./camera.ts";
import { changeMachine } from "./change.ts";
import { cartMachine } from "./cart.ts";
import { gateMachine } from "./gate.ts";
import { displayMachine } from "./display.ts";
import { laneMachine } from "./lane.ts";
import { linkMachine } from "./link.ts";
import { paymentMachine } from "./payment.ts";
import { refundMachine } from "./refund.ts";
import { shelfMachine } from "./shelf.ts";
import { standInMachine } from "./stand_in.ts";
import { visitMachine } from "./visit.ts";

export interface ActorKind {
  /** Takes `{ id }` as input: the part of the address after the slash. */
  readonly machine: AnyStateMachine;
  /** Its rows are on disk; the others are born anew at every start. */
  readonly durable: boolean;
  /** Events that bring an actor of this kind into being when there is none at the address. */
  readonly births: readonly string[];
  /** Facts of which the latest is enough: where many wait, the oldest give way. Facts of lanes,
   * payments and visits never do. */
  readonly sheds?: readonly string[];
}

export const actorKinds: Readonly<Record<Kind, ActorKind>> = {
  visit: {
    machine: visitMachine,
    durable: true,
    births: ["issuer.visit_opened", "issuer.check_in_ended"],
  },
  payment: { machine: paymentMachine, durable: true, births: ["lane.sale_opened", "cart.priced"] },
  change: { machine: changeMachine, durable: true, births: ["operator.change_requested"] },
  refund: {
    machine: refundMachine,
    durable: true,
    births: ["operator.refund_requested", "issuer.refund_made"],
  },
  lane: { machine: laneMachine, durable: true, births: ["store.lane_configured"] },
  beacon: {
    machine: beaconMachine,
    durable: false,
    births: ["store.beacon_configured"],
    sheds: ["issuer.check_in_announced", "radio.advertising"],
  },
  camera: {
    machine: cameraMachine,
    durable: false,
    births: ["store.camera_configured"],
    sheds: ["frame.matched"],
  },
  display: {
    machine: displayMachine,
    durable: false,
    births: ["store.display_configured"],
    sheds: ["shopper.looked_at"],
  },
  link: { machine: linkMachine, durable: false, births: ["store.link_configured"] },
  gate: { machine: gateMachine, durable: true, births: ["store.gate_configured"] },
  shelf: { machine: shelfMachine, durable: true, births: ["store.shelf_configured"] },
  cart: {
    machine: cartMachine,
    durable: true,
    births: ["gate.entered"],
    sheds: ["tracker.lines_changed"],
  },
  stand_in: { machine: standInMachine, durable: true, births: ["store.stand_in_configured"] },
};
