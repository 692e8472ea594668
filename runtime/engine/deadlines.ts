/**
 * The next deadline among all timers: a binary heap. A cancelled timer stays in it until it comes
 * up and is found to be gone, or until most of them are such and the heap is made anew.
 *
 * Its three columns are lists of their own: every actor that waits has a place or two in here, and
 * objects for them would take three times the room.
 */
export interface Deadline {
  readonly due_ms: number;
  /** Unique among all timers; ties between equal deadlines fall in this order. */
  readonly sequence: number;
  readonly address: string;
}

export class Deadlines {
  #due_ms: number[] = [];
  #sequences: number[] = [];
  #addresses: string[] = [];

  get size(): number {
    return this.#due_ms.length;
  }

  peek(): Deadline | undefined {
    return this.size === 0 ? undefined : this.#at(0);
  }

  add(deadline: Deadline): void {
    let index = this.size;
    this.#put(index, deadline);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#isBefore(deadline, above)) break;
      this.#move(above, index);
      index = above;
    }
    this.#put(index, deadline);
  }

  pop(): Deadline | undefined {
    const first = this.peek();
    const end = this.size - 1;
    if (first === undefined) return undefined;
    const last = this.#at(end);
    this.#due_ms.pop();
    this.#sequences.pop();
    this.#addresses.pop();
    if (end === 0) return first;
    let index = 0;
    for (let left = 1; left < end; left = 2 * index + 1) {
      const right = left + 1;
      const least = right < end && this.#isBefore(this.#at(right), left) ? right : left;
      if (this.#isBefore(last, least)) break;
      this.#move(least, index);
      index = least;
    }
    this.#put(index, last);
    return first;
  }

  /** Starts again with these alone. */
  replace(deadlines: Iterable<Deadline>): void {
    [this.#due_ms, this.#sequences, this.#addresses] = [[], [], []];
    for (const deadline of deadlines) this.add(deadline);
  }

  #at(index: number): Deadline {
    return {
      due_ms: this.#due_ms[index]!,
      sequence: this.#sequences[index]!,
      address: this.#addresses[index]!,
    };
  }

  #put(index: number, { due_ms, sequence, address }: Deadline): void {
    this.#due_ms[index] = due_ms;
    this.#sequences[index] = sequence;
    this.#addresses[index] = address;
  }

  #move(from: number, to: number): void {
    this.#due_ms[to] = this.#due_ms[from]!;
    this.#sequences[to] = this.#sequences[from]!;
    this.#addresses[to] = this.#addresses[from]!;
  }

  #isBefore({ due_ms, sequence }: Deadline, index: number): boolean {
    const other_ms = this.#due_ms[index]!;
    return due_ms < other_ms || (due_ms === other_ms && sequence < this.#sequences[index]!);
  }
}
