/**
 * A played shopper who reads the lane's display, turns the head to the sides that it asks for, and
 * looks back when it no longer does: through the same door as the page that faces shoppers.
 */
import { z } from "zod";
import type { Clock } from "../../runtime/world.ts";

export interface AttentionSetting {
  /** The gateway, e.g. `http://127.0.0.1:8480`. */
  readonly gateway: string;
  readonly lane: string;
  readonly fetch: (request: Request) => Promise<Response>;
  /** In place of reading the display over HTTP: what it shows, undefined while that is nothing,
   * and when it shows something else. */
  readonly screen?: {
    readonly now: unknown;
    other(than: unknown): Promise<void>;
  };
  readonly clock: Clock;
  /** Bearer key of the store's tills. Secret. */
  readonly posKey?: string;
  /** Whoever stands there turns the head, and holds it so; without a side, looks back. */
  readonly turn: (side?: "left" | "right") => void;
}

const shown = z.object({
  sale: z.object({ state: z.string() }).nullable(),
  turn: z.object({
    state: z.string(),
    side: z.enum(["left", "right"]).optional(),
    left: z.number().optional(),
  }).nullable(),
});

/** For a sale, or for a change of account data beside any. */
function asksTurns({ sale, turn }: z.output<typeof shown>): boolean {
  return sale === null ? turn !== null && turn.state !== "met" : sale.state === "awaiting_turn";
}

/** Between two looks at the display. */
const look_ms = 200;

export class Attention {
  readonly #setting: AttentionSetting;
  #reading = false;

  constructor(setting: AttentionSetting) {
    this.#setting = setting;
  }

  /** Follows the display until it asks for no more turns, or is away. Once at a time. */
  async follow(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    let turned = false;
    const lookBack = () => {
      if (turned) this.#setting.turn();
      turned = false;
    };
    try {
      for (let left = Infinity;;) {
        const { screen, clock } = this.#setting;
        const seen = screen?.now;
        const now = await this.#look();
        if (now === undefined || !asksTurns(now)) return;
        const { turn } = now;
        // A new try begins from the start; between two sides of one the lane wants to see the face.
        if (turn?.state === "failed") left = Infinity;
        const { side, left: more = Infinity } = turn ?? {};
        if (turn?.state !== "asked") lookBack();
        else if (side !== undefined && more < left) {
          left = more;
          turned = true;
          this.#setting.turn(side);
        }
        await (screen?.other(seen) ??
          new Promise<void>((resolve) => void clock.after(look_ms, resolve)));
      }
    } finally {
      lookBack();
      this.#reading = false;
    }
  }

  /** Undefined while the gateway is away. */
  async #look(): Promise<z.output<typeof shown> | undefined> {
    const { gateway, lane, posKey, fetch, screen } = this.#setting;
    if (screen) return screen.now === undefined ? undefined : shown.parse(screen.now);
    try {
      const headers = new Headers({ accept: "application/json" });
      if (posKey !== undefined) headers.set("authorization", `Bearer ${posKey}`);
      const place = new URL(`/lane/${encodeURIComponent(lane)}/now`, gateway);
      const answer = await fetch(new Request(place, { headers }));
      if (answer.ok) return shown.parse(await answer.json());
      await answer.body?.cancel();
      return undefined;
    } catch (error) {
      // A broken connection; what the display shows is another thing than what was agreed.
      if (error instanceof z.ZodError) throw error;
      return undefined;
    }
  }
}
