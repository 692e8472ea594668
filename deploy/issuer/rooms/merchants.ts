/**
 * Merchants, their stores and the gateways in them. A gateway becomes known by a one-time code, of
 * which only a hash is kept, and from then on by its own keys, which it may turn: it announces new
 * ones under the old, and with the first request that they sign the old ones are unknown.
 */
import type { z } from "zod";
import { fromBase64url, toBase64url, utf8 } from "../../../runtime/vault/bytes.ts";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { Refusal } from "../refusal.ts";
import type { GatewayRow, StoreRow } from "../store/rows.ts";
import type { House } from "../world.ts";

export interface Store extends Omit<StoreRow, "accept_liveness"> {
  readonly merchant_name: string;
  readonly accept_liveness: readonly string[];
}

export type Gateway = GatewayRow;

const noNextKeys = { next_signing_public_key: null, next_sealing_public_key: null } as const;

export class Merchants {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  registerMerchant(ask: z.output<typeof schemas.registerMerchant>) {
    const { merchant, name } = ask;
    this.#house.store.tables.merchant.put({ merchant, name });
    return ask;
  }

  registerStore(ask: z.output<typeof schemas.registerStore>) {
    const { store } = this.#house;
    if (!store.tables.merchant.get(ask.merchant)) throw new Refusal("merchant_unknown");
    const known = this.findStore(ask.store);
    if (known && (known.merchant !== ask.merchant || known.currency !== ask.currency)) {
      throw new Refusal("already_registered", "The store has another merchant or currency");
    }
    const { merchant, name, currency } = ask;
    const accept_liveness = JSON.stringify(ask.accept_liveness);
    const place = ask.place ? JSON.stringify(ask.place) : known?.place ?? null;
    store.tables.store.put({ store: ask.store, merchant, name, currency, accept_liveness, place });
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
    store.tables.gateway.put({
      signing_public_key: null,
      sealing_public_key: null,
      ...noNextKeys,
      feed_sequence: 0,
      feed_read: 0,
      ...known,
      gateway: ask.gateway,
      store: ask.store,
      enrolment_hash: vault.sha256(utf8(enrolment_code)),
      enrolment_used: 0,
    });
    return { enrolment_code };
  }

  /** Its keys are unknown from now on; a new enrolment code makes it one again. */
  revoke(gateway: string): { gateway: string } {
    const { store } = this.#house;
    const known = this.find(gateway);
    if (!known) throw new Refusal("gateway_unknown");
    const keys = { signing_public_key: null, sealing_public_key: null, ...noNextKeys };
    store.tables.gateway.change(known, { ...keys, enrolment_used: 1 });
    store.afterCommit(() => this.onRevoked(gateway));
    return { gateway };
  }

  /** Told of each gateway whose keys so far are unknown from now on. */
  onRevoked: (gateway: string) => void = () => {};

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
    store.tables.gateway.change(known, {
      enrolment_used: 1,
      signing_public_key: ask.signing_public_key,
      sealing_public_key: ask.sealing_public_key,
      ...noNextKeys,
    });
    return {
      gateway: ask.gateway,
      store: known.store,
      signing_public_key: toBase64url(signing.publicKey),
      sealing_public_key: toBase64url(sealing.publicKey),
    };
  }

  /** Keys that the gateway will use: in place of any that it announced and never used. */
  announceKeys(gateway: string, keys: z.output<typeof schemas.turnGatewayKeys>) {
    const { gateway: table } = this.#house.store.tables;
    const known = this.find(gateway);
    if (!known) throw new Refusal("gateway_unknown");
    // Said again after a lost answer, when they are in use already.
    if (known.signing_public_key !== keys.signing_public_key) {
      table.change(known, {
        next_signing_public_key: keys.signing_public_key,
        next_sealing_public_key: keys.sealing_public_key,
      });
    }
    return keys;
  }

  /** The gateway signed with what it announced: what it had before is unknown from now on. */
  useNextKeys(gateway: string): void {
    const { store } = this.#house;
    store.transaction(() => {
      const known = this.find(gateway);
      if (!known?.next_signing_public_key) return;
      const { next_signing_public_key, next_sealing_public_key } = known;
      store.tables.gateway.change(known, {
        signing_public_key: next_signing_public_key,
        sealing_public_key: next_sealing_public_key,
        ...noNextKeys,
      });
      // Whoever still reads the feed under the old ones, does so no more.
      store.afterCommit(() => this.onRevoked(gateway));
    });
  }

  findStore(store: string): Store | undefined {
    const { tables } = this.#house.store;
    const row = tables.store.get(store);
    const merchant = row && tables.merchant.get(row.merchant);
    if (!merchant) return undefined;
    const accept_liveness = JSON.parse(row.accept_liveness) as string[];
    return { ...row, merchant_name: merchant.name, accept_liveness };
  }

  /** The store of a gateway that asks. */
  storeOf(gateway: string): Store {
    const store = this.findStore(this.find(gateway)?.store ?? "");
    if (!store) throw new Refusal("store_unknown");
    return store;
  }

  find(gateway: string): Gateway | undefined {
    return this.#house.store.tables.gateway.get(gateway);
  }

  /** The same again changes the key. */
  registerRetailer(ask: z.output<typeof schemas.registerRetailer>) {
    const { tables } = this.#house.store;
    if (!tables.merchant.get(ask.merchant)) throw new Refusal("merchant_unknown");
    tables.retailer.put(ask);
    return ask;
  }

  /** Raw key with which a merchant's own system signs. */
  retailerKey(merchant: string): Uint8Array | undefined {
    const found = this.#house.store.tables.retailer.get(merchant);
    return found ? fromBase64url(found.signing_public_key) : undefined;
  }

  /** Raw key with which an enrolled gateway signs. */
  signingKey(gateway: string): Uint8Array | undefined {
    const key = this.find(gateway)?.signing_public_key;
    return key ? fromBase64url(key) : undefined;
  }

  /** The one that it announced and has not used. */
  nextSigningKey(gateway: string): Uint8Array | undefined {
    const key = this.find(gateway)?.next_signing_public_key;
    return key ? fromBase64url(key) : undefined;
  }
}
