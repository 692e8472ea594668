/**
 * The next deadline among all timers, cheaply: a binary heap. A cancelled timer stays in it until
 * it comes up and is found to be gone, or until most of the heap is such and it is made anew.
 */

export interface Deadline {
  readonly due_ms: number;
  /** Unique among all timers; ties between equal deadlines fall in this order. */
  readonly sequence: number;
  readonly address: string;
}

const before = (a: Deadline, b: Deadline) =>
  a.due_ms < b.due_ms || (a.due_ms === b.due_ms && a.sequence < b.sequence);

export class Deadlines {
  #heap: Deadline[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): Deadline | undefined {
    return this.#heap[0];
  }

  add(deadline: Deadline): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (!parent || !before(deadline, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = deadline;
  }

  pop(): Deadline | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      if (!a) break;
      const [child, at] = b && before(b, a) ? [b, left + 1] : [a, left];
      if (!before(child, last)) break;
      heap[index] = child;
      index = at;
    }
    heap[index] = last;
    return first;
  }

  /** Starts again with these alone. */
  replace(deadlines: Iterable<Deadline>): void {
    this.#heap = [];
    for (const deadline of deadlines) this.add(deadline);
  }
}
