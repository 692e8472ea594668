/**
 * Merchants, their stores and the gateways in them. A gateway becomes known by a one-time code, of
 * which only a hash is kept, and from then on by its own keys.
 */
import type { z } from "zod";
import { fromBase64url, toBase64url, utf8 } from "../../../runtime/vault/bytes.ts";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";

export interface Store {
  readonly store: string;
  readonly merchant: string;
  readonly merchant_name: string;
  readonly name: string;
  readonly currency: string;
  readonly accept_liveness: readonly string[];
}

export interface Gateway {
  readonly gateway: string;
  readonly store: string;
  readonly signing_public_key: string | null;
  readonly sealing_public_key: string | null;
  readonly enrolment_hash: Uint8Array;
  readonly enrolment_used: number;
}

export class Merchants {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  registerMerchant(ask: z.output<typeof schemas.registerMerchant>) {
    this.#house.store.run(
      "INSERT INTO merchant VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name",
      ask.merchant,
      ask.name,
    );
    return ask;
  }

  registerStore(ask: z.output<typeof schemas.registerStore>) {
    const { store } = this.#house;
    if (!store.get("SELECT 1 FROM merchant WHERE merchant = ?", ask.merchant)) {
      throw new Refusal("merchant_unknown");
    }
    const known = this.findStore(ask.store);
    if (known && (known.merchant !== ask.merchant || known.currency !== ask.currency)) {
      throw new Refusal("already_registered", "The store has another merchant or currency");
    }
    store.run(
      `INSERT INTO store VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
      SET name = excluded.name, accept_liveness = excluded.accept_liveness`,
      ask.store,
      ask.merchant,
      ask.name,
      ask.currency,
      JSON.stringify(ask.accept_liveness),
    );
    return ask;
  }

  /** Makes a fresh enrolment code; one made before for this gateway is void. */
  registerGateway(ask: z.output<typeof schemas.registerGateway>): { enrolment_code: string } {
    const { store, random, vault } = this.#house;
    if (!this.findStore(ask.store)) throw new Refusal("store_unknown");
    const known = this.find(ask.gateway);
    if (known && known.store !== ask.store) {
      throw new Refusal("already_registered", "The gateway belongs to another store");
    }
    const enrolment_code = toBase64url(random.bytes(24));
    store.run(
      `INSERT INTO gateway (gateway, store, enrolment_hash) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
      SET enrolment_hash = excluded.enrolment_hash, enrolment_used = 0`,
      ask.gateway,
      ask.store,
      vault.sha256(utf8(enrolment_code)),
    );
    return { enrolment_code };
  }

  /** Takes the gateway's keys for its code. The same keys with the same code once more is a lost
   * answer, not a second enrolment. */
  enrol(signingPublicKey: string, ask: z.output<typeof schemas.enrolGateway>) {
    const { store, vault, signing, sealing } = this.#house;
    if (ask.signing_public_key !== signingPublicKey) {
      throw new Refusal("key_unknown", "The request must be signed by the key that it brings");
    }
    const known = this.find(ask.gateway);
    const hash = vault.sha256(utf8(ask.enrolment_code));
    const fits = known !== undefined && vault.equal(hash, known.enrolment_hash);
    const repeated = known?.signing_public_key === ask.signing_public_key &&
      known.sealing_public_key === ask.sealing_public_key;
    if (!fits || (known.enrolment_used === 1 && !repeated)) {
      throw new Refusal("enrolment_refused");
    }
    store.run(
      `UPDATE gateway SET enrolment_used = 1, signing_public_key = ?, sealing_public_key = ?
      WHERE gateway = ?`,
      ask.signing_public_key,
      ask.sealing_public_key,
      ask.gateway,
    );
    return {
      gateway: ask.gateway,
      store: known.store,
      signing_public_key: toBase64url(signing.publicKey),
      sealing_public_key: toBase64url(sealing.publicKey),
    };
  }

  findStore(store: string): Store | undefined {
    const row = this.#house.store.get<Record<string, string>>(
      `SELECT store.*, merchant.name AS merchant_name FROM store JOIN merchant USING (merchant)
      WHERE store = ?`,
      store,
    );
    if (!row) return undefined;
    return { ...row, accept_liveness: JSON.parse(row.accept_liveness ?? "[]") } as unknown as Store;
  }

  find(gateway: string): Gateway | undefined {
    return this.#house.store.get<Gateway>("SELECT * FROM gateway WHERE gateway = ?", gateway);
  }

  /** Raw key with which an enrolled gateway signs. */
  signingKey(gateway: string): Uint8Array | undefined {
    const key = this.find(gateway)?.signing_public_key;
    return key ? fromBase64url(key) : undefined;
  }
}
