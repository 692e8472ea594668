/**
 * The next deadline among all timers. A cancelled timer stays among them until it comes up and is
 * found to be gone, or until most of them are such and the heap is made anew.
 */
import { Heap } from "./heap.ts";

export interface Deadline {
  readonly due_ms: number;
  /** Unique among all timers; ties between equal deadlines fall in this order. */
  readonly sequence: number;
  readonly address: string;
}

const before = (a: Deadline, b: Deadline) =>
  a.due_ms < b.due_ms || (a.due_ms === b.due_ms && a.sequence < b.sequence);

export class Deadlines extends Heap<Deadline> {
  constructor() {
    super(before);
  }
}
