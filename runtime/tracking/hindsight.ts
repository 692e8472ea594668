/** What waits for hindsight: looked at in order of time, once what came after is known. */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";

export interface Waiting {
  readonly at_ms: number;
  /** The plate that has changed, where one has. */
  readonly plate?: string;
  readonly look: () => void;
}

export class Hindsight {
  readonly #waiting: Waiting[] = [];

  /** Plates of which something waits. */
  get plates(): ReadonlySet<string | undefined> {
    return new Set(this.#waiting.map(({ plate }) => plate));
  }

  /** Throws `RuntimeError` `overloaded` when too much waits. */
  expectRoom(): void {
    if (this.#waiting.length >= limits.waiting_changes) {
      throw new RuntimeError("overloaded", "shelves change faster than they can be understood");
    }
  }

  /** Throws as `expectRoom`. */
  add(waiting: Waiting): void {
    this.expectRoom();
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1]!.at_ms > waiting.at_ms) at--;
    this.#waiting.splice(at, 0, waiting);
  }

  /** Looks at everything that was there by then. */
  look(until_ms: number): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.at_ms <= until_ms) {
      this.#waiting.shift()!.look();
    }
  }
}
