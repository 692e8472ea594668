/**
 * The gateway's end of a camera's Worker: asks, waits for the answer, and gives a Worker up that is
 * silent or has died, so that nobody waits for it and no template stays in it.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Clock } from "../world.ts";
import { errorOf, type Protocol, type Reply, type Verb } from "./protocol.ts";

/** What is needed of a Worker; the real one has this shape. */
export interface WorkerPort {
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate(): void;
}

/** How long a Worker may be silent. */
export interface Patience {
  /** Time between two signs of life that are asked for. */
  readonly beat_ms: number;
  /** Beats without a word after which a Worker is given up. */
  readonly silent_beats: number;
  /** The same before its first word, while it opens its models; `silent_beats` unless told. */
  readonly opening_beats?: number;
}

/** 30 seconds, and two minutes for the models: a busy small machine compiles for as long, and
 * nothing that must be wiped has reached the Worker by then. */
export const patience: Patience = { beat_ms: 5_000, silent_beats: 6, opening_beats: 24 };

interface Waiting {
  resolve(answer: Protocol[Verb]["answer"]): void;
  reject(error: Error): void;
}

export class WorkerLink {
  /** Resolves with the reason when the Worker is gone, however it went. */
  readonly ended: Promise<string>;
  readonly #worker: WorkerPort;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #waiting = new Map<number, Waiting>();
  #end: (reason: string) => void = () => {};
  #reason: string | undefined;
  #ticket = 0;
  #silent_beats = 0;
  #has_spoken = false;
  #cancel_beat: () => void = () => {};

  constructor(worker: WorkerPort, clock: Clock, patience: Patience) {
    this.#worker = worker;
    this.#clock = clock;
    this.#patience = patience;
    this.ended = new Promise((resolve) => this.#end = resolve);
    worker.onmessage = (event) => this.#heard(event.data as Reply);
    worker.onerror = (event) => {
      // Without this the process would end with its Worker.
      event.preventDefault();
      this.close(`it died: ${String(event.message).split("\n")[0]}`);
    };
    this.#beat();
  }

  /**
   * Asks the Worker and resolves with its answer. What is in `transfer` is gone from here. Rejects
   * with the Worker's own error; with `RuntimeError` `stopped` when the Worker is or goes away
   * before it answers; `overloaded` when too many answers are due.
   */
  ask<V extends Verb>(
    verb: V,
    request: Protocol[V]["request"],
    transfer: Transferable[] = [],
  ): Promise<Protocol[V]["answer"]> {
    if (this.#reason !== undefined) return Promise.reject(this.#stopped());
    if (this.#waiting.size >= limits.recogniser_requests) {
      return Promise.reject(
        new RuntimeError("overloaded", "a camera's recogniser is too far behind; ask again"),
      );
    }
    const ticket = ++this.#ticket;
    return new Promise((resolve, reject) => {
      // Throws, and so rejects, for what cannot be sent: then nobody waits for an answer.
      this.#worker.postMessage({ ...request, ticket, verb }, transfer);
      this.#waiting.set(ticket, { resolve, reject });
    });
  }

  /** Ends the Worker and all that wait for it; its memory, templates included, is given back. */
  close(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#cancel_beat();
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#stopped());
    this.#waiting.clear();
    this.#end(reason);
  }

  #stopped(): RuntimeError {
    return new RuntimeError("stopped", `the camera's recogniser is gone: ${this.#reason}`);
  }

  #heard(reply: Reply): void {
    this.#silent_beats = 0;
    this.#has_spoken = true;
    const waiting = this.#waiting.get(reply.ticket);
    this.#waiting.delete(reply.ticket);
    if ("trouble" in reply) waiting?.reject(errorOf(reply.trouble));
    else waiting?.resolve(reply.answer);
  }

  #beat(): void {
    this.#cancel_beat = this.#clock.after(this.#patience.beat_ms, () => {
      const { beat_ms, silent_beats, opening_beats = silent_beats } = this.#patience;
      const most = this.#has_spoken ? silent_beats : opening_beats;
      if (++this.#silent_beats > most) {
        const silent_ms = beat_ms * most;
        this.close(
          `it was silent for ${silent_ms} ms; give the machine fewer frames a second`,
        );
        return;
      }
      // Its answer counts as a word, whatever it says; nobody waits for it.
      this.#worker.postMessage({ ticket: 0, verb: "beat" }, []);
      this.#beat();
    });
  }
}
