/**
 * Which carts and plates hang together: by how much knowing one tells of another. Groups that tell
 * nothing of each other can be thought of apart.
 */
import type { Hypothesis } from "./cluster.ts";

/** A holder with less entropy than this, in nats, is as good as known. */
const known = 5e-4;
/** Mutual information as a share of what there is to know of the better known one: below it two
 * are as good as independent. */
const independent = 0.1;

/** What is as seldom as that with one may be the case after all, once his bag is weighed; whoever
 * it says so much of must hear of it then. */
const seldom = 2e-4, telling = 0.5;
/** More states than a holder has. */
const most_states = 4_096;

/** Holders in groups, so that within one each depends on another. */
export function dependent(
  hypotheses: readonly Hypothesis[],
  holders: readonly string[],
): string[][] {
  const shares = hypotheses.map(({ weight }) => Math.exp(weight));
  const states = holders.map((holder) => statesOf(hypotheses, holder));
  const sums = states.map((state) => sumsOf(state, shares));
  const entropies = sums.map(entropyOf);
  const group = holders.map((_, index) => index);
  const root = (index: number): number => group[index] === index ? index : root(group[index]!);
  for (const [one, entropy] of entropies.entries()) {
    if (entropy < known) continue;
    for (let other = one + 1; other < holders.length; other++) {
      if (entropies[other]! < known || root(one) === root(other)) continue;
      const both = sumsOf(
        states[one]!.map((state, index) => state * most_states + states[other]![index]!),
        shares,
      );
      const shared = entropy + entropies[other]! - entropyOf(both);
      if (
        shared >= independent * Math.min(entropy, entropies[other]!) ||
        tells(both, sums[one]!, sums[other]!)
      ) {
        group[root(other)] = root(one);
      }
    }
  }
  const groups = new Map<number, string[]>();
  for (const [index, holder] of holders.entries()) {
    const members = groups.get(root(index));
    if (members === undefined) groups.set(root(index), [holder]);
    else members.push(holder);
  }
  return [...groups.values()];
}

/** What the holder holds under each hypothesis, as a number. */
function statesOf(hypotheses: readonly Hypothesis[], holder: string): number[] {
  const numbers = new Map<string, number>();
  return hypotheses.map(({ contents }) => {
    const { key } = contents.get(holder)!;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

type Sums = ReadonlyMap<number, number>;

/** The share of each state. */
function sumsOf(states: readonly number[], shares: readonly number[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [index, state] of states.entries()) add(sums, state, shares[index]!);
  return sums;
}

function entropyOf(sums: Sums): number {
  let entropy = 0;
  for (const share of sums.values()) if (share > 0) entropy -= share * Math.log(share);
  return entropy;
}

/** Whether some state of one makes much of the other's likelier than it is by itself. */
function tells(both: Sums, ones: Sums, others: Sums): boolean {
  const with_ones = new Map<number, number>(), with_others = new Map<number, number>();
  for (const [state, share] of both) {
    const one = Math.floor(state / most_states), other = state % most_states;
    const beyond = share - ones.get(one)! * others.get(other)!;
    if (beyond <= 0) continue;
    add(with_ones, one, beyond);
    add(with_others, other, beyond);
  }
  const much = (beyond: Sums, of: Sums) =>
    [...beyond].some(([state, share]) => {
      const all = of.get(state)!;
      return all >= seldom && share > telling * all;
    });
  return much(with_ones, ones) || much(with_others, others);
}

function add(sums: Map<number, number>, state: number, share: number): void {
  sums.set(state, (sums.get(state) ?? 0) + share);
}
