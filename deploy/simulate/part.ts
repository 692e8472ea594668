/**
 * Runs one simulated store in this thread. A long run is several stores, each of a seed of its own
 * that follows from the run's: how many threads live through them changes nothing.
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import type { FaultChoice } from "./plan.ts";
import type { WireKind } from "./setting.ts";
import { Simulation, type SimulationResult } from "./simulation.ts";

export interface Part {
  /** The run's seed, and after a dot the number of the part; the first part has the seed alone. */
  readonly seed: string;
  readonly hours: number;
  readonly faults: FaultChoice;
  readonly wire: WireKind;
  readonly until?: number;
  readonly trace?: boolean;
}

export interface PartResult extends SimulationResult {
  readonly part: Part;
}

/** Open hours of one store of a long run: thirteen days. */
const part_hours = 52;

/** The stores of a run. */
export function partsOf(run: Part): Part[] {
  const count = Math.ceil(run.hours / part_hours);
  return Array.from({ length: count }, (_, number) => ({
    ...run,
    seed: number === 0 ? run.seed : `${run.seed}.${number}`,
    hours: Math.min(part_hours, run.hours - number * part_hours),
  }));
}

/** The machine's own events are let in every so many steps. */
const steps_alone = 256;
let steps = 0;
let settled = () => {};
const done = () => settled();

/** A tick comes after all promises, and costs a fifth of an immediate. */
const settle = () =>
  new Promise<void>((resolve) => {
    settled = resolve;
    if (++steps % steps_alone === 0) setImmediate(done);
    else process.nextTick(done);
  });

/** One at a time in a thread. */
export async function runPart(part: Part): Promise<PartResult> {
  const { until, trace, ...options } = part;
  const simulation = new Simulation({
    ...options,
    settle,
    ...(until === undefined ? {} : { until }),
    ...(trace ? { trace: (line: string) => console.log(line) } : {}),
  });
  const rejected = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    if (event.reason?.name !== "Crash") simulation.broken(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", rejected);
  // A stack costs more than the error, and most errors here are part of the play.
  const { stackTraceLimit } = Error;
  if (!trace) Error.stackTraceLimit = 0;
  try {
    return { ...await simulation.run(), part };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    globalThis.removeEventListener("unhandledrejection", rejected);
  }
}
