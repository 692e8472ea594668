/**
 * What one step of an actor gathers while its actions run: what it emitted, which timers it set and
 * cancelled, and whether anything took the event at all.
 */
import type { Emitted } from "../../actors/messages.ts";
import { invariant, InvariantError } from "../errors.ts";
import type { TimerRow } from "../journal/journal.ts";
import type { EventLike } from "./engine.ts";

/** An action as XState hands it to its executor. */
export interface ResolvedAction {
  readonly type: string;
  readonly params?: unknown;
}
interface Raise {
  readonly event: EventLike;
  readonly id: string | undefined;
  readonly delay: number | undefined;
}
/** The part of XState's report of a microstep that is looked at. */
export interface Microstep {
  readonly _transitions?: readonly {
    readonly target?: unknown;
    readonly actions: readonly unknown[];
  }[];
}

/** A transition without target and actions forbids its event. */
export const takes = (transition: {
  readonly target?: unknown;
  readonly actions: readonly unknown[];
}) => transition.target !== undefined || transition.actions.length > 0;

export class Collector {
  taken = false;
  readonly emitted: Emitted[] = [];
  constructor(
    readonly machine: string,
    readonly at_ms: number,
    public timers: readonly TimerRow[],
    public sequence: number,
  ) {}

  /** Takes an action that XState resolved. */
  action({ type, params }: ResolvedAction): void {
    switch (type) {
      case "xstate.emit":
        this.emitted.push((params as { event: Emitted }).event);
        return;
      case "xstate.raise": {
        const { event, id, delay } = params as Raise;
        return this.raise(event, id, delay);
      }
      case "xstate.cancel":
        return this.cancel((params as { sendId: string }).sendId);
      default:
        throw new InvariantError(
          `${this.machine} runs the action ${type}: only assign, emit, raise and cancel are pure`,
        );
    }
  }

  /** Without a delay XState raises by itself. An id that is in use passes to the new timer, where
   * XState's own actor would let the old one fire, out of reach of any cancel. */
  raise(event: EventLike, id: string | undefined, delay: number | undefined): void {
    if (delay === undefined) {
      // XState takes a delay that it does not know for none, and would fire at once.
      invariant(
        !event.type.startsWith("xstate.after."),
        `${this.machine} has no delay for ${event.type}`,
      );
      return;
    }
    invariant(
      Number.isFinite(delay) && delay >= 0,
      `${this.machine} delays ${event.type} by ${delay} ms`,
    );
    const sequence = this.sequence++;
    const timer = {
      id: id ?? `timer.${sequence}`,
      event,
      due_ms: this.at_ms + Math.ceil(delay),
      sequence,
    };
    this.cancel(timer.id);
    this.timers = this.timers.length === 0 ? [timer] : [...this.timers, timer];
  }

  cancel(id: string): void {
    for (const timer of this.timers) {
      if (timer.id !== id) continue;
      this.timers = this.timers.filter((other) => other.id !== id);
      return;
    }
  }

  /** XState tells every microstep. */
  microstep({ _transitions }: Microstep): void {
    this.taken ||= _transitions !== undefined && _transitions.some(takes);
  }
}
