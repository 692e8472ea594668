/** What the tests of this room share: time that is told, faces by numbers, misbehaving Workers. */
import type { Clock } from "../world.ts";
import type { Landmarks } from "./align.ts";
import type { Box, Face } from "./detect.ts";
import type { WorkerPort } from "./link.ts";

/** A clock that moves only when it is told. */
export class ManualClock implements Clock {
  #now_ms = 0;
  #timers: { at_ms: number; call: () => void }[] = [];

  now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, call: () => void): () => void {
    const timer = { at_ms: this.#now_ms + delay_ms, call };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((one) => one !== timer);
  }

  /** Somebody sets the clock; what was to come in so many milliseconds still does. */
  jump(by_ms: number): void {
    this.#now_ms += by_ms;
    for (const timer of this.#timers) timer.at_ms += by_ms;
  }

  /** Lets time pass and everything happen that is due, each with what follows from it. */
  async pass(delay_ms: number): Promise<void> {
    const until_ms = this.#now_ms + delay_ms;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at_ms }) => at_ms <= until_ms)
        .sort((a, b) => a.at_ms - b.at_ms)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#now_ms = Math.max(this.#now_ms, due.at_ms);
      due.call();
    }
    this.#now_ms = until_ms;
    await settled();
  }
}

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** A unit vector of `dim` numbers that points along `axis`, turned towards `other` by an angle. */
export function direction(
  dim: number,
  axis: number,
  other = 0,
  radians = 0,
): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(dim);
  vector[axis] = Math.cos(radians);
  if (other !== axis) vector[other] = Math.sin(radians);
  return vector;
}

export function face(x: number, y: number, width: number, score = 0.9): Face {
  const box: Box = { x, y, width, height: width * 1.2 };
  const at = (u: number, v: number) => ({ x: x + u * width, y: y + v * width });
  const landmarks: Landmarks = [
    at(0.3, 0.4),
    at(0.7, 0.4),
    at(0.5, 0.65),
    at(0.35, 0.9),
    at(0.65, 0.9),
  ];
  return { box, landmarks, score };
}

/** What a test says to a Worker, and what it answers, as a real Worker does: later. */
export class ScriptedWorker implements WorkerPort {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly asked: { ticket: number; verb: string }[] = [];
  terminated = false;
  readonly #answers: (request: { ticket: number; verb: string }) => unknown;

  /** `answers` gives the answer to a request, `{ trouble }` to refuse it, undefined for silence. */
  constructor(answers: (request: { ticket: number; verb: string }) => unknown) {
    this.#answers = answers;
  }

  postMessage(message: unknown, transfer: Transferable[]): void {
    const request = structuredClone(message, { transfer }) as { ticket: number; verb: string };
    this.asked.push(request);
    const answer = this.#answers(request);
    if (answer === undefined) return;
    const { ticket } = request;
    const trouble = typeof answer === "object" && answer !== null && "trouble" in answer;
    const data = trouble ? { ticket, ...answer } : { ticket, answer };
    queueMicrotask(() => {
      if (!this.terminated) this.onmessage?.({ data } as MessageEvent);
    });
  }

  die(message: string): void {
    this.onerror?.(new ErrorEvent("error", { message, cancelable: true }));
  }

  terminate(): void {
    this.terminated = true;
  }
}
