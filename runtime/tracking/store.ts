/**
 * Every cart and plate of the store with what it may hold. Changes, counts and bags come in order
 * of time; each touches only the clusters that it concerns.
 */
import type { Beliefs } from "./beliefs.ts";
import { Cluster, type Draft, type Hypothesis } from "./cluster.ts";
import { type ChangeReading, fitOf, type Part, readingsOf } from "./explain.ts";
import { Holding, type Step } from "./holding.ts";
import type { Planogram, Plate, Product } from "./planogram.ts";
import type { Change } from "./scale.ts";

/** What speaks for somebody's having acted: a cart, with a likelihood ratio. */
export interface Actor {
  readonly cart: string;
  readonly weight: number;
}

/** Who did each part, nobody known where there is none, with what speaks for it in nats. */
interface Doers {
  readonly who: readonly (string | undefined)[];
  readonly weight: number;
}

const cartOf = (cart: string) => `cart ${cart}`;
const plateOf = (plate: string) => `plate ${plate}`;
/** Logarithm of a density that is as good as none. */
const far_off = -18;
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

  open(cart: string): void {
    this.#put([Cluster.alone(cartOf(cart), Holding.empty)]);
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

  /** A change of a plate's weight, and who may have caused it. Returns true when it has more than
   * one explanation. */
  change(id: string, change: Change, plate: Plate, actors: readonly Actor[]): boolean {
    const present = actors.filter(({ cart }) => this.has(cart));
    const holders = [plateOf(plate.id), ...present.map(({ cart }) => cartOf(cart))];
    const cluster = this.#join(holders);
    const here = this.#products(cluster, [plateOf(plate.id)]);
    const held = this.#products(cluster, holders.slice(1));
    const readings = readingsOf(change, here, held, this.beliefs);
    cluster.extend((hypothesis) =>
      readings.flatMap((reading) => this.#follow(id, change, hypothesis, plate, reading, present))
    );
    const parts = cluster.parted();
    this.#put(parts);
    return parts.some(({ hypotheses }) => hypotheses.length > 1);
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

  /** A bag was weighed at the exit. Returns by how much it differs from the likeliest cart. */
  bag(cart: string, bag_g: number): number {
    const cluster = this.#clusters.get(cartOf(cart));
    if (cluster === undefined) return 0;
    // What was measured on its way into the cart, not what such products weigh on average.
    const off = (holding: Holding) => ({
      grams: bag_g - holding.grams,
      deviation: Math.hypot(
        this.beliefs.bag_deviation_g,
        this.beliefs.scale_deviation_g * Math.sqrt(holding.steps.length),
      ),
    });
    const likelihood = ({ contents }: Hypothesis) => {
      const { grams, deviation } = off(contents.get(cartOf(cart))!);
      const own = Math.exp(-0.5 * (grams / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
      const { bag_foreign, bag_incomplete, bag_foreign_most_g } = this.beliefs;
      const other = grams > 0 ? bag_foreign : bag_incomplete;
      const far = Math.abs(grams) < bag_foreign_most_g ? 1 / bag_foreign_most_g : 1e-7;
      return Math.log((1 - bag_foreign) * own + other * far);
    };
    cluster.weigh(likelihood);
    const [likeliest] = cluster.marginal(cartOf(cart));
    this.#put(cluster.parted());
    const { grams, deviation } = off(likeliest!.holding);
    return grams / deviation;
  }

  #counted(units: number, count: number): number {
    const { count_deviation_share, count_deviation_least, count_worthless } = this.beliefs;
    const deviation = Math.max(count_deviation_least, count_deviation_share * units);
    const fit = Math.exp(-0.5 * ((count - units) / deviation) ** 2) / deviation;
    return Math.log((1 - count_worthless) * fit + count_worthless * 0.05);
  }

  /** What follows if the change is read so: by each who may have done it, or by two of them. */
  #follow(
    id: string,
    change: Change,
    hypothesis: Hypothesis,
    plate: Plate,
    { parts, weight }: ChangeReading,
    actors: readonly Actor[],
  ): Draft[] {
    const before = hypothesis.weight + weight;
    if (parts.length === 0) return [{ weight: before, make: () => hypothesis.contents }];
    return this.#doers(parts, actors).flatMap((doers) => {
      const costs = this.#costs(hypothesis, plate, parts, doers.who);
      return costs === undefined ? [] : [{
        weight: before + doers.weight + costs + this.#own(change, hypothesis, parts, doers.who),
        make: () => applied(id, change, hypothesis.contents, parts, doers.who),
      }];
    });
  }

  /** What is put back weighs what it weighed when it was taken, not what its like weighs on
   * average: by how much better or worse that fits, in nats. */
  #own(
    change: Change,
    { contents }: Hypothesis,
    parts: readonly Part[],
    who: readonly (string | undefined)[],
  ): number {
    let known = false;
    const measured = parts.map((part, index) => {
      const cart = part.units > 0 ? who[index] : undefined;
      const holding = cart === undefined ? undefined : contents.get(cartOf(cart));
      const unit_g = holding?.unit_g(part.product.gtin);
      if (unit_g === undefined) return part;
      known = true;
      const others = holding!.count(part.product.gtin) - part.units;
      // One of several: which of them is not known.
      const spread = others > 0 ? part.product.deviation_g : 0;
      const deviation_g = Math.hypot(
        spread,
        this.beliefs.scale_deviation_g / Math.sqrt(part.units),
      );
      return { ...part, product: { ...part.product, unit_g, deviation_g } };
    });
    if (!known) return 0;
    const own = fitOf(change, measured) ?? far_off;
    return own - (fitOf(change, parts) ?? far_off);
  }

  /** Who may have done the parts: one all of them, a stranger, or two people one each. */
  #doers(parts: readonly Part[], actors: readonly Actor[]): Doers[] {
    const { two_kinds, two_people, stranger } = this.beliefs;
    const alone = parts.length === 1 ? 0 : Math.log(two_kinds);
    const doers: Doers[] = [];
    if (parts.length === 1 || parts[0]!.product !== parts[1]!.product) {
      for (const { cart, weight } of actors) {
        doers.push({ who: parts.map(() => cart), weight: weight + alone });
      }
      doers.push({ who: parts.map(() => undefined), weight: Math.log(stranger) + alone });
    }
    if (parts.length < 2) return doers;
    for (const one of actors) {
      for (const other of actors) {
        if (one.cart === other.cart) continue;
        const weight = Math.log(two_people) + one.weight + other.weight;
        doers.push({ who: [one.cart, other.cart], weight });
      }
    }
    return doers;
  }

  /** What speaks against the parts in nats, or undefined when somebody would put back what he has
   * not, or take what cannot be there. */
  #costs(
    { contents }: Hypothesis,
    plate: Plate,
    parts: readonly Part[],
    who: readonly (string | undefined)[],
  ): number | undefined {
    let costs = 0;
    for (const [index, { product: { gtin }, units }] of parts.entries()) {
      if (-units > contents.get(plateOf(plate.id))!.count(gtin)) {
        if (!Object.hasOwn(plate.stock, gtin)) return;
        costs += beyond_stock;
      }
      if (units < 0) continue;
      const cart = who[index];
      if (cart === undefined || units > contents.get(cartOf(cart))!.count(gtin)) return;
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

/** The contents after the parts were done by those. What the change weighed beyond the parts' means
 * is theirs in equal shares. */
function applied(
  id: string,
  { plate, delta_g }: Change,
  contents: Hypothesis["contents"],
  parts: readonly Part[],
  who: readonly (string | undefined)[],
): Hypothesis["contents"] {
  const next = new Map(contents);
  const lies = plateOf(plate);
  const mean_g = parts.reduce((sum, { product, units }) => sum + units * product.unit_g, 0);
  const over_g = (delta_g - mean_g) / parts.length;
  for (const [index, { product, units }] of parts.entries()) {
    const grams = -(units * product.unit_g + over_g);
    const step: Step = { change: id, gtin: product.gtin, units: -units, grams };
    next.set(lies, next.get(lies)!.with(step, -1, false));
    const cart = who[index];
    if (cart === undefined) continue;
    next.set(cartOf(cart), next.get(cartOf(cart))!.with(step, 1, true));
  }
  return next;
}
