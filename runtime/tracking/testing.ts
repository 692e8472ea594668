/** A shop of a few plates for tests of the tracker: exact senses, told in the words of the shop. */
import { beliefs } from "./beliefs.ts";
import { Carts } from "./carts.ts";
import type { Closed } from "./closed.ts";
import { planogramOf, type Plate, type Product } from "./planogram.ts";

export const products = [
  { gtin: "20000001", unit_g: 300, deviation_g: 3 },
  { gtin: "20000002", unit_g: 500, deviation_g: 4 },
  { gtin: "20000003", unit_g: 820, deviation_g: 5 },
];

export const plates = [
  { id: "tea", x_m: 0, y_m: 0, stock: { "20000001": 8, "20000002": 8 } },
  { id: "oil", x_m: 6, y_m: 0, stock: { "20000003": 8 } },
];

/** Tells the tracker what happens; time goes on by itself. */
export class SmallShop {
  readonly closed: Closed[] = [];
  readonly carts: Carts;
  readonly #weights: Map<string, number>;
  readonly #people = new Map<string, { x_m: number; y_m: number }>();
  #now_ms = 1_000_000;

  constructor(sold: readonly Product[] = products, shelves: readonly Plate[] = plates) {
    this.#weights = new Map(shelves.map(({ id }) => [id, 5_000]));
    const planogram = planogramOf(sold, shelves, beliefs.scale_deviation_g);
    this.carts = new Carts(planogram, beliefs, (cart) => this.closed.push(cart));
    this.wait(3);
  }

  get now_ms(): number {
    return this.#now_ms;
  }

  enter(cart: string, x_m: number, y_m: number): void {
    this.carts.take({ type: "shopper.entered", cart, track: `t-${cart}`, at_ms: this.#now_ms });
    this.stand(cart, x_m, y_m);
  }

  stand(cart: string, x_m: number, y_m: number): void {
    this.#people.set(cart, { x_m, y_m });
    this.wait(2);
  }

  /** Weight comes off a plate (negative) or onto it; the hand of `seen` is told, if any. */
  move(plate: string, delta_g: number, seen?: string, seconds = 3): void {
    if (seen !== undefined) this.reach(plate, seen);
    this.#weights.set(plate, this.#weights.get(plate)! + delta_g);
    this.wait(seconds);
  }

  reach(plate: string, seen: string): void {
    this.carts.take({ type: "hand.reached", track: `t-${seen}`, plate, at_ms: this.#now_ms });
  }

  count(plate: string, counts: Record<string, number>): void {
    this.carts.take({ type: "plate.counted", plate, counts, at_ms: this.#now_ms });
  }

  leave(cart: string, bag_g?: number): void {
    this.#people.delete(cart);
    const bag = bag_g === undefined ? {} : { bag_g };
    this.carts.take({ type: "shopper.left", cart, at_ms: this.#now_ms, ...bag });
  }

  /** Everybody is seen and known twice a second, every plate weighed ten times. */
  wait(seconds: number): void {
    for (let tick = 0; tick < seconds * 10; tick++) {
      this.#now_ms += 100;
      const at_ms = this.#now_ms;
      for (const [plate, weight_g] of this.#weights) {
        this.carts.take({ type: "plate.weighed", plate, weight_g, at_ms });
      }
      if (tick % 5 !== 0) continue;
      for (const [cart, place] of this.#people) {
        this.carts.take({ type: "person.seen", track: `t-${cart}`, at_ms, ...place });
        this.carts.take({ type: "person.recognised", track: `t-${cart}`, cart, at_ms });
      }
    }
  }

  /** What the carts hold that have been closed: product and units. */
  held(cart: string): Record<string, number> {
    const closed = this.closed.find((one) => one.cart === cart);
    if (closed === undefined) throw new Error(`${cart} is not closed`);
    return Object.fromEntries(closed.lines.map(({ gtin, units }) => [gtin, units]));
  }
}
