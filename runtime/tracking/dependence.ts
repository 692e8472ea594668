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

/** Holders in groups, so that within one each depends on another. */
export function dependent(
  hypotheses: readonly Hypothesis[],
  holders: readonly string[],
): string[][] {
  const shares = hypotheses.map(({ weight }) => Math.exp(weight));
  const states = holders.map((holder) => statesOf(hypotheses, holder));
  const entropies = states.map((state) => entropyOf(state, shares));
  const group = holders.map((_, index) => index);
  const root = (index: number): number => group[index] === index ? index : root(group[index]!);
  for (const [one, entropy] of entropies.entries()) {
    if (entropy < known) continue;
    for (let other = one + 1; other < holders.length; other++) {
      if (entropies[other]! < known || root(one) === root(other)) continue;
      const both = states[one]!.map((state, index) => state * 4_096 + states[other]![index]!);
      const shared = entropy + entropies[other]! - entropyOf(both, shares);
      if (shared >= independent * Math.min(entropy, entropies[other]!)) {
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

function entropyOf(states: readonly number[], shares: readonly number[]): number {
  const sums = new Map<number, number>();
  for (const [index, state] of states.entries()) {
    sums.set(state, (sums.get(state) ?? 0) + shares[index]!);
  }
  let entropy = 0;
  for (const share of sums.values()) if (share > 0) entropy -= share * Math.log(share);
  return entropy;
}
