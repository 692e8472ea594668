/**
 * How a phone asks the issuer: signed with its device key, again and again while the issuer is
 * away, always with the same idempotency key, so that nothing is done twice.
 */
import type { PhoneLettersPort } from "../../hardware/ports.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { createBackoff } from "../../runtime/sync/backoff.ts";
import { speakHttp } from "../../runtime/sync/contract/client.ts";
import {
  type Answer,
  type Ask,
  type IssuerPort,
  type Speak,
  type Speaker,
  Unauthorised,
} from "../../runtime/sync/contract/port.ts";
import type { RouteName } from "../../runtime/sync/contract/routes.ts";
import { fromBase64url, toBase64url } from "../../runtime/vault/bytes.ts";
import type { Vault } from "../../runtime/vault/vault.ts";
import type { Clock, Random } from "../../runtime/world.ts";
import { pauseUnless } from "./pause.ts";

/** What an app gives the library: in a browser `createNobleVault`, `fetch` and the like. */
export interface PhoneWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Where the phone's radio reaches beacons' letterboxes: the way while there is no network. */
  readonly letters?: PhoneLettersPort;
  /** Another way to the issuer than signed HTTP by `fetch`, as in a simulation. */
  readonly speak?: Speak;
}

export interface AskingOptions extends Speaker {
  /** e.g. `https://issuer.example`. */
  readonly origin: string;
}

/** The network or the issuer is away: whether it was done is unknown, and trying again is right. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === "issuer_unreachable";
}

/** An issuer that has just started takes no signature made before: a new one is taken. */
const sign_again = 2;

/** In words for whoever holds the phone, where its clock is to blame: one signature that is too old
 * may have been long on its way, one after the other was not. */
function toldAfter(refused: number, error: unknown): unknown {
  if (!(error instanceof Unauthorised)) return error;
  const slow = error.problem === "signature_stale" && refused > sign_again;
  if (!slow && error.problem !== "clock_fast") return error;
  const words = `the clock of this device is ${slow ? "slow" : "fast"}: ` +
    "set it to the right time, and try again";
  return new RuntimeError("unauthorised", words, { cause: error });
}

export class Asking {
  readonly #world: PhoneWorld;
  readonly #client: IssuerPort;
  readonly #stopped = new AbortController();

  constructor(world: PhoneWorld, options: AskingOptions) {
    this.#world = world;
    const { origin, ...speaker } = options;
    const speak = world.speak ?? speakHttp({ ...world, link: { origin, fetch: world.fetch } });
    this.#client = speak(speaker);
  }

  /** Ends what is under way; it rejects with `RuntimeError` of kind `stopped`. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * Asks until there is an answer, or until `patience_ms` have passed: then it rejects with the
   * last `issuer_unreachable`. A refusal (`IssuerRefusal`) rejects at once, as does `stop`.
   */
  async ask<Name extends RouteName>(
    name: Name,
    ask: Ask<Name> = {},
    patience_ms = Infinity,
  ): Promise<Answer<Name>> {
    const { clock, random } = this.#world;
    const backoff = createBackoff(random);
    const until_ms = clock.now_ms() + patience_ms;
    const signal = this.#stopped.signal;
    const key = toBase64url(random.bytes(16));
    for (let refused = 0;;) {
      try {
        return await this.#client.call(name, { key, ...ask, signal });
      } catch (error) {
        const pause_ms = backoff.next_ms();
        const again = isUnreachable(error) ||
          error instanceof Unauthorised && refused++ < sign_again;
        if (!again || clock.now_ms() + pause_ms > until_ms) throw toldAfter(refused, error);
        await this.#pause(pause_ms);
      }
    }
  }

  #pause(delay_ms: number): Promise<void> {
    return pauseUnless(
      this.#stopped.signal,
      this.#world.clock,
      delay_ms,
      () => new RuntimeError("stopped", "the phone was switched off"),
    );
  }
}

/** A public key out of its base64url. */
export function keyBytes(key: string): Uint8Array {
  const bytes = fromBase64url(key);
  if (bytes?.length === 32) return bytes;
  throw new RuntimeError("issuer_refused", "the issuer's key is not 32 bytes: check its address");
}
