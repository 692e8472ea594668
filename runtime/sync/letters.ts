/**
 * The gateway's clerk at its letterboxes: passes on what phones without a network say to the
 * issuer, and brings back what the issuer says to them. It reads no more than it must to refuse
 * what is no business of this store, and keeps nothing.
 */
import { hardwareLimits } from "../../hardware/limits.ts";
import type { Clerk, LetterboxPort } from "../../hardware/ports.ts";
import { RuntimeError } from "../errors.ts";
import { fromUtf8, utf8 } from "../vault/bytes.ts";
import type { Clock, IssuerLink, Log } from "../world.ts";
import { readLetter, writeAnswer } from "./contract/letters.ts";
import { checkIn } from "./contract/schemas.ts";
import { readBody } from "./contract/signatures.ts";
import type { NonceClerk } from "./nonces.ts";

export interface LettersOptions {
  readonly link: IssuerLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly letterboxes: ReadonlyMap<string, LetterboxPort>;
  /** The store's own. */
  readonly beacons: readonly string[];
  /** Who answers the gateway's own questions at its beacons. */
  readonly nonces?: NonceClerk;
}

export interface Letters {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Within the time that a letterbox waits for an answer. */
const patience_ms = hardwareLimits.letter_patience_ms - 3_000;

const refusal = (what: string) =>
  new RuntimeError("request_invalid", `a letter was refused: ${what}`);

/** Rejects with `RuntimeError` `request_invalid` for what goes by no letter here, and with
 * `issuer_unreachable`. */
export function createClerk(options: Omit<LettersOptions, "letterboxes" | "log">): Clerk {
  const { link, clock, beacons } = options;
  return async ({ bytes }) => {
    const told = options.nonces?.(bytes);
    if (told !== undefined) return await told;
    const letter = readLetter(bytes);
    if (letter === undefined) throw refusal("it is none");
    const { word, method, path, headers, body } = letter;
    // A check-in elsewhere is no business of this store: it would make of it a road for others.
    if ((word === "checkIn" || word === "renew") && !isOf(beacons, body)) {
      throw refusal("it is of another store's beacon");
    }
    const late = new AbortController();
    const cancel = clock.after(patience_ms, () => late.abort());
    try {
      const content = body === "" ? {} : { body: utf8(body) };
      const signal = late.signal;
      const request = new Request(`${link.origin}${path}`, {
        method,
        headers,
        signal,
        redirect: "error",
        ...content,
      });
      const answer = await link.fetch(request);
      const said = await readBody(answer.body, hardwareLimits.letter_answer_bytes);
      const text = said && fromUtf8(said);
      if (text === undefined) throw refusal("its answer is none that goes back");
      return writeAnswer(answer.status, answer.headers, text);
    } finally {
      cancel();
    }
  };
}

function isOf(beacons: readonly string[], body: string): boolean {
  try {
    const parsed = checkIn.safeParse(JSON.parse(body));
    return parsed.success && beacons.includes(parsed.data.hardware_id);
  } catch {
    return false;
  }
}

export function createLetters(options: LettersOptions): Letters {
  const { letterboxes, log } = options;
  const clerk = createClerk(options);
  const open = [...letterboxes.values()];
  return {
    async start() {
      await Promise.all(open.map(async (letterbox) => {
        const { hardware_id } = letterbox;
        try {
          await letterbox.open(clerk);
        } catch (error) {
          // It opens by itself when the radio is there.
          const reason = error instanceof Error ? error.message : String(error);
          log("warn", "a letterbox is not open yet", { hardware_id, reason });
        }
      }));
    },
    async stop() {
      await Promise.all(open.map((letterbox) => letterbox.close()));
    },
  };
}
