/**
 * Passages of gates, each told once to its gate. Whoever tells of one may not hear that it was
 * taken, and tells it again: one of a group who went out twice would close the cart of the others.
 */
import type { Engine, EventLike } from "../engine/engine.ts";
import { limits } from "../limits.ts";
import type { Follower } from "./follow.ts";
import type { GatePassed } from "./readings.ts";

export class Passages {
  /** Those of late, oldest first. */
  readonly #told = new Set<string>();

  constructor(
    private readonly engine: Pick<Engine, "post">,
    private readonly follower: Pick<Follower, "cartOf">,
  ) {}

  /** Rejects as the engine does: then it may be told again. */
  async take(reading: GatePassed): Promise<void> {
    const { gate, way, track, at_ms } = reading;
    const name = `${gate} ${way} ${track} ${at_ms}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    try {
      await this.engine.post(`gate/${gate}`, this.#factOf(reading));
    } catch (error) {
      this.#told.delete(name);
      throw error;
    }
    for (const oldest of this.#told) {
      if (this.#told.size <= limits.passages_remembered) return;
      this.#told.delete(oldest);
    }
  }

  #factOf({ way, track, cart, bag_g, at_ms }: GatePassed): EventLike {
    if (way === "in") return { type: "gate.passed_in", track };
    const whose = cart ?? this.follower.cartOf(track, at_ms) ?? null;
    const bag = bag_g === undefined ? {} : { bag_g };
    return { type: "gate.passed_out", track, cart: whose, ...bag };
  }
}
