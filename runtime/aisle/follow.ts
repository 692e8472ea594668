/**
 * The tracker beside the actors: readings go in, what carts hold comes out as facts. After a
 * restart it goes on with the carts that it left, if nothing moved meanwhile; otherwise it says so.
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
import { Resumed } from "./resumed.ts";
import type { Reading } from "../tracking/readings.ts";
import type { Clock, Log } from "../world.ts";

export interface FollowOptions {
  readonly aisle: AisleConfig;
  /** Zones with a display. */
  readonly displays: ReadonlySet<string>;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

export class Follower {
  readonly #options: FollowOptions;
  /** One that remembers nothing. */
  readonly #fresh: () => { readonly carts: Carts; readonly resumed: Resumed };
  #carts: Carts;
  #resumed: Resumed;
  readonly #shelfOf = new Map<string, string>();
  readonly #zoneOf = new Map<string, string>();
  /** What was told last of the level of each plate. */
  readonly #rested = new Map<string, number>();
  readonly #heard_ms = new Map<string, number>();
  readonly #silent = new Set<string>();
  readonly #open = new Set<string>();
  /** What was told last of each of them. */
  readonly #told = new Map<string, string>();
  #looked_ms = -Infinity;
  /** When this tracker began; what senses told before, others have missed parts of. */
  #since_ms = 0;
  #toldOfEarlier = false;
  #cancel = () => {};

  /** Throws `RuntimeError` `config_invalid` for a planogram that scales could not tell apart. */
  constructor(options: FollowOptions) {
    this.#options = options;
    const { products, shelves, tracking } = options.aisle;
    const beliefs = { ...usual, ...tracking };
    const plates = shelves.flatMap(({ plates }) => plates);
    const planogram = planogramOf(products, plates, beliefs.scale_deviation_g);
    this.#fresh = () => ({
      carts: new Carts(planogram, beliefs, (cart) => this.#closed(cart)),
      resumed: new Resumed(beliefs.trigger_g, (cart) => this.#forget(cart)),
    });
    ({ carts: this.#carts, resumed: this.#resumed } = this.#fresh());
    for (const { id, zone, plates } of shelves) {
      for (const plate of plates) {
        this.#shelfOf.set(plate.id, id);
        this.#zoneOf.set(plate.id, zone);
      }
    }
  }

  start(): void {
    this.#takeUp();
    this.#look();
  }

  /** Open carts go on: with what they held where that was certain and nothing has moved since,
   * otherwise as carts of which nobody can be certain any more. */
  #takeUp(): void {
    const { engine, clock } = this.#options;
    ({ carts: this.#carts, resumed: this.#resumed } = this.#fresh());
    this.#open.clear();
    this.#told.clear();
    const at_ms = this.#since_ms = clock.now_ms();
    for (const { context } of engine.views("shelf")) {
      const rested_g = (context["rested_g"] ?? {}) as Record<string, number>;
      for (const [plate, level_g] of Object.entries(rested_g)) {
        if (this.#shelfOf.has(plate)) this.#resumed.left(plate, level_g);
      }
    }
    for (const { address, state, context } of engine.views("cart")) {
      if (state !== "shopping" && state !== "closing") continue;
      const cart = address.slice("cart/".length);
      this.#goOn(cart, context, at_ms);
      if (state === "closing") this.leave(cart, at_ms, null);
    }
    for (const plate of this.#shelfOf.keys()) this.#heard_ms.set(plate, at_ms);
  }

  #goOn(cart: string, context: Readonly<Record<string, unknown>>, at_ms: number): void {
    const lines = context["lines"] as CartLine[];
    const confidence = Number(context["confidence"]);
    const sure = context["forgotten"] !== true && confidence >= limits.resume_confidence;
    if (sure && this.#carts.resume(cart, lines as Closed["lines"], at_ms)) {
      this.#resumed.goesOn(cart, confidence);
      this.#told.set(cart, saidOf(lines, confidence));
    } else this.#forget(cart);
    for (const track of context["tracks"] as string[]) this.enter(cart, track, at_ms);
  }

  #forget(cart: string): void {
    this.#post(`cart/${cart}`, { type: "tracker.forgot" });
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

  /** Takes a sense, unless it is from before this tracker began: of those some are lost, and what
   * plates weigh now says whether anything moved. Throws as the tracker does: `not_found`,
   * `overloaded`. */
  take(reading: Reading): void {
    if (reading.at_ms < this.#since_ms) return this.#tellOfEarlier();
    if (reading.type === "plate.weighed") {
      this.#heard(reading.plate);
      this.#resumed.weighed(reading.plate, reading.weight_g);
    }
    this.#carts.take(reading);
  }

  #tellOfEarlier(): void {
    if (this.#toldOfEarlier) return;
    this.#toldOfEarlier = true;
    this.#options.log("info", "what senses told before the start is left out");
  }

  cartOf(track: string, at_ms: number): string | undefined {
    return this.#carts.cartOf(track, at_ms);
  }

  enter(cart: string, track: string, entered_ms: number): void {
    const at_ms = this.#noLaterThanNow(entered_ms);
    this.#open.add(cart);
    this.#tolerate(() => this.#carts.take({ type: "shopper.entered", cart, track, at_ms }));
  }

  leave(cart: string, left_ms: number, bag_g: number | null): void {
    const at_ms = this.#noLaterThanNow(left_ms);
    const bag = bag_g === null ? {} : { bag_g };
    this.#tolerate(() => this.#carts.take({ type: "shopper.left", cart, at_ms, ...bag }));
  }

  /** Actors' time never goes back, that of senses follows the clock. */
  #noLaterThanNow(at_ms: number): number {
    return Math.min(at_ms, this.#options.clock.now_ms());
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
    const { clock, log } = this.#options;
    this.#cancel = clock.after(limits.cart_look_ms, () => this.#look());
    const now_ms = clock.now_ms();
    if (now_ms < this.#looked_ms - limits.reading_ahead_ms) {
      // Time only goes on in a tracker: this one would stand still until the clock is there again.
      log("warn", "the clock was set back: carts are followed as after a restart");
      this.#takeUp();
    }
    this.#looked_ms = now_ms;
    this.#carts.advance(now_ms);
    this.#tellAll();
    for (const [plate, heard_ms] of this.#heard_ms) {
      if (now_ms - heard_ms >= limits.plate_silent_ms) this.silent(plate);
    }
  }

  /** First what carts hold, and only when they have taken that, what plates weigh: a restart
   * between the two finds a plate that has changed. */
  #tellAll(): void {
    const levels = this.#carts.levels;
    const told = [...this.#open].map((cart) => this.#tellLines(cart));
    Promise.all(told).then((taken) => {
      if (taken.every(Boolean)) this.#tellLevels(levels);
    });
  }

  #tellLevels(levels: ReadonlyMap<string, number>): void {
    for (const [plate, level_g] of levels) {
      // What is not known to be as it was left is not written over.
      if (this.#resumed.awaits(plate)) continue;
      const before_g = this.#rested.get(plate) ?? -Infinity;
      if (Math.abs(level_g - before_g) < limits.level_step_g) continue;
      const weight_g = Math.round(level_g * 10) / 10;
      this.#rested.set(plate, weight_g);
      this.#tellShelf(plate, { type: "shelf.rested", plate, weight_g });
    }
  }

  /** Resolves to whether the cart knows what it holds. */
  async #tellLines(cart: string): Promise<boolean> {
    const open = this.#carts.preview(cart);
    if (open === undefined) return true;
    const lines = open.lines.filter(({ units }) => units > 0);
    const confidence = this.#resumed.confidence(cart, open.confidence);
    const said = saidOf(lines, confidence);
    if (said === (this.#told.get(cart) ?? saidOf([], 1))) return true;
    this.#told.set(cart, said);
    const displays = this.#displaysOf(lines);
    const taken = await this.#post(`cart/${cart}`, {
      type: "tracker.lines_changed",
      lines: linesOf(lines),
      confidence,
      displays,
    });
    // A cart that takes nothing now is told again.
    if (!taken && this.#told.get(cart) === said) this.#told.delete(cart);
    return taken;
  }

  /** The zone of the display beside the shelf that each was last taken from. */
  #displaysOf(lines: Closed["lines"]): Record<string, string> {
    return Object.fromEntries(lines.flatMap(({ gtin, evidence }) => {
      const zone = this.#zoneOf.get(evidence.at(-1)?.plate ?? "");
      return zone !== undefined && this.#options.displays.has(zone) ? [[gtin, zone]] : [];
    }));
  }

  #heard(plate: string): void {
    this.#heard_ms.set(plate, this.#options.clock.now_ms());
    if (!this.#silent.delete(plate)) return;
    this.#tellShelf(plate, { type: "shelf.weighed", plate });
  }

  #closed({ cart, outcome, why, lines, alternatives, ...closed }: Closed): void {
    const confidence = this.#resumed.confidence(cart, closed.confidence);
    this.#told.delete(cart);
    this.#open.delete(cart);
    this.#resumed.closes(cart);
    this.#post(`cart/${cart}`, {
      type: "tracker.cart_closed",
      outcome,
      why: why ?? null,
      confidence,
      lines: linesOf(lines.filter(({ units }) => units > 0)),
      alternatives,
    });
  }

  #tellShelf(plate: string, event: EventLike): void {
    const shelf = this.#shelfOf.get(plate);
    if (shelf !== undefined) this.#post(`shelf/${shelf}`, event);
  }

  /** Resolves to whether it was taken. */
  async #post(to: `cart/${string}` | `shelf/${string}`, event: EventLike): Promise<boolean> {
    try {
      return (await this.#options.engine.post(to, event)).accepted;
    } catch (error) {
      if (!isStopped(error)) {
        this.#options.log("warn", `${to} was not told ${event.type}`, { reason: String(error) });
      }
      return false;
    }
  }
}

/** What an open cart is told, as far as it makes a difference: confidence by twentieths. */
const saidOf = (lines: readonly CartLine[], confidence: number): string =>
  JSON.stringify([
    Math.round(confidence * 20),
    ...lines.map((line) => [line.gtin, line.units, Math.round(line.confidence * 20)]),
  ]);

/** What an actor keeps: plain JSON. */
const linesOf = (lines: Closed["lines"]): CartLine[] => JSON.parse(JSON.stringify(lines));
