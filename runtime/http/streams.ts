/**
 * Server-sent events to pages that look on: as many as the limits allow, each with a short queue;
 * a reader that does not keep up is told so and let go, so that looking never slows the store.
 */
import { limits } from "../limits.ts";
import type { Clock, Log } from "../world.ts";
import { problem } from "./problems.ts";

/** One thing to tell. `data` becomes JSON. */
export interface Told {
  readonly event?: string;
  readonly id?: number;
  readonly data: unknown;
}

/** Starts telling and gives back how to stop; `broken` lets the reader go. */
type Follow = (tell: (told: Told) => void, broken: (error: unknown) => void) => () => void;

const encoder = new TextEncoder();

function encoded({ event, id, data }: Told): Uint8Array<ArrayBuffer> {
  const head = (id === undefined ? "" : `id: ${id}\n`) +
    (event === undefined ? "" : `event: ${event}\n`);
  return encoder.encode(`${head}data: ${JSON.stringify(data)}\n\n`);
}

/** The streams of one kind of page. */
export class Streams {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping: AbortSignal;
  readonly #most: number;
  #open = 0;
  /** Pages turned away, and pages let go because they did not keep up. */
  refused = 0;
  behind = 0;

  constructor(clock: Clock, stopping: AbortSignal, most: number, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#stopping = stopping;
    this.#most = most;
  }

  /** How many are open. */
  get count(): number {
    return this.#open;
  }

  /**
   * Opens a stream. `follow` starts telling and gives back how to stop; it is stopped when the
   * reader leaves, falls behind or the gateway stops, after a last `ended` event that says why; or
   * when what it follows is broken: that is in the log as well.
   */
  open(follow: Follow): Response {
    if (this.#stopping.aborted) return problem(503, "stopped", "the gateway is stopping");
    if (this.#open >= this.#most) {
      this.refused++;
      return problem(503, "overloaded", `${this.#most} pages look on already; close one`, {
        "retry-after": "5",
      });
    }
    let close: (() => void) | undefined;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        close = this.#run(controller, follow);
      },
      cancel: () => close?.(),
    }, { highWaterMark: limits.stream_queue });
    return new Response(body, {
      headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
    });
  }

  #run(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
    follow: Follow,
  ): () => void {
    let over = false;
    let cancelBeat = () => {};
    let unfollow = () => {};
    this.#open++;
    const close = () => {
      if (over) return;
      over = true;
      this.#open--;
      cancelBeat();
      unfollow();
      this.#stopping.removeEventListener("abort", stop);
    };
    const end = (reason: string) => {
      if (over) return;
      close();
      controller.enqueue(encoded({ event: "ended", data: { reason } }));
      controller.close();
    };
    const stop = () => end("the gateway is stopping");
    const broken = (error: unknown) => {
      this.#log("error", "a page could not be told of a change", { reason: String(error) });
      end("what it shows cannot be read; the gateway's log says why");
    };
    const send = (bytes: Uint8Array<ArrayBuffer>) => {
      if (over) return;
      if ((controller.desiredSize ?? 0) > 1) return controller.enqueue(bytes);
      this.behind++;
      end("the reader fell behind");
    };
    // A comment line now and then: tells a dead connection from a quiet store.
    const beat = () => {
      send(encoder.encode(": beat\n\n"));
      if (!over) cancelBeat = this.#clock.after(limits.stream_beat_ms, beat);
    };
    this.#stopping.addEventListener("abort", stop);
    beat();
    try {
      const stopFollowing = follow((told) => send(encoded(told)), broken);
      if (over) stopFollowing();
      else unfollow = stopFollowing;
    } catch (error) {
      close();
      throw error;
    }
    return close;
  }
}
