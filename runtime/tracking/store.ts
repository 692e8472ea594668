/**
 * Every cart and plate of the store with what it may hold. Changes, counts and bags come in order
 * of time; each touches only the clusters that it concerns.
 */
import type { Beliefs } from "./beliefs.ts";
import { Cluster, type Draft, type Hypothesis } from "./cluster.ts";
import type { Course, Level } from "./course.ts";
import { fitOf, readingsOf } from "./explain.ts";
import { type Deed, type Deeds, doersOf, type Phase } from "./doers.ts";
import { Holding, type Step } from "./holding.ts";
import type { Planogram, Plate, Product } from "./planogram.ts";

const cartOf = (cart: string) => `cart ${cart}`;
const plateOf = (plate: string) => `plate ${plate}`;
/** Logarithm of a density that is as good as none. */
const far_off = -18;
/** What is put back fits its own weight better than its like's by so many nats at the most. */
const gain = 8;
/** A bag so many deviations lighter than its cart says that the cart is wrong. */
const too_light = -5;
/** Taking what should be out of stock, in nats: the stock may be wrong. */
const beyond_stock = -5;

export class Store {
  readonly #clusters = new Map<string, Cluster>();

  constructor(readonly planogram: Planogram, readonly beliefs: Beliefs) {
    for (const { id, stock } of planogram.plates.values()) {
      this.#put([Cluster.alone(plateOf(id), Holding.of(stock))]);
    }
  }

  /** Clusters there are, and the hypotheses of the largest: how much is in doubt. */
  get doubt(): { readonly clusters: number; readonly largest: number } {
    const all = new Set(this.#clusters.values());
    return {
      clusters: all.size,
      largest: Math.max(0, ...[...all].map(({ hypotheses }) => hypotheses.length)),
    };
  }

  open(cart: string, holding = Holding.empty): void {
    this.#put([Cluster.alone(cartOf(cart), holding)]);
  }

  has(cart: string): boolean {
    return this.#clusters.has(cartOf(cart));
  }

  /** What the cart may hold, likeliest first. */
  marginal(cart: string): { readonly share: number; readonly holding: Holding }[] {
    return this.#clusters.get(cartOf(cart))?.marginal(cartOf(cart)) ?? [];
  }

  /** The cart is decided, or gone to a person: nothing more is held against it. */
  close(cart: string): void {
    const cluster = this.#clusters.get(cartOf(cart));
    this.#clusters.delete(cartOf(cart));
    if (cluster !== undefined && cluster.holders.size > 1) {
      this.#put(cluster.without(cartOf(cart)).parted());
    }
  }

  /** A change of a plate's weight, in the phases in which hands came. */
  change(plate: Plate, phases: readonly Phase[], course: Course): void {
    const present = phases.map((phase) => ({
      ...phase,
      actors: phase.actors.filter(({ cart }) => this.has(cart)),
    }));
    const carts = new Set(present.flatMap(({ actors }) => actors.map(({ cart }) => cart)));
    const holders = [plateOf(plate.id), ...[...carts].map(cartOf)];
    const cluster = this.#join(holders);
    const here = this.#products(cluster, [plateOf(plate.id)]);
    // Where several hands came, what one took may lie there again already.
    const taken = present.length > 1 ? holders : holders.slice(1);
    const held = this.#products(cluster, taken);
    const reaches = present.map((phase) => phase.reaches);
    const readings = readingsOf(course, reaches, plate, here, held, this.beliefs);
    const ways = readings.flatMap((reading) => doersOf(reading, present, this.beliefs))
      .sort((a, b) => b.weight - a.weight);
    const last = present.at(-1)!;
    cluster.extend(ways, (hypothesis, way) => this.#follow(hypothesis, plate, last, way), gain);
    this.#put(cluster.parted());
  }

  /** A camera has counted what lies on a plate. */
  count(plate: string, counts: Readonly<Record<string, number>>): void {
    const cluster = this.#clusters.get(plateOf(plate));
    if (cluster === undefined || cluster.hypotheses.length < 2) return;
    cluster.weigh(({ contents }) => {
      const holding = contents.get(plateOf(plate))!;
      const kinds = new Set([...holding.units.keys(), ...Object.keys(counts)]);
      let weight = 0;
      for (const gtin of kinds) weight += this.#counted(holding.count(gtin), counts[gtin] ?? 0);
      return weight;
    });
    this.#put(cluster.parted());
  }

  /** A bag was weighed at the exit. */
  bag(cart: string, bag_g: number): void {
    const cluster = this.#clusters.get(cartOf(cart));
    if (cluster === undefined) return;
    const { bag_foreign, bag_incomplete, bag_foreign_most_g } = this.beliefs;
    cluster.weigh(({ contents }) => {
      const { grams, deviation } = this.#off(bag_g, contents.get(cartOf(cart))!);
      const own = Math.exp(-0.5 * (grams / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
      const other = grams > 0 ? bag_foreign : bag_incomplete;
      const far = Math.abs(grams) < bag_foreign_most_g ? 1 / bag_foreign_most_g : 1e-7;
      return Math.log((1 - bag_foreign) * own + other * far);
    });
    this.#put(cluster.parted());
  }

  /** Whether a bag is so light that the cart cannot hold that. */
  isTooLight(bag_g: number | undefined, holding: Holding | undefined): boolean {
    return bag_g !== undefined && holding !== undefined &&
      this.beside(bag_g, holding) < too_light;
  }

  /** By how many deviations a bag is heavier than if it held that. */
  beside(bag_g: number, holding: Holding): number {
    const { grams, deviation } = this.#off(bag_g, holding);
    return grams / deviation;
  }

  /** Against what was measured on its way into the cart, not what its like weighs on average. */
  #off(bag_g: number, holding: Holding) {
    const { grams, variance } = holding.weight;
    return {
      grams: bag_g - grams,
      deviation: Math.sqrt(this.#scaleOfBags(bag_g) ** 2 + variance),
    };
  }

  #scaleOfBags(bag_g: number): number {
    const { bag_deviation_g, bag_heavy_g, bag_heavy_deviation_g } = this.beliefs;
    return bag_g < bag_heavy_g ? bag_deviation_g : bag_heavy_deviation_g;
  }

  #counted(units: number, count: number): number {
    const { count_deviation_share, count_deviation_least, count_worthless } = this.beliefs;
    const deviation = Math.max(count_deviation_least, count_deviation_share * units);
    // A share, not a density: what is not there and not counted says next to nothing.
    const off = (count - units) / deviation;
    const fit = Math.min(1, Math.exp(-0.5 * off ** 2) / (deviation * Math.sqrt(2 * Math.PI)));
    return Math.log((1 - count_worthless) * fit + count_worthless * 0.05);
  }

  /** What follows if that was done. */
  #follow(
    { weight, contents }: Hypothesis,
    plate: Plate,
    last: Level,
    way: Deeds,
  ): Draft | undefined {
    const { deeds } = way;
    if (deeds.length === 0) return { weight: weight + way.weight, make: () => contents };
    const costs = this.#costs(contents, plate, deeds);
    if (costs === undefined) return;
    return {
      weight: weight + way.weight + costs + this.#own(contents, last, deeds) +
        this.#elsewhere(contents, plate, deeds),
      make: () => applied(contents, plate.id, last, deeds),
    };
  }

  /** What speaks against somebody's having acted at another plate a moment before, in nats. */
  #elsewhere(contents: Hypothesis["contents"], plate: Plate, deeds: readonly Deed[]): number {
    const { elsewhere_ms, elsewhere_share } = this.beliefs;
    let carts = 0;
    for (const [index, { cart, at_ms }] of deeds.entries()) {
      if (cart === undefined || deeds.findIndex((deed) => deed.cart === cart) < index) continue;
      const last = contents.get(cartOf(cart))!.steps.at(-1);
      if (last === undefined || last.plate === plate.id) continue;
      if (Math.abs(at_ms - last.at_ms) < elsewhere_ms) carts++;
    }
    return carts * Math.log(elsewhere_share);
  }

  /** What is put back weighs what it weighed when it was taken, not what its like weighs on
   * average: by how much better or worse that fits, in nats. */
  #own(contents: Hypothesis["contents"], last: Level, deeds: readonly Deed[]): number {
    let known = false;
    const measured = deeds.map((deed) => {
      const holding = deed.units < 0 || deed.cart === undefined
        ? undefined
        : contents.get(cartOf(deed.cart));
      const unit = holding?.unit(deed.product.gtin);
      if (unit === undefined) return deed;
      known = true;
      const others = holding!.count(deed.product.gtin) - deed.units;
      // One of several: which of them is not known.
      const spread = others > 0 ? deed.product.deviation_g : 0;
      const deviation_g = Math.sqrt(spread ** 2 + deed.units * unit.variance);
      return { ...deed, product: { ...deed.product, unit_g: unit.grams, deviation_g } };
    });
    if (!known) return 0;
    return (fitOf(last, measured) ?? far_off) - (fitOf(last, deeds) ?? far_off);
  }

  /** What speaks against the deeds in nats, or undefined when somebody would put back what he has
   * not, or take what cannot be there. */
  #costs(
    contents: Hypothesis["contents"],
    plate: Plate,
    deeds: readonly Deed[],
  ): number | undefined {
    let costs = 0;
    for (const [index, { product, units, cart }] of deeds.entries()) {
      const { gtin } = product;
      // What was moved by the deeds before.
      let lies = 0, held = 0;
      for (let before = 0; before < index; before++) {
        const deed = deeds[before]!;
        if (deed.product !== product) continue;
        lies += deed.units;
        if (deed.cart === cart) held -= deed.units;
      }
      if (-units > contents.get(plateOf(plate.id))!.count(gtin) + lies) {
        if (!Object.hasOwn(plate.stock, gtin)) return;
        costs += beyond_stock;
      }
      if (units < 0) continue;
      const holding = cart === undefined ? undefined : contents.get(cartOf(cart));
      if (holding === undefined || units > holding.count(gtin) + held) return;
      costs -= Math.log(Math.max(1, holding.alike(gtin, plate.stock)));
    }
    return costs;
  }

  #products(cluster: Cluster, holders: readonly string[]): Product[] {
    const gtins = new Set<string>();
    for (const { contents } of cluster.hypotheses) {
      for (const holder of holders) {
        for (const gtin of contents.get(holder)!.units.keys()) gtins.add(gtin);
      }
    }
    return [...gtins].map((gtin) => this.planogram.products.get(gtin)!);
  }

  #join(holders: readonly string[]): Cluster {
    const clusters = new Set(holders.map((holder) => this.#clusters.get(holder)!));
    return Cluster.joined([...clusters]);
  }

  #put(clusters: readonly Cluster[]): void {
    for (const cluster of clusters) {
      for (const holder of cluster.holders) this.#clusters.set(holder, cluster);
    }
  }
}

/** The contents after that was done. What the change weighed beyond the means is everything's, the
 * more the less is known of its weight before. */
function applied(
  contents: Hypothesis["contents"],
  plate: string,
  { level_g, deviation_g }: Level,
  deeds: readonly Deed[],
): Hypothesis["contents"] {
  const next = new Map(contents);
  const lies = plateOf(plate);
  const mean_g = deeds.reduce((sum, { product, units }) => sum + units * product.unit_g, 0);
  const unsure = ({ product, units }: Deed) => Math.abs(units) * product.deviation_g ** 2;
  const all = deeds.reduce((sum, deed) => sum + unsure(deed), deviation_g ** 2);
  for (const deed of deeds) {
    const { phase, product, units, cart } = deed;
    const share = unsure(deed) / all;
    const step: Step = {
      change: phase,
      plate,
      at_ms: deed.at_ms,
      gtin: product.gtin,
      units: -units,
      grams: -(units * product.unit_g + share * (level_g - mean_g)),
      variance: unsure(deed) * (1 - share),
    };
    next.set(lies, next.get(lies)!.with(step, -1, false));
    if (cart === undefined) continue;
    next.set(cartOf(cart), next.get(cartOf(cart))!.with(step, 1, true));
  }
  return next;
}
