/**
 * The nonce of a beacon, read at the beacon: the gateway's other radio connects to the letterbox
 * and asks. Whoever reads it so is in range of what is on the air, and not only told by the issuer.
 */
import type { BeaconPort, PhoneLettersPort } from "../../hardware/ports.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { toBase64url } from "../vault/bytes.ts";
import type { Clock, Random, Vault } from "../world.ts";
import {
  isAskedBy,
  type NonceReader,
  readNonceAnswer,
  readNonceQuestion,
  writeNonceAnswer,
  writeNonceQuestion,
} from "./contract/nonce_letters.ts";

export interface NonceOptions {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly keys: NonceReader;
}

/** Answers questions for nonces; undefined for letters of other kinds. */
export type NonceClerk = (letter: Uint8Array) => Promise<Uint8Array> | undefined;

const refusal = (what: string) =>
  new RuntimeError("request_invalid", `a nonce was not told: ${what}`);

/**
 * The side of the beacon. Tells the nonce to who signs with this gateway's key, each question once,
 * and so many a minute. Rejects with `RuntimeError` `request_invalid`, `overloaded`.
 */
export function createNonceClerk(
  { vault, clock, keys, beacons }: NonceOptions & {
    readonly beacons: ReadonlyMap<string, BeaconPort>;
  },
): NonceClerk {
  /** Questions of the last while, with when they came: the oldest first. */
  const answered = new Map<string, number>();
  const taken = (challenge: string): boolean => {
    const now_ms = clock.now_ms();
    for (const [old, at_ms] of answered) {
      if (at_ms + 2 * limits.nonce_question_ms > now_ms) break;
      answered.delete(old);
    }
    if (answered.has(challenge)) return false;
    const lately = [...answered.values()].filter((at_ms) => at_ms + 60_000 > now_ms).length;
    if (lately >= limits.nonces_a_minute) {
      throw new RuntimeError("overloaded", "too many ask for a nonce: wait a minute");
    }
    answered.set(challenge, now_ms);
    return true;
  };
  return (letter) => {
    const read = readNonceQuestion(letter);
    if (read === undefined) return undefined;
    return (async () => {
      const { what } = read;
      const beacon = beacons.get(what.hardware_id);
      if (beacon === undefined) throw refusal("it is of another store's beacon");
      const ours = what.gateway === keys.gateway && isAskedBy(vault, keys.signing.publicKey, read);
      if (!ours) throw refusal("another asks than the beacon's gateway");
      if (Math.abs(what.asked_at_ms - clock.now_ms()) > limits.nonce_question_ms) {
        throw refusal("the question is old");
      }
      if (!taken(what.challenge)) throw refusal("the question was answered before");
      const nonce = await beacon.readNonce();
      if (nonce === undefined) throw refusal("the beacon is silent");
      return writeNonceAnswer(vault, keys, what, nonce);
    })();
  };
}

/** The side of the radio that reads. */
export interface NonceSource {
  /**
   * The nonce of what the beacon sends now. Rejects with `HardwareError` as the way to the
   * letterbox does, and with `RuntimeError` `unauthorised` for an answer that is not the beacon's.
   */
  read(hardware_id: string): Promise<string>;
  /** Whether there is a radio that reads this one's. */
  reads(hardware_id: string): boolean;
}

export function createNonceSource(
  { vault, clock, keys, random, ways }: NonceOptions & {
    readonly random: Random;
    /** By the beacon's hardware identifier. */
    readonly ways: ReadonlyMap<string, PhoneLettersPort>;
  },
): NonceSource {
  return {
    reads: (hardware_id) => ways.has(hardware_id),
    async read(hardware_id) {
      const way = ways.get(hardware_id);
      if (way === undefined) {
        throw new RuntimeError("not_found", `no radio reads the nonce of beacon ${hardware_id}`);
      }
      const what = {
        gateway: keys.gateway,
        hardware_id,
        challenge: toBase64url(random.bytes(16)),
        asked_at_ms: clock.now_ms(),
      };
      const answer = await way.hand(hardware_id, writeNonceQuestion(vault, keys, what));
      const nonce = readNonceAnswer(vault, keys, what, answer);
      if (nonce !== undefined) return nonce;
      throw new RuntimeError(
        "unauthorised",
        `beacon ${hardware_id} answered with no nonce of its own: look who else uses its name`,
      );
    },
  };
}
