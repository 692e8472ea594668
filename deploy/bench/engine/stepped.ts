/**
 * The same sales by steps alone: the engine's stepper with the least that can carry messages, no
 * journal, no mailbox, no history.
 */
import { actorKinds } from "../../../actors/kinds.ts";
import { type ActorState, createStepper, type Stepper } from "../../../runtime/engine/step.ts";
import {
  authorised,
  captured,
  type Fact,
  left,
  saleOpened,
  selected,
  visitOpened,
} from "./sale.ts";

export class SteppedStore {
  readonly #steppers: Record<string, Stepper>;
  readonly #states = new Map<string, ActorState>();
  #sequence = 1;
  #next = 0;

  /** `lookUp: false` has XState work out every step. */
  constructor({ lookUp }: { readonly lookUp: boolean }) {
    this.#steppers = {
      visit: createStepper(actorKinds.visit.machine, { lookUp }),
      payment: createStepper(actorKinds.payment.machine, { lookUp }),
    };
  }

  sell(sales: number): void {
    for (let sold = 0; sold < sales; sold++) {
      const id = this.#next++;
      const at_ms = Date.now();
      const [visit, payment] = [`visit/v${id}`, `payment/p${id}`];
      this.#send(visit, visitOpened(`v${id}`, at_ms));
      this.#send(payment, saleOpened(`p${id}`, `v${id}`, at_ms));
      this.#send(payment, selected(`v${id}`));
      this.#send(payment, authorised(`p${id}`, at_ms));
      this.#send(payment, captured(`p${id}`));
      this.#send(visit, left);
    }
    if (this.#states.size > 0) throw new Error(`${this.#states.size} actors did not end`);
  }

  #send(address: string, fact: Fact): void {
    const slash = address.indexOf("/");
    const stepper = this.#steppers[address.slice(0, slash)];
    if (stepper === undefined) return;
    const event = { ...fact, at_ms: Date.now() };
    const state = this.#states.get(address);
    const step = state
      ? stepper.step(state, event, this.#sequence)
      : stepper.birth(address.slice(slash + 1), event, this.#sequence);
    if (step === undefined) return;
    this.#sequence = step.sequence;
    if (step.state.done) this.#states.delete(address);
    else this.#states.set(address, step.state);
    for (const emitted of step.emitted) {
      if (emitted.type === "tell") this.#send(emitted.to, emitted.event);
    }
  }
}
