/**
 * The rotations under which templates leave the issuer: one a store and day, so that galleries
 * stolen from two stores, or on two days, do not fit together. Their keys follow from a secret of
 * the issuer, and are in no table.
 */
import type { SealedRotation } from "../../../runtime/sync/contract/schemas.ts";
import { sealRotation } from "../../../runtime/sync/contract/templates.ts";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { type Rotation, type RotationKey, rotationOf } from "../../../runtime/vault/rotation.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";

/** What is worked out is kept while it is of use, the latest in use last. */
class Kept<Value> {
  readonly #values = new Map<string, Value>();

  of(name: string, make: () => Value): Value {
    const value = this.#values.get(name) ?? make();
    this.#values.delete(name);
    this.#values.set(name, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= limits.rotations_kept) break;
      this.#values.delete(oldest);
    }
    return value;
  }
}

export class Rotations {
  readonly #house: House;
  readonly #secret: Uint8Array;
  readonly #turns = new Kept<Rotation>();
  readonly #sealed = new Kept<SealedRotation>();

  constructor(house: House) {
    this.#house = house;
    this.#secret = house.vault.hmacSha256(house.sealing.privateKey, utf8("saunter/rotation/1"));
  }

  /** The one of this store and of the day it is now, by UTC. */
  now(store: string): RotationKey {
    const day = new Date(this.#house.clock.now_ms()).toISOString().slice(0, 10);
    const key = this.#house.vault.hmacSha256(this.#secret, utf8(JSON.stringify([store, day])));
    return { name: day, key };
  }

  /** The numbers turned by it; those given stay as they are. */
  turn(store: string, { name, key }: RotationKey, values: Float32Array) {
    const { length } = values;
    return this.#turns.of(`${store} ${name} ${length}`, () => rotationOf(key, length)).turn(values);
  }

  /** Its key for a gateway: sealed once a day to each. */
  sealed(gateway: string, publicKey: Uint8Array, rotation: RotationKey): SealedRotation {
    const { vault } = this.#house;
    return this.#sealed.of(
      `${gateway} ${publicKey.join()} ${rotation.name}`,
      () => sealRotation(vault, publicKey, gateway, rotation),
    );
  }
}
