/** What an engine is made of. */
import type { Journal } from "../journal/journal.ts";
import type { Clock, Log, Random } from "../world.ts";
import type { MachineKind } from "./kinds.ts";
import type { Delivery } from "./mail.ts";

export interface Rest {
  readonly awake_actors: number;
  readonly quiet_ms: number;
}

export interface EngineOptions {
  /** By the part of an address before the slash. */
  readonly kinds: Readonly<Record<string, MachineKind>>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  /** Begins every idempotency key. */
  readonly gateway: string;
  readonly log?: Log;
  /** When messages between actors arrive; by default at once. */
  readonly deliver?: Delivery;
  /** Calls soon, after what runs now; by default `queueMicrotask`. */
  readonly defer?: (call: () => void) => void;
  /** Types of command that go through the outbox; by default the shop's. */
  readonly durableCommands?: readonly string[];
  /** How many durable actors may be in memory before quiet ones are left to the disk, and how long
   * one must have been quiet; by default as in `limits`. Looked at each time. */
  readonly rest?: Rest;
  /** How long history is kept, and actors that are done; for ever where it is not said. */
  readonly history_ms?: number;
  /** Keys that people never see the values of; by default the shop's. */
  readonly secretKeys?: readonly string[];
}
