/**
 * A binary heap: the least of many, cheaply. The engine's timers wait in one.
 */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  #items: T[] = [];

  /** `before` orders the items; two that are not before each other come in any order. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = items[above]!;
      if (!this.#before(item, parent)) break;
      items[index] = parent;
      index = above;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let index = 0;
    for (let left = 1; left < items.length; left = 2 * index + 1) {
      const right = left + 1;
      const least = right < items.length && this.#before(items[right]!, items[left]!)
        ? right
        : left;
      const child = items[least]!;
      if (!this.#before(child, last)) break;
      items[index] = child;
      index = least;
    }
    items[index] = last;
    return first;
  }

  /** Starts again with these alone. */
  replace(items: Iterable<T>): void {
    this.#items = [];
    for (const item of items) this.add(item);
  }
}
