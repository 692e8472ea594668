/**
 * Operators who sign in at a lane: every decision carries who made it, so nobody says who they are
 * in a request. Sessions and wrong tries are in memory: a restart signs everybody out.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { toBase64url, toHex, utf8 } from "../vault/bytes.ts";
import { isPinOf, type OperatorRecord } from "../vault/pins.ts";
import type { Clock, Random, Vault } from "../world.ts";

export interface Session {
  readonly operator: string;
  readonly name: string;
  /** Over then at the latest; sooner when nothing is decided for a while. */
  readonly expires_at_ms: number;
}

interface Kept extends Session {
  idle_at_ms: number;
}

interface Tries {
  wrong: number;
  locked_until_ms: number;
}

export interface OperatorsOptions {
  readonly records: readonly OperatorRecord[];
  readonly vault: Pick<Vault, "equal" | "sha256">;
  readonly clock: Clock;
  readonly random: Random;
}

const refused = (message: string) => new RuntimeError("unauthorised", message);

export class Operators {
  readonly #options: OperatorsOptions;
  readonly #records: ReadonlyMap<string, OperatorRecord>;
  /** By the hash of the session's token. */
  readonly #sessions = new Map<string, Kept>();
  /** By operator; all names that nobody has share one. */
  readonly #tries = new Map<string, Tries>();

  constructor(options: OperatorsOptions) {
    this.#options = options;
    this.#records = new Map(options.records.map((record) => [record.operator, record]));
  }

  /** Throws `RuntimeError` `unauthorised` for a wrong name or PIN, in the same words and after the
   * same work, and while an operator is locked. */
  signIn(operator: string, pin: string): Session & { readonly token: string } {
    const { vault, clock, random, records } = this.#options;
    const [any] = records;
    if (any === undefined) {
      throw refused("this store has no operators yet: add one with `deno task operator add NAME`");
    }
    const known = this.#records.get(operator);
    const tries = this.#triesOf(known?.operator ?? "");
    const now_ms = clock.now_ms();
    if (tries.locked_until_ms > now_ms) {
      const minutes = Math.ceil((tries.locked_until_ms - now_ms) / 60_000);
      throw refused(`too many wrong PINs: try again in ${minutes} minutes`);
    }
    const fits = isPinOf(vault, known ?? any, pin);
    if (known === undefined || !fits) {
      tries.wrong += 1;
      if (tries.wrong >= limits.operator_tries) {
        tries.wrong = 0;
        tries.locked_until_ms = now_ms + limits.operator_lock_ms;
      }
      throw refused("operator and PIN do not fit");
    }
    this.#tries.delete(operator);
    this.#makeRoom(now_ms);
    const token = toBase64url(random.bytes(32));
    const session = {
      operator,
      name: known.name,
      expires_at_ms: now_ms + limits.operator_session_ms,
    };
    this.#sessions.set(this.#nameOf(token), {
      ...session,
      idle_at_ms: now_ms + limits.operator_idle_ms,
    });
    return { ...session, token };
  }

  /** Whose session this is; it goes on. Throws `RuntimeError` `unauthorised` when it is none, or is
   * over. */
  of(token: string | undefined): Session {
    const name = token === undefined ? "" : this.#nameOf(token);
    const session = this.#sessions.get(name);
    const now_ms = this.#options.clock.now_ms();
    if (session === undefined || isOver(session, now_ms)) {
      this.#sessions.delete(name);
      throw refused("sign in first: POST /operators/sessions, or on the lane's page");
    }
    session.idle_at_ms = now_ms + limits.operator_idle_ms;
    const { operator, name: called, expires_at_ms } = session;
    return { operator, name: called, expires_at_ms };
  }

  end(token: string | undefined): void {
    if (token !== undefined) this.#sessions.delete(this.#nameOf(token));
  }

  /** Looked up by its hash: how long that takes tells nothing of a token. */
  #nameOf(token: string): string {
    return toHex(this.#options.vault.sha256(utf8(token)));
  }

  #triesOf(operator: string): Tries {
    const known = this.#tries.get(operator) ?? { wrong: 0, locked_until_ms: 0 };
    this.#tries.set(operator, known);
    return known;
  }

  #makeRoom(now_ms: number): void {
    for (const [name, session] of this.#sessions) {
      if (isOver(session, now_ms)) this.#sessions.delete(name);
    }
    for (const name of this.#sessions.keys()) {
      if (this.#sessions.size < limits.operator_sessions) return;
      this.#sessions.delete(name);
    }
  }
}

function isOver({ expires_at_ms, idle_at_ms }: Kept, now_ms: number): boolean {
  return now_ms >= expires_at_ms || now_ms >= idle_at_ms;
}
