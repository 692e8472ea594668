/**
 * The same sales with XState's own actors, one for each visit and payment, in memory: `createActor`
 * and `send`, nothing kept anywhere.
 */
import { type AnyActor, type AnyStateMachine, createActor } from "xstate";
import { actorKinds } from "../../../actors/kinds.ts";
import {
  authorised,
  captured,
  type Fact,
  left,
  saleOpened,
  selected,
  visitOpened,
} from "./sale.ts";

interface Told {
  readonly to: string;
  readonly event: Fact;
}

/** Actors that pass each other's messages on at once. */
export class RawStore {
  readonly #actors = new Map<string, AnyActor>();
  #next = 0;

  /** So many whole sales, so many of them under way at once. */
  sell(sales: number, inFlight: number): void {
    for (let sold = 0; sold < sales; sold += inFlight) {
      const ids = Array.from({ length: Math.min(inFlight, sales - sold) }, () => this.#next++);
      const at_ms = Date.now();
      for (const id of ids) this.#born(actorKinds.visit.machine, `visit/v${id}`);
      for (const id of ids) this.send(`visit/v${id}`, visitOpened(`v${id}`, at_ms));
      for (const id of ids) this.#born(actorKinds.payment.machine, `payment/p${id}`);
      for (const id of ids) this.send(`payment/p${id}`, saleOpened(`p${id}`, `v${id}`, at_ms));
      for (const id of ids) this.send(`payment/p${id}`, selected(`v${id}`));
      for (const id of ids) this.send(`payment/p${id}`, authorised(`p${id}`, at_ms));
      for (const id of ids) this.send(`payment/p${id}`, captured(`p${id}`));
      for (const id of ids) this.send(`visit/v${id}`, left);
    }
    if (this.#actors.size > 0) throw new Error(`${this.#actors.size} actors did not end`);
  }

  #born(machine: AnyStateMachine, address: string): void {
    const actor = createActor(machine, { input: { id: address.slice(address.indexOf("/") + 1) } });
    actor.on("tell", (told) => {
      const { to, event } = told as unknown as Told;
      this.send(to, event);
    });
    actor.subscribe({ complete: () => this.#actors.delete(address) });
    this.#actors.set(address, actor);
    actor.start();
  }

  send(address: string, fact: Fact): void {
    this.#actors.get(address)?.send({ ...fact, at_ms: Date.now() } as Fact);
  }
}
