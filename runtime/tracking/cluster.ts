/**
 * Hypotheses about carts and plates whose contents hang together: a beam of whole explanations,
 * each with its probability. What does not depend on the rest leaves the cluster again, so that one
 * doubt does not multiply with another.
 */
import { dependent } from "./dependence.ts";
import { Holding } from "./holding.ts";

export interface Hypothesis {
  /** Natural logarithm of its share, up to what all of a cluster have in common. */
  readonly weight: number;
  readonly contents: ReadonlyMap<string, Holding>;
}

/** An explanation that may be kept: made only if it is likely enough. */
export interface Draft {
  readonly weight: number;
  readonly make: () => ReadonlyMap<string, Holding>;
}

/** Explanations kept of one cluster, and how far behind the best one may be, in nats. */
const most = 800;
const behind = 11;
/** Drafts made for so many kept: some turn out equal. */
const drafts = 2 * most;

export class Cluster {
  constructor(readonly holders: ReadonlySet<string>, public hypotheses: readonly Hypothesis[]) {}

  static alone(holder: string, holding: Holding): Cluster {
    return new Cluster(new Set([holder]), [{ weight: 0, contents: new Map([[holder, holding]]) }]);
  }

  /** One cluster of all: every hypothesis of one with every one of the others. */
  static joined(clusters: readonly Cluster[]): Cluster {
    const [first, ...others] = clusters;
    return others.reduce((joined, other) => {
      const both = joined.hypotheses.flatMap((one) =>
        other.hypotheses.map((another): Draft => ({
          weight: one.weight + another.weight,
          make: () => new Map([...one.contents, ...another.contents]),
        }))
      );
      return new Cluster(joined.holders.union(other.holders), made(both));
    }, first!);
  }

  /** Each hypothesis weighed anew. */
  weigh(weigh: (hypothesis: Hypothesis) => number): void {
    this.hypotheses = best(this.hypotheses.map((hypothesis) => ({
      ...hypothesis,
      weight: hypothesis.weight + weigh(hypothesis),
    })));
  }

  /** Each hypothesis replaced by what may have followed from it in each of the ways, the likeliest
   * first. `follow` may make a way likelier than it was by no more than `slack`. */
  extend<Way extends { readonly weight: number }>(
    ways: readonly Way[],
    follow: (hypothesis: Hypothesis, way: Way) => Draft | undefined,
    slack: number,
  ): void {
    const all: Draft[] = [];
    let top = -Infinity;
    for (const hypothesis of this.hypotheses) {
      for (const way of ways) {
        if (hypothesis.weight + way.weight + slack < top - behind) break;
        const draft = follow(hypothesis, way);
        if (draft === undefined) continue;
        all.push(draft);
        top = Math.max(top, draft.weight);
      }
    }
    this.hypotheses = made(all);
  }

  /** Shares of what a holder may hold, greatest first, with the likeliest way to each. */
  marginal(holder: string): { readonly share: number; readonly holding: Holding }[] {
    const found = new Map<string, { share: number; holding: Holding; weight: number }>();
    for (const { weight, contents } of this.hypotheses) {
      const holding = contents.get(holder)!;
      const known = found.get(holding.key);
      if (known === undefined) {
        found.set(holding.key, { share: Math.exp(weight), holding, weight });
      } else known.share += Math.exp(weight);
    }
    return [...found.values()].sort((a, b) => b.share - a.share);
  }

  /** Without the holder, whose contents are settled or of no more concern. */
  without(holder: string): Cluster {
    return this.#only([...this.holders].filter((other) => other !== holder));
  }

  /** The cluster in parts that do not depend on each other, or so little that it does not
   * matter. */
  parted(): Cluster[] {
    if (this.holders.size < 2) return [this];
    const groups = dependent(this.hypotheses, [...this.holders]);
    return groups.length === 1 ? [this] : groups.map((group) => this.#only(group));
  }

  #only(group: readonly string[]): Cluster {
    const hypotheses = this.hypotheses.map(({ weight, contents }) => ({
      weight,
      contents: new Map(group.map((holder) => [holder, contents.get(holder)!])),
    }));
    return new Cluster(new Set(group), best(hypotheses));
  }
}

/** The likeliest drafts as hypotheses. */
function made(all: readonly Draft[]): Hypothesis[] {
  const least = all.reduce((top, { weight }) => Math.max(top, weight), -Infinity) - behind;
  const likely = all.filter(({ weight }) => weight >= least)
    .sort((a, b) => b.weight - a.weight).slice(0, drafts);
  return best(likely.map(({ weight, make }) => ({ weight, contents: make() })));
}

/** The best of them, equal ones as one, with shares that sum to one. */
function best(hypotheses: readonly Hypothesis[]): Hypothesis[] {
  const distinct = new Map<string, { weight: number; top: Hypothesis }>();
  for (const hypothesis of hypotheses) {
    const key = keyOf(hypothesis.contents);
    const known = distinct.get(key);
    if (known === undefined) {
      distinct.set(key, { weight: hypothesis.weight, top: hypothesis });
      continue;
    }
    if (hypothesis.weight > known.top.weight) known.top = hypothesis;
    known.weight = sum(known.weight, hypothesis.weight);
  }
  const sorted = [...distinct.values()].sort((a, b) => b.weight - a.weight);
  const least = (sorted[0]?.weight ?? 0) - behind;
  const kept = sorted.slice(0, most).filter(({ weight }) => weight >= least);
  const total = kept.reduce((all, { weight }) => sum(all, weight), -Infinity);
  return kept.map(({ weight, top }) => ({ weight: weight - total, contents: top.contents }));
}

/** Hypotheses of one cluster name its holders in one order. */
function keyOf(contents: ReadonlyMap<string, Holding>): string {
  let key = "";
  for (const { id } of contents.values()) key += `${id} `;
  return key;
}

/** Logarithm of the sum of two numbers of which these are logarithms. */
function sum(a: number, b: number): number {
  const [more, less] = a > b ? [a, b] : [b, a];
  return less === -Infinity ? more : more + Math.log1p(Math.exp(less - more));
}
