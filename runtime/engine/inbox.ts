/** Facts on their way into the engine, first come, first taken, without moving those behind. */
import type { MessageRow } from "../journal/journal.ts";
import type { EventLike, Posted } from "./engine.ts";

/** Told what became of a fact once that is settled. */
export interface Caller<T> {
  resolve(answer: T): void;
  reject(error: Error): void;
}

export type Item =
  | {
    readonly type: "fact";
    readonly to: string;
    readonly event: EventLike;
    readonly caller: Caller<Posted>;
  }
  | {
    readonly type: "answer";
    readonly position: number;
    readonly event: EventLike;
    readonly caller: Caller<Posted>;
  }
  | {
    readonly type: "feed";
    readonly cursor: number;
    readonly deliveries: readonly { readonly to: string; readonly event: EventLike }[];
    readonly caller: Caller<void>;
  }
  | { readonly type: "arrival"; readonly message: MessageRow };

/** To whom an item goes; an answer's receiver is known only when it is taken. Told one by one: a
 * list of them would be made for every fact. */
function eachReceiver(item: Item, tell: (to: string) => void): void {
  if (item.type === "fact") tell(item.to);
  else if (item.type === "arrival") tell(item.message.to);
  else if (item.type === "feed") { for (const { to } of item.deliveries) tell(to); }
}

export class Inbox {
  #items: Item[] = [];
  #next = 0;
  /** How many wait for each address. */
  readonly #waiting = new Map<string, number>();

  readonly #more = (to: string): void => {
    this.#waiting.set(to, this.waiting(to) + 1);
  };
  readonly #fewer = (to: string): void => {
    const left = this.waiting(to) - 1;
    if (left > 0) this.#waiting.set(to, left);
    else this.#waiting.delete(to);
  };

  get length(): number {
    return this.#items.length - this.#next;
  }

  waiting(address: string): number {
    return this.#waiting.get(address) ?? 0;
  }

  push(item: Item): void {
    this.#items.push(item);
    eachReceiver(item, this.#more);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#next];
    if (item === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    this.#gone(item);
    return item;
  }

  /** Takes out the oldest fact of a type for an actor if as many as `most` wait; the others keep
   * their order. */
  shed(to: string, type: string, most: number): Extract<Item, { type: "fact" }> | undefined {
    let oldest: { readonly at: number; readonly item: Extract<Item, { type: "fact" }> } | undefined;
    let found = 0;
    for (let at = this.#next; at < this.#items.length; at++) {
      const item = this.#items[at];
      if (item?.type !== "fact" || item.to !== to || item.event.type !== type) continue;
      oldest ??= { at, item };
      found++;
    }
    if (oldest === undefined || found < most) return undefined;
    this.#items.splice(oldest.at, 1);
    this.#gone(oldest.item);
    return oldest.item;
  }

  #gone(item: Item): void {
    eachReceiver(item, this.#fewer);
  }
}
