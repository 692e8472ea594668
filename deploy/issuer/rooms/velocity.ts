/**
 * How much one operator and one gateway do in a while: a stolen PIN or a stolen gateway is slow.
 * The counts are in memory: a restart begins them anew, and nothing that was booked is lost.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";

/** Times within a window, by name. */
class Window {
  readonly #times = new Map<string, number[]>();

  constructor(private readonly length_ms: number) {}

  count(name: string, now_ms: number): number {
    const from_ms = now_ms - this.length_ms;
    const times = this.#times.get(name) ?? [];
    const first = times.findIndex((at_ms) => at_ms > from_ms);
    if (first !== 0) times.splice(0, first < 0 ? times.length : first);
    return times.length;
  }

  note(name: string, now_ms: number): void {
    const times = this.#times.get(name) ?? [];
    times.push(now_ms);
    // The latest name in use is the last: the oldest gives way.
    this.#times.delete(name);
    this.#times.set(name, times);
    for (const oldest of this.#times.keys()) {
      if (this.#times.size <= limits.velocity_names) return;
      this.#times.delete(oldest);
    }
  }
}

/** Nobody taps where a lane takes whoever is identified, or the shopper acts alone. */
const nobody = new Set(["automatic", "shopper"]);

export class Velocity {
  readonly #gateways = new Window(limits.velocity_ms);
  readonly #operators = new Window(limits.velocity_ms);

  constructor(private readonly house: House) {}

  /** Why this charge is too much, by whoever asks for it: a gateway is refused, an operator's make
   * the shopper be asked. Counts it otherwise. */
  rule(
    gateway: string,
    operator: string,
  ): { readonly refused?: string; readonly asks?: string } {
    const now_ms = this.house.clock.now_ms();
    const { gateway_velocity_sales, operator_velocity_sales } = this.house.settings;
    if (this.#gateways.count(gateway, now_ms) >= gateway_velocity_sales) {
      return { refused: "gateway_velocity" };
    }
    this.#gateways.note(gateway, now_ms);
    if (nobody.has(operator)) return {};
    const name = `${gateway} ${operator}`;
    const many = this.#operators.count(name, now_ms) >= operator_velocity_sales;
    this.#operators.note(name, now_ms);
    return many ? { asks: "operator_velocity" } : {};
  }
}
