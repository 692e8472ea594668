/**
 * Callers that wait for an actor to get somewhere. They wait on what is committed, so an answer
 * given to one survives a crash; how many wait, and how long, is bounded.
 */
import type { Address } from "../../actors/messages.ts";
import type { ActorView, Engine } from "../engine/engine.ts";
import { limits } from "../limits.ts";
import type { Clock } from "../world.ts";

/** Holds waiting callers; one subscription serves them all, and none waits means none is held. */
export class Waiting {
  readonly #engine: Pick<Engine, "subscribe" | "view">;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  readonly #calls = new Map<Address, Set<() => void>>();
  #count = 0;
  /** Callers that were answered at once because too many waited. */
  refused = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(
    engine: Pick<Engine, "subscribe" | "view">,
    clock: Clock,
    stopping: AbortSignal,
  ) {
    this.#engine = engine;
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** How many callers wait now. */
  get count(): number {
    return this.#count;
  }

  /**
   * Resolves with the actor as it is once `there` is true of it, or as it is when the time is up,
   * the caller has gone, the gateway stops, or too many wait already. Never rejects.
   */
  async until(
    address: Address,
    there: (view: ActorView) => boolean,
    wait_ms: number,
    caller: AbortSignal,
  ): Promise<ActorView | undefined> {
    const view = this.#engine.view(address);
    const enough = (now: ActorView | undefined) => now === undefined || there(now);
    if (enough(view) || wait_ms <= 0) return view;
    if (this.#count >= limits.waiting_callers) {
      this.refused++;
      return view;
    }
    if (caller.aborted || this.#stopping.aborted) return view;
    return await new Promise((resolve) => {
      const leave = () => {
        cancel();
        this.#remove(address, look);
        caller.removeEventListener("abort", leave);
        this.#stopping.removeEventListener("abort", leave);
        resolve(this.#engine.view(address));
      };
      const look = () => {
        if (enough(this.#engine.view(address))) leave();
      };
      const cancel = this.#clock.after(Math.min(wait_ms, limits.waiting_ms), leave);
      caller.addEventListener("abort", leave);
      this.#stopping.addEventListener("abort", leave);
      this.#add(address, look);
    });
  }

  #add(address: Address, look: () => void): void {
    const calls = this.#calls.get(address) ?? new Set();
    this.#calls.set(address, calls.add(look));
    this.#count++;
    this.#unsubscribe ??= this.#engine.subscribe((change) => {
      for (const call of [...(this.#calls.get(change.address as Address) ?? [])]) call();
    });
  }

  #remove(address: Address, look: () => void): void {
    const calls = this.#calls.get(address);
    if (calls?.delete(look) !== true) return;
    if (calls.size === 0) this.#calls.delete(address);
    this.#count--;
    if (this.#count > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
