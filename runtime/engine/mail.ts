/**
 * Messages under way between actors. Each arrives at least once; those from one sender to one
 * receiver are taken in the order in which they were sent, whatever order they arrive in.
 */
import type { MessageRow } from "../journal/journal.ts";

/**
 * When a message arrives, as delays in milliseconds after the commit, one for each arrival. A
 * leading 0 is an arrival within the sender's own turn; none at all, not before the next start.
 * Asked once for each message, and again at a start for those that are still on their way.
 */
export type Delivery = (message: MessageRow) => readonly number[];

/** Every message at once, and once. */
export const atOnce: Delivery = () => arrivesAtOnce;
const arrivesAtOnce = [0] as const;
const never: readonly number[] = [];

interface Waiting {
  readonly message: MessageRow;
  arrived: boolean;
}

const pairOf = (message: MessageRow) => `${message.from} ${message.to}`;

export class Mail {
  /** Sent and not taken yet, by sender and receiver, in order of sending. */
  readonly #waiting = new Map<string, Waiting[]>();
  /** Messages that wait and arrivals to come, by sender. */
  readonly #open = new Map<string, number>();
  readonly #deliver: Delivery;

  constructor(deliver: Delivery = atOnce) {
    this.#deliver = deliver;
  }

  /** `now`: to be taken in this turn. Otherwise it waits, and is written down if its receiver is.
   * `later`: delays of arrivals that the caller announces by `arrive`. */
  send(message: MessageRow): { readonly now: boolean; readonly later: readonly number[] } {
    const delays = this.#deliver(message);
    const arrived = delays[0] === 0;
    const later = !arrived ? delays : delays.length === 1 ? never : delays.slice(1);
    const now = arrived && (this.#waiting.size === 0 || !this.#waiting.has(pairOf(message)));
    if (!now) this.#wait(message, arrived);
    if (later.length > 0) this.#count(message.from, later.length);
    return { now, later };
  }

  /** A message that an earlier process left; answers the delays of its arrivals. */
  restore(message: MessageRow): readonly number[] {
    this.#wait(message, false);
    const delays = this.#deliver(message);
    this.#count(message.from, delays.length);
    return delays;
  }

  /** What may be taken now that this message has arrived: nothing while an earlier one of the same
   * pair is missing; a repeated one is given out again, and its receiver knows it. One at a time:
   * what is sent while one is taken comes behind those that still wait. */
  *arrive(message: MessageRow): Iterable<MessageRow> {
    this.#count(message.from, -1);
    const pair = pairOf(message);
    const found = this.#waiting.get(pair)?.find((it) => it.message.sequence === message.sequence);
    if (!found) {
      yield message;
      return;
    }
    found.arrived = true;
    for (;;) {
      const waiting = this.#waiting.get(pair);
      const first = waiting?.[0];
      if (!first?.arrived) return;
      waiting?.shift();
      if (waiting?.length === 0) this.#waiting.delete(pair);
      this.#count(first.message.from, -1);
      yield first.message;
    }
  }

  /** Whether nothing of this sender is on its way, not even a repetition. */
  isQuiet(sender: string): boolean {
    return !this.#open.has(sender);
  }

  #wait(message: MessageRow, arrived: boolean): void {
    const pair = pairOf(message);
    const waiting = this.#waiting.get(pair);
    if (waiting) waiting.push({ message, arrived });
    else this.#waiting.set(pair, [{ message, arrived }]);
    this.#count(message.from, 1);
  }

  #count(sender: string, more: number): void {
    const count = (this.#open.get(sender) ?? 0) + more;
    if (count > 0) this.#open.set(sender, count);
    else this.#open.delete(sender);
  }
}
