/**
 * The port between those who ask about a walk-out aisle and the aisle itself: what was seen, who is
 * let in, what a person decides. `http` calls it.
 */
import type { ActorView, Posted } from "../engine/engine.ts";
import type { DeviceState } from "./equipment.ts";
import type { AisleReading } from "./readings.ts";

/** Rejections are `RuntimeError`s. */
export interface AislePort {
  /** Takes readings in their order. Rejects with `not_found` for a gate or plate that the store has
   * not and with `request_invalid` for one of a time to come: none of them is taken then. Rejects
   * with `overloaded` when the store is full; those before are taken. */
  take(readings: readonly AisleReading[]): Promise<void>;
  /** A code was shown at a gate. Resolves to the name of the trip that would begin, or of the one
   * that this code began before; `accepted` is false while the gate is busy. */
  showCode(
    gate: string,
    code: string,
  ): Promise<{ readonly entry: string; readonly posted: Posted }>;
  /** An associate lets a checked-in shopper in. Rejects with `not_found`. */
  letIn(
    gate: string,
    asked: { readonly visit: string; readonly operator: string; readonly people: number },
  ): Promise<{ readonly entry: string; readonly posted: Posted }>;
  /** How its devices are. */
  equipment(): readonly DeviceState[];
  gate(gate: string): ActorView | undefined;
  /** All of the store's, as they stand. */
  gates(): readonly { readonly gate: string; readonly view: ActorView }[];
  cart(trip: string): ActorView | undefined;
  /** Carts that wait for a person, and those with a dispute, oldest first. */
  queue(): ActorView[];
  /** What the store sells here, and how its people call it. */
  readonly products: readonly { readonly gtin: string; readonly name: string | null }[];
  /** What a person says that a cart holds. Rejects with `not_found`; `request_invalid` for what is
   * no product of the store. */
  decide(
    trip: string,
    lines: readonly { readonly gtin: string; readonly units: number }[],
    operator: string,
  ): Promise<Posted>;
  /** What a person says to a disputed line. Rejects with `not_found`. */
  decideDispute(
    trip: string,
    dispute: string,
    granted: boolean,
    operator: string,
  ): Promise<Posted>;
}
