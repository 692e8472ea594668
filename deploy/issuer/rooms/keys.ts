/** The issuer's own keys: made once, kept in its file, and what their names are made of. */
import { toHex } from "../../../runtime/vault/bytes.ts";
import type { IssuerWorld } from "../world.ts";
import type { Random } from "../../../runtime/world.ts";

/** The key pairs of this issuer; makes them at the first start. */
export function openKeys({ store, random, vault }: IssuerWorld) {
  const seeds = store.transaction(() => {
    const sql = "SELECT signing_seed, sealing_seed FROM house";
    const kept = store.get<{ signing_seed: Uint8Array; sealing_seed: Uint8Array }>(sql);
    if (kept) return kept;
    const made = { signing_seed: random.bytes(32), sealing_seed: random.bytes(32) };
    store.run("INSERT INTO house VALUES (1, ?, ?)", made.signing_seed, made.sealing_seed);
    return made;
  });
  return {
    signing: vault.signingKey(seeds.signing_seed),
    sealing: vault.sealingKey(seeds.sealing_seed),
  };
}

/** A name that nobody can guess: `check-in-5f0c…`. */
export function newId(random: Random, kind: string): string {
  return `${kind}-${toHex(random.bytes(12))}`;
}
