/** The issuer's own keys: made once, kept in its file, and what their names are made of. */
import { toHex } from "../../../runtime/vault/bytes.ts";
import type { IssuerWorld } from "../world.ts";
import type { Random } from "../../../runtime/world.ts";

/** The key pairs of this issuer; makes them at the first start. */
export function openKeys({ store, random, vault }: IssuerWorld) {
  const { house } = store.tables;
  const kept = house.get(1);
  const seeds = kept ??
    store.transaction(() =>
      house.insert({ id: 1, signing_seed: random.bytes(32), sealing_seed: random.bytes(32) })
    );
  return {
    reopened: kept !== undefined,
    signing: vault.signingKey(seeds.signing_seed),
    sealing: vault.sealingKey(seeds.sealing_seed),
  };
}

/** A name that nobody can guess: `check-in-5f0c…`. */
export function newId(random: Random, kind: string): string {
  return `${kind}-${toHex(random.bytes(12))}`;
}
