/**
 * How templates are sealed to gateways: one encapsulation a gateway serves many, and gives way to
 * a new one before long, so that what is stolen of the issuer's memory opens little of what was.
 */
import { templateSealer } from "../../../runtime/sync/contract/templates.ts";
import type { Sealer } from "../../../runtime/vault/vault.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";

interface Kept {
  readonly key: Uint8Array;
  readonly sealer: Sealer;
  readonly until_ms: number;
}

export class Sealers {
  readonly #house: House;
  /** By gateway, the latest made last. */
  readonly #kept = new Map<string, Kept>();

  constructor(house: House) {
    this.#house = house;
  }

  /** What seals to this key of the gateway now. */
  of(gateway: string, key: Uint8Array): Sealer {
    const { vault, clock } = this.#house;
    const now_ms = clock.now_ms();
    const known = this.#kept.get(gateway);
    if (known && now_ms < known.until_ms && vault.equal(known.key, key)) return known.sealer;
    this.#forget(gateway);
    const sealer = templateSealer(vault, key);
    this.#kept.set(gateway, { key, sealer, until_ms: now_ms + limits.sealer_ms });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= limits.sealers_kept) break;
      this.#forget(oldest);
    }
    return sealer;
  }

  #forget(gateway: string): void {
    this.#kept.get(gateway)?.sealer.wipe();
    this.#kept.delete(gateway);
  }
}
