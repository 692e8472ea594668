/**
 * When a sense told something lately. Whoever does not hear that a message was taken tells it
 * again, and a plate that was lifted from twice would be two packages in a cart.
 */

/** So many are remembered of each sense: more than one message holds. */
const most = 1_024;

export class Moments {
  readonly #at_ms: number[] = [];
  #next = 0;

  /** Whether nothing was told of that time; from now on something was. */
  isNew(at_ms: number): boolean {
    if (this.has(at_ms)) return false;
    this.add(at_ms);
    return true;
  }

  add(at_ms: number): void {
    this.#at_ms[this.#next] = at_ms;
    this.#next = (this.#next + 1) % most;
  }

  has(at_ms: number): boolean {
    return this.#at_ms.includes(at_ms);
  }
}
