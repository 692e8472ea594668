/**
 * What operators sign in with: a PIN or pass phrase, kept as a slow, salted hash whose cost stands
 * beside it, so that it can be raised later.
 */
import { scrypt } from "@noble/hashes/scrypt.js";
import { z } from "zod";
import { fromBase64url, toBase64url, utf8 } from "./bytes.ts";
import type { Entropy, Vault } from "./vault.ts";

/** Some tens of milliseconds and 16 MiB: nothing for a sign-in, much for a dictionary. */
const usual = { N: 2 ** 14, r: 8, p: 1 };
const bytes = 32;

/** Somebody who decides at lanes. */
export const operatorRecord = z.strictObject({
  operator: z.string().min(1).max(40).regex(/^[A-Za-z0-9._:-]+$/),
  name: z.string().min(1).max(60),
  scrypt: z.strictObject({
    N: z.int().min(2).max(2 ** 20),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(4),
    salt: z.string().length(22),
    hash: z.string().length(43),
  }),
});
export type OperatorRecord = z.infer<typeof operatorRecord>;

/** As it was meant, however it was keyed. */
const tidy = (pin: string) => utf8(pin.normalize("NFKC").trim());

/** `N` is for tests, which have no dictionary to fear. */
export function recordOf(
  random: Entropy,
  who: { readonly operator: string; readonly name: string },
  pin: string,
  N = usual.N,
): OperatorRecord {
  const salt = random.bytes(16);
  const cost = { ...usual, N };
  const hash = scrypt(tidy(pin), salt, { ...cost, dkLen: bytes });
  return operatorRecord.parse({
    ...who,
    scrypt: { ...cost, salt: toBase64url(salt), hash: toBase64url(hash) },
  });
}

/** Takes as long for a wrong one as for the right one. */
export function isPinOf(
  vault: Pick<Vault, "equal">,
  { scrypt: { salt, hash, ...cost } }: OperatorRecord,
  pin: string,
): boolean {
  const kept = fromBase64url(hash) ?? new Uint8Array(0);
  const given = scrypt(tidy(pin), fromBase64url(salt) ?? utf8(salt), { ...cost, dkLen: bytes });
  return vault.equal(given, kept);
}
