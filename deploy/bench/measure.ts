/**
 * Times several things against each other on a machine that others use too: short samples of each
 * in turn, and the median of each, so that a busy second hits all of them.
 */

import { cpuUsage } from "node:process";

/** Something to time; it is called with 0, 1, 2, … and may answer later. */
export type Action = (turn: number) => unknown;

export interface Measuring {
  /** Samples of each action. */
  readonly rounds: number;
  /** Least duration of a sample: shorter actions are repeated within it. */
  readonly sample_ms: number;
  /** What counts is this process's time on a processor, not the wall's: for actions that never
   * wait, so that others on the machine take no part in the figures. */
  readonly processor?: boolean;
}

/** Processor time that this process has used so far. */
export function processor_us(): number {
  const { user, system } = cpuUsage();
  return user + system;
}

/** Times the actions in turn. Returns the median microseconds of one call, by name. */
export async function interleave<Name extends string>(
  actions: Readonly<Record<Name, Action>>,
  { rounds, sample_ms, processor = false }: Measuring,
): Promise<Record<Name, number>> {
  const names = Object.keys(actions) as Name[];
  const repeats = new Map<Name, number>();
  for (const name of names) {
    // The first calls compile; then the number of calls grows until a sample is long enough.
    await sample(actions[name], 3, processor);
    let calls = 1;
    while (calls < 1e7) {
      const duration_ms = await sample(actions[name], calls, processor);
      if (duration_ms >= sample_ms) break;
      calls = Math.ceil(
        calls * Math.min(10, 1.2 * sample_ms / Math.max(duration_ms, 1e-3)),
      );
    }
    repeats.set(name, calls);
  }
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const calls = repeats.get(name)!;
      samples.get(name)!.push(
        await sample(actions[name], calls, processor) * 1000 / calls,
      );
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, median(samples.get(name)!)]),
  ) as Record<Name, number>;
}

async function sample(action: Action, calls: number, processor: boolean): Promise<number> {
  const now_ms = processor ? () => processor_us() / 1000 : () => performance.now();
  const start_ms = now_ms();
  for (let call = 0; call < calls; call++) {
    const answer = action(call);
    if (answer instanceof Promise) await answer;
  }
  return now_ms() - start_ms;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
