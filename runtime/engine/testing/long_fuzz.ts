/**
 * Steps against XState's own actor for as many events as one likes: half on the shop's machines,
 * half on machines made by chance. One seed gives one run.
 */
import fc from "fast-check";
import { actorKinds } from "../../../actors/kinds.ts";
import { type Kind, kinds } from "../../../actors/messages.ts";
import { type Chance, chanceOf } from "../../../hardware/simulated/chance.ts";
import { createStepper, type Stepper } from "../step.ts";
import { factFor } from "./facts.ts";
import { generatedEvents, generatedMachine } from "./generated.ts";
import { Difference, Endless, Twins } from "./twin.ts";

export interface FuzzResult {
  /** Told to both, timers included. */
  readonly events: number;
  /** Of those, events that both took. */
  readonly taken: number;
  readonly machines: number;
  /** What differed, and where; empty is what is wanted. */
  readonly differences: readonly string[];
}

/** The events that one actor of the shop lives through at most. */
const life = 60;

class Fuzz {
  events = 0;
  taken = 0;
  machines = 0;
  readonly differences: string[] = [];

  /** Tells somebody what was found; what is no difference is an error of this program. */
  guard(who: string, live: () => void): void {
    try {
      live();
    } catch (error) {
      if (error instanceof Endless) return;
      if (!(error instanceof Difference)) throw error;
      this.differences.push(`${who}: ${error.message}`);
    }
  }

  count(taken: boolean): void {
    this.events++;
    if (taken) this.taken++;
  }
}

/** One actor of the shop from its birth to its end. */
function liveInShop(fuzz: Fuzz, kind: Kind, stepper: Stepper, chance: Chance): void {
  const { machine, births } = actorKinds[kind];
  let at_ms = 1_000_000;
  const birth = { ...factFor(kind, chance, at_ms, births[0]), at_ms };
  const twins = Twins.born(machine, chance.pick(["x", "ada"]), birth, machine, stepper);
  fuzz.count(true);
  for (let step = 0; step < life && !twins.state.done; step++) {
    const due_ms = twins.next()?.due_ms;
    if (due_ms !== undefined && chance.happens(0.1)) {
      at_ms = Math.max(at_ms, due_ms);
      fuzz.count(twins.fire(at_ms));
      continue;
    }
    at_ms += chance.whole(50);
    fuzz.count(twins.send({ ...factFor(kind, chance, at_ms), at_ms }));
  }
}

/** Actors of one made-up machine, one after the other. */
function liveMadeUp(fuzz: Fuzz, seed: number, chance: Chance, most: number): void {
  const [it] = fc.sample(generatedMachine, { seed, numRuns: 1 });
  if (it === undefined) return;
  fuzz.machines++;
  const stepper = createStepper(it.machine);
  let at_ms = 1_000;
  let twins: Twins | undefined;
  for (let step = 0; step < most; step++) {
    const type = chance.pick(generatedEvents);
    if (twins === undefined || twins.state.done) {
      twins = Twins.born(it.machine, "x", { type, at_ms }, it.reference, stepper);
      fuzz.count(!twins.state.done);
    } else if (chance.happens(0.15)) {
      at_ms = Math.max(at_ms, twins.next()?.due_ms ?? 0);
      if (twins.next() !== undefined) fuzz.count(twins.fire(at_ms));
    } else {
      at_ms += chance.whole(10);
      fuzz.count(twins.send({ type, at_ms }));
    }
  }
}

/** Runs until so many events were told. */
export function longFuzz(seed: number, events: number): FuzzResult {
  const chance = chanceOf(seed);
  const fuzz = new Fuzz();
  const steppers = new Map(kinds.map((kind) => [kind, createStepper(actorKinds[kind].machine)]));
  for (let round = 0; fuzz.events < events; round++) {
    const told = fuzz.events;
    for (const [kind, stepper] of steppers) {
      fuzz.guard(`${kind}, round ${round}`, () => liveInShop(fuzz, kind, stepper, chance));
    }
    const share = Math.max(1, fuzz.events - told);
    const made = seed * 1_000_003 + round;
    fuzz.guard(`machine ${made}`, () => liveMadeUp(fuzz, made, chance, share));
  }
  return fuzz;
}
