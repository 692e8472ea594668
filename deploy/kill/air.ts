/** The air of a store: what the beacons send, and the phones that are near enough to hear it.
 * Beacons go on while a gateway is dead. */
import { realClock } from "../../runtime/main.ts";
import type { Phone } from "../phone/phone.ts";

/** The distance from which a beacon under the counter is heard. */
const rssi_dbm = -60;

export class Air {
  readonly #codes = new Map<string, { readonly code: string; readonly until_ms: number }>();
  readonly #phones = new Set<Phone>();
  #cancel = () => {};

  constructor(private readonly hears_every_ms: number) {
    this.#tick();
  }

  /** What is on the air now. */
  get codes(): ReadonlyMap<string, { readonly code: string; readonly until_ms: number }> {
    return this.#codes;
  }

  send(hardware_id: string, code: string, until_ms: number): void {
    this.#codes.set(hardware_id, { code, until_ms });
  }

  hear(phone: Phone): void {
    this.#phones.add(phone);
  }

  forget(phone: Phone): void {
    this.#phones.delete(phone);
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    this.#cancel = realClock.after(this.hears_every_ms, () => this.#tick());
    const heard_at_ms = realClock.now_ms();
    for (const [hardware_id, { code, until_ms }] of this.#codes) {
      if (until_ms <= heard_at_ms) continue;
      for (const phone of this.#phones) phone.hear({ hardware_id, code, rssi_dbm, heard_at_ms });
    }
  }
}
