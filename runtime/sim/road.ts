/**
 * A road for requests that a fault plan can spoil: they and their answers are lost, delayed, said
 * twice, overtaken; streams stall and break; at times nothing gets through at all.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Clock } from "../world.ts";

/** How bad the road is; may be changed at any time. */
export interface RoadState {
  /** Share of requests, and of answers, that never arrive. */
  loss: number;
  /** Share of requests that arrive twice. */
  duplicate: number;
  /** Usual time of one way. */
  delay_ms: readonly [low: number, high: number];
  /** Share of ways that take much longer, and how long. */
  slow: number;
  slow_ms: number;
  /** Nothing gets through. */
  cut: boolean;
  /** Share of a stream's chunks at which it breaks. */
  breaks: number;
}

export const goodRoad: Readonly<RoadState> = {
  loss: 0,
  duplicate: 0,
  delay_ms: [4, 40],
  slow: 0,
  slow_ms: 0,
  cut: false,
  breaks: 0,
};

/** Answers at the far end. Rejects when nobody is there. */
export type Serve = (request: Request) => Promise<Response>;

export interface RoadSetting {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly state: RoadState;
  readonly serve: Serve;
}

const gone = () => new TypeError("connection reset");

export class Road {
  readonly #setting: RoadSetting;

  constructor(setting: RoadSetting) {
    this.#setting = setting;
  }

  fetch = (request: Request): Promise<Response> => {
    const { signal } = request;
    return new Promise<Response>((resolve, reject) => {
      if (signal.aborted) return reject(gone());
      const abort = () => reject(gone());
      signal.addEventListener("abort", abort, { once: true });
      this.#there(request, signal).then((response) => {
        signal.removeEventListener("abort", abort);
        resolve(response);
      }, (error) => {
        signal.removeEventListener("abort", abort);
        reject(error);
      });
    });
  };

  async #there(request: Request, signal: AbortSignal): Promise<Response> {
    const { serve } = this.#setting;
    const copy = request.clone();
    const answer = await this.carry((again) => serve(again ? copy : request), (unheard) => {
      unheard.body?.cancel().catch(() => {});
    });
    const stream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    if (!stream || !answer.body) return answer;
    const { status, headers } = answer;
    return new Response(this.#stream(answer.body, signal), { status, headers });
  }

  /** Takes something there and its answer back. `deliver` may be called twice, the second time
   * `again`; answers that nobody hears are `dropped`. Settles never when something is lost. */
  async carry<Answer>(
    deliver: (again: boolean) => Promise<Answer>,
    dropped: (answer: Answer) => void = () => {},
  ): Promise<Answer> {
    const { chance, state } = this.#setting;
    if (state.cut && chance.happens(0.5)) {
      await this.#way();
      throw gone();
    }
    const twice = chance.happens(state.duplicate);
    await this.#way();
    if (state.cut || chance.happens(state.loss)) return await never();
    if (twice) this.#way().then(() => deliver(true)).then(dropped, () => {});
    const answer = await deliver(false);
    await this.#way();
    if (!state.cut && !chance.happens(state.loss)) return answer;
    dropped(answer);
    return await never();
  }

  /** The same for one who goes away when the signal comes. */
  heard<Answer>(deliver: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(gone()), { once: true });
      this.carry(deliver).then(resolve, reject);
    });
  }

  /** Piece by piece until undefined comes; the pieces arrive late, or the whole breaks. */
  async *pieces<Piece>(next: () => Promise<Piece | undefined>, signal: AbortSignal) {
    const { chance, state, clock } = this.#setting;
    for (;;) {
      const piece = await next();
      if (!signal.aborted) await this.#way();
      while (state.cut && !signal.aborted) {
        await new Promise<void>((resolve) => void clock.after(1_000, resolve));
      }
      if (signal.aborted || chance.happens(state.breaks)) throw gone();
      if (piece === undefined) return;
      yield piece;
    }
  }

  #stream(inner: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
    const { chance, state, clock } = this.#setting;
    const reader = inner.getReader();
    let over = false;
    const end = () => {
      over = true;
      reader.cancel().catch(() => {});
    };
    return new ReadableStream<Uint8Array>({
      start(controller) {
        signal.addEventListener("abort", () => {
          if (over) return;
          end();
          controller.error(gone());
        }, { once: true });
      },
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (over) return;
        await this.#way();
        while (state.cut && !over) {
          await new Promise<void>((resolve) => void clock.after(1_000, resolve));
        }
        if (over) return;
        if (done || chance.happens(state.breaks)) {
          end();
          if (done) controller.close();
          else controller.error(gone());
          return;
        }
        controller.enqueue(value);
      },
      cancel: end,
    }, { highWaterMark: 0 });
  }

  #way(): Promise<void> {
    const { clock, chance, state } = this.#setting;
    const [low, high] = state.delay_ms;
    const delay_ms = chance.happens(state.slow)
      ? chance.between(high, state.slow_ms)
      : chance.between(low, high);
    return new Promise((resolve) => void clock.after(delay_ms, resolve));
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
