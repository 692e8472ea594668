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

export class Inbox {
  #items: Item[] = [];
  #next = 0;

  get length(): number {
    return this.#items.length - this.#next;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#next];
    if (item === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    return item;
  }

  /** How many wait for each address. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    const count = (to: string) => counts.set(to, (counts.get(to) ?? 0) + 1);
    for (let i = this.#next; i < this.#items.length; i++) {
      const item = this.#items[i];
      if (item?.type === "fact") count(item.to);
      else if (item?.type === "arrival") count(item.message.to);
      else if (item?.type === "feed") { for (const { to } of item.deliveries) count(to); }
    }
    return counts;
  }
}
