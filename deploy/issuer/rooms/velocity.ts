/**
 * How much one operator and one gateway do in a while: a stolen PIN or a stolen gateway is slow,
 * also when the issuer was started anew meanwhile.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";
import type { Tallies } from "./tallies.ts";

/** Nobody taps where a lane takes whoever is identified, or the shopper acts alone. */
const nobody = new Set(["automatic", "shopper"]);

export class Velocity {
  constructor(private readonly house: House, private readonly tallies: Tallies) {}

  /** Why this charge is too much, by whoever asks for it: a gateway is refused, an operator's make
   * the shopper be asked. Counts it otherwise, in the transaction under way. */
  rule(
    gateway: string,
    operator: string,
  ): { readonly refused?: string; readonly asks?: string } {
    const { gateway_velocity_sales, operator_velocity_sales } = this.house.settings;
    if (this.#isEnough(["gateway", gateway], gateway_velocity_sales)) {
      return { refused: "gateway_velocity" };
    }
    if (nobody.has(operator)) return {};
    const many = this.#isEnough(["operator", gateway, operator], operator_velocity_sales, true);
    return many ? { asks: "operator_velocity" } : {};
  }

  /** True when there were so many already; counts one more where there were not, or `always`. */
  #isEnough(of: readonly string[], most: number, always = false): boolean {
    const name = JSON.stringify(of);
    const enough = this.tallies.count(name, limits.velocity_ms) >= most;
    if (!enough || always) this.tallies.note(name, limits.velocity_ms);
    return enough;
  }
}
