/** Kinds of actor as the engine is told of them, and as it runs them. */
import type { AnyStateMachine } from "xstate";
import { createStepper, type Stepper } from "./step.ts";

/** What the engine must know of a kind of actor. */
export interface MachineKind {
  /** Takes `{ id }` as input. */
  readonly machine: AnyStateMachine;
  readonly durable: boolean;
  /** Types of event that bring an actor into being where there is none. */
  readonly births: readonly string[];
  /** Types of fact of which the latest is enough: where many wait, the oldest give way. */
  readonly sheds?: readonly string[];
}

export interface RunningKind {
  readonly name: string;
  readonly durable: boolean;
  readonly births: ReadonlySet<string>;
  readonly sheds: ReadonlySet<string>;
  readonly stepper: Stepper;
}

/** Makes the steppers; throws `InvariantError` for a machine that cannot be stepped. */
export function runningKinds(
  kinds: Readonly<Record<string, MachineKind>>,
): ReadonlyMap<string, RunningKind> {
  return new Map(
    Object.entries(kinds).map(([name, { machine, durable, births, sheds = [] }]) => {
      const stepper = createStepper(machine);
      return [name, { name, durable, stepper, births: new Set(births), sheds: new Set(sheds) }];
    }),
  );
}
