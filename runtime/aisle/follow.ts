/**
 * The tracker beside the actors: readings go in, what carts hold comes out as facts, and what it
 * cannot know any more is said.
 */
import type { CartLine } from "../../actors/walkout.ts";
import type { AisleConfig } from "../config.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { isStopped, RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { beliefs as usual } from "../tracking/beliefs.ts";
import { Carts } from "../tracking/carts.ts";
import type { Closed } from "../tracking/closed.ts";
import { planogramOf } from "../tracking/planogram.ts";
import type { Reading } from "../tracking/readings.ts";
import type { Clock, Log } from "../world.ts";

export interface FollowOptions {
  readonly aisle: AisleConfig;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

export class Follower {
  readonly #options: FollowOptions;
  readonly #carts: Carts;
  readonly #shelfOf = new Map<string, string>();
  readonly #heard_ms = new Map<string, number>();
  readonly #silent = new Set<string>();
  readonly #open = new Set<string>();
  /** What was told last of each of them. */
  readonly #told = new Map<string, string>();
  #cancel = () => {};

  /** Throws `RuntimeError` `config_invalid` for a planogram that scales could not tell apart. */
  constructor(options: FollowOptions) {
    this.#options = options;
    const { products, shelves, tracking } = options.aisle;
    const beliefs = { ...usual, ...tracking };
    const plates = shelves.flatMap(({ plates }) => plates);
    const planogram = planogramOf(products, plates, beliefs.scale_deviation_g);
    this.#carts = new Carts(planogram, beliefs, (cart) => this.#closed(cart));
    for (const { id, plates } of shelves) {
      for (const plate of plates) this.#shelfOf.set(plate.id, id);
    }
  }

  /** Open carts go on, and cannot be certain: what their shoppers took before is not known. */
  start(): void {
    const { engine, clock } = this.#options;
    for (const { address, state, context } of engine.views("cart")) {
      if (state !== "shopping" && state !== "closing") continue;
      const cart = address.slice("cart/".length);
      this.#post(address as `cart/${string}`, { type: "tracker.forgot" });
      const at_ms = clock.now_ms();
      for (const track of context["tracks"] as string[]) {
        this.enter(cart, track, at_ms);
      }
      if (state === "closing") this.leave(cart, at_ms, null);
    }
    for (const plate of this.#shelfOf.keys()) this.#heard_ms.set(plate, clock.now_ms());
    this.#look();
  }

  stop(): void {
    this.#cancel();
  }

  /** A plate whose scale is gone: what is taken there nobody will know. */
  silent(plate: string): void {
    if (this.#silent.has(plate)) return;
    this.#silent.add(plate);
    this.#tellShelf(plate, { type: "shelf.silent", plate });
  }

  /** Rejections of the tracker: `not_found`, `overloaded`. */
  take(reading: Reading): void {
    if (reading.type === "plate.weighed") this.#heard(reading.plate);
    this.#carts.take(reading);
  }

  cartOf(track: string, at_ms: number): string | undefined {
    return this.#carts.cartOf(track, at_ms);
  }

  enter(cart: string, track: string, at_ms: number): void {
    this.#open.add(cart);
    this.#tolerate(() => this.#carts.take({ type: "shopper.entered", cart, track, at_ms }));
  }

  leave(cart: string, at_ms: number, bag_g: number | null): void {
    const bag = bag_g === null ? {} : { bag_g };
    this.#tolerate(() => this.#carts.take({ type: "shopper.left", cart, at_ms, ...bag }));
  }

  /** A store that is too full for the tracker: the cart's own deadline hands it to a person. */
  #tolerate(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      this.#options.log("warn", "the tracker cannot follow", { reason: error.message });
    }
  }

  #look(): void {
    const { clock } = this.#options;
    this.#cancel = clock.after(limits.cart_look_ms, () => this.#look());
    const now_ms = clock.now_ms();
    this.#carts.advance(now_ms);
    for (const cart of this.#open) this.#tellLines(cart);
    for (const [plate, heard_ms] of this.#heard_ms) {
      if (now_ms - heard_ms >= limits.plate_silent_ms) this.silent(plate);
    }
  }

  #tellLines(cart: string): void {
    const open = this.#carts.preview(cart);
    if (open === undefined) return;
    const lines = open.lines.filter(({ units }) => units > 0);
    const said = JSON.stringify(lines.map(({ gtin, units, confidence }) => [
      gtin,
      units,
      Math.round(confidence * 20),
    ]));
    if (said === (this.#told.get(cart) ?? "[]")) return;
    this.#told.set(cart, said);
    this.#post(`cart/${cart}`, { type: "tracker.lines_changed", lines: linesOf(lines) });
  }

  #heard(plate: string): void {
    this.#heard_ms.set(plate, this.#options.clock.now_ms());
    if (!this.#silent.delete(plate)) return;
    this.#tellShelf(plate, { type: "shelf.weighed", plate });
  }

  #closed({ cart, outcome, why, confidence, lines, alternatives }: Closed): void {
    this.#told.delete(cart);
    this.#open.delete(cart);
    const taken = lines.filter(({ units }) => units > 0);
    this.#post(`cart/${cart}`, {
      type: "tracker.cart_closed",
      outcome,
      why: why ?? null,
      confidence,
      lines: linesOf(taken),
      alternatives,
    });
    for (const { gtin, units, evidence } of taken) {
      const plate = evidence[0]?.plate;
      if (plate === undefined) continue;
      this.#tellShelf(plate, { type: "cart.took", cart, plate, gtin, units });
    }
  }

  #tellShelf(plate: string, event: EventLike): void {
    const shelf = this.#shelfOf.get(plate);
    if (shelf !== undefined) this.#post(`shelf/${shelf}`, event);
  }

  #post(to: `cart/${string}` | `shelf/${string}`, event: EventLike): void {
    this.#options.engine.post(to, event).catch((error: unknown) => {
      if (isStopped(error)) return;
      this.#options.log("warn", `${to} was not told ${event.type}`, { reason: String(error) });
    });
  }
}

/** What an actor keeps: plain JSON. */
const linesOf = (lines: Closed["lines"]): CartLine[] => JSON.parse(JSON.stringify(lines));
