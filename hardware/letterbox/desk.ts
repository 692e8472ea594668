/**
 * The inside of a letterbox, whatever radio stands before it: puts letters together from what
 * phones write, has them attended to, and hands out answers piece by piece. Everybody in range can
 * write, so everything is counted.
 */
import { HardwareError } from "../errors.ts";
import { hardwareLimits as limits } from "../limits.ts";
import type { Clerk } from "../ports.ts";
import { failed, type Fragment, fragmentOf, not_yet, readFragment } from "./fragments.ts";

/** Why a piece was not taken: `offset` and `length` are the writer's fault. */
export type RefusalKind = "offset" | "length" | "busy";

export class LetterRefusal extends Error {
  override readonly name = "LetterRefusal";
  constructor(readonly kind: RefusalKind) {
    super(`the letterbox takes no such piece: ${kind}`);
  }
}

interface Exchange {
  readonly number: number;
  readonly letter: Uint8Array<ArrayBuffer>;
  /** Bytes that are there. */
  filled: number;
  answer: Uint8Array | typeof not_yet | typeof failed;
  /** Where the next read begins. */
  next: number;
}

interface Visitor {
  /** What is being written, by offset. */
  value: Uint8Array<ArrayBuffer>;
  /** What is being read, by offset. */
  shown: Uint8Array<ArrayBuffer>;
  exchange: Exchange | undefined;
  seen_ms: number;
  letters: number;
}

const minute_ms = 60_000;

export interface DeskOptions {
  readonly now_ms: () => number;
  readonly clerk: Clerk;
}

export class LetterDesk {
  readonly #options: DeskOptions;
  /** Longest silent first. */
  readonly #visitors = new Map<string, Visitor>();
  #minute = 0;
  #letters = 0;
  #under_way = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Takes a value, or more of a long one. Throws `LetterRefusal`. */
  write(from: string, value: Uint8Array, offset: number): void {
    const visitor = this.#visitor(from);
    if (offset > visitor.value.length) throw new LetterRefusal("offset");
    if (offset + value.length > limits.gatt_value_bytes) throw new LetterRefusal("length");
    const whole = new Uint8Array(offset + value.length);
    whole.set(visitor.value.subarray(0, offset));
    whole.set(value, offset);
    visitor.value = whole;
    try {
      const fragment = readFragment(whole);
      if (fragment === undefined) return;
      visitor.value = new Uint8Array(0);
      this.#take(from, visitor, fragment);
    } catch (error) {
      visitor.value = new Uint8Array(0);
      throw error instanceof RangeError ? new LetterRefusal("length") : error;
    }
  }

  /** The next piece of the answer, from this offset. Throws `LetterRefusal`. */
  read(from: string, offset: number): Uint8Array<ArrayBuffer> {
    const visitor = this.#visitor(from);
    if (offset > visitor.shown.length) throw new LetterRefusal("offset");
    if (offset > 0) return visitor.shown.slice(offset);
    const { exchange } = visitor;
    if (exchange === undefined) visitor.shown = fragmentOf(0, 0, failed);
    else {
      const { number, answer, next } = exchange;
      visitor.shown = fragmentOf(number, next, answer);
      // From the beginning again after the last.
      if (typeof answer !== "number") {
        const after = next + (readFragment(visitor.shown)?.bytes.length ?? 0);
        exchange.next = after < answer.length ? after : 0;
      }
    }
    return visitor.shown.slice();
  }

  /** The phone is gone: what it wrote and was to read is forgotten. Its letters still count. */
  gone(from: string): void {
    const visitor = this.#visitors.get(from);
    if (visitor === undefined) return;
    Object.assign(visitor, empty());
  }

  #take(from: string, visitor: Visitor, fragment: Fragment): void {
    const { exchange: number, total, offset, bytes } = fragment;
    if (offset === 0) {
      if (total === 0 || total > limits.letter_bytes) throw new LetterRefusal("length");
      // One letter of a phone at a time: what waits for its answer is not thrown away for another.
      if (visitor.exchange?.answer === not_yet && isWhole(visitor.exchange)) {
        throw new LetterRefusal("busy");
      }
      this.#count(visitor);
      const letter = new Uint8Array(total);
      visitor.exchange = { number, letter, filled: 0, answer: not_yet, next: 0 };
    }
    const { exchange } = visitor;
    const fits = exchange !== undefined && !isWhole(exchange) && exchange.number === number &&
      exchange.filled === offset && exchange.letter.length === total && bytes.length > 0;
    if (!fits) throw new LetterRefusal("length");
    exchange.letter.set(bytes, exchange.filled);
    exchange.filled += bytes.length;
    if (isWhole(exchange)) this.#attend(from, exchange);
  }

  #attend(from: string, exchange: Exchange): void {
    if (this.#under_way >= limits.letters_at_once) {
      exchange.answer = failed;
      return;
    }
    this.#under_way++;
    const ended = (answer: Exchange["answer"]) => {
      this.#under_way--;
      exchange.answer = answer;
    };
    this.#options.clerk({ from, bytes: exchange.letter }).then(
      (answer) => {
        const fits = answer.length > 0 && answer.length <= limits.letter_answer_bytes;
        ended(fits ? answer : failed);
      },
      () => ended(failed),
    );
  }

  /** Letters of this minute, of one and of all. */
  #count(visitor: Visitor): void {
    const minute = Math.floor(this.#options.now_ms() / minute_ms);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#letters = 0;
      for (const one of this.#visitors.values()) one.letters = 0;
    }
    if (visitor.letters >= limits.letters_of_phone || this.#letters >= limits.letters_of_all) {
      throw new LetterRefusal("busy");
    }
    visitor.letters++;
    this.#letters++;
  }

  #visitor(from: string): Visitor {
    const now_ms = this.#options.now_ms();
    const known = this.#visitors.get(from);
    this.#visitors.delete(from);
    for (const [name, { seen_ms }] of this.#visitors) {
      const old = seen_ms + limits.letter_kept_ms <= now_ms;
      if (!old && this.#visitors.size < limits.letter_phones) break;
      this.#visitors.delete(name);
    }
    const visitor = known ?? { ...empty(), seen_ms: now_ms, letters: 0 };
    visitor.seen_ms = now_ms;
    this.#visitors.set(from, visitor);
    return visitor;
  }
}

const isWhole = (exchange: Exchange) => exchange.filled === exchange.letter.length;

const empty = () => ({
  value: new Uint8Array(0),
  shown: new Uint8Array(0),
  exchange: undefined,
});

/** A refusal as a phone's driver tells it. */
export function refused(hardware_id: string, kind: RefusalKind): HardwareError {
  return kind === "busy"
    ? new HardwareError(
      "device_busy",
      `beacon ${hardware_id} takes no more letters now: wait a minute and try again`,
    )
    : new HardwareError("format_unsupported", `beacon ${hardware_id} takes no such letter`);
}
