/**
 * What the rest of the gateway sees of the engine: facts go in, and come back once they are on
 * the disk; commands come out only after that.
 */
import type { Address, Command, Emitted } from "../../actors/messages.ts";
import type { HistoryRow, OutboxRow, TimerRow } from "../journal/journal.ts";

export interface EventLike {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What became of a fact that was posted, told after its commit. */
export interface Posted {
  /** False when the actor does not exist and this event gives birth to none, when it is done, or
   * when its state takes no such event. Counted, and told in `refused`. */
  readonly accepted: boolean;
  /** The actor as this commit left it. Throws `RuntimeError` `data_corrupt` where it is done, and
   * the disk has lost how it ended. */
  readonly view: ActorView | undefined;
}

/** An actor as people and callers see it; secrets masked. */
export interface ActorView {
  readonly address: Address;
  readonly kind: string;
  readonly state: unknown;
  readonly context: Record<string, unknown>;
  readonly timers: readonly TimerRow[];
  readonly done: boolean;
  readonly mailbox: number;
  readonly last_event: { readonly type: string; readonly at_ms: number } | null;
}

/** One step that was committed. */
export type Change = HistoryRow;

/** Runs a volatile command after its commit. May be asynchronous. What it throws is logged and
 * changes nothing: the actor that asked finds out by the missing answer. */
export type Effect<C extends Command = Command> = (command: C, from: Address) => void;

export interface EngineStatistics {
  readonly turns: number;
  readonly events: number;
  readonly refused: number;
  readonly commits: number;
  readonly outbox: number;
  /** Answers to commands that nobody waits for (any more). */
  readonly unawaited: number;
  /** In memory. */
  readonly actors: number;
  /** Not done, and only on disk. */
  readonly asleep: number;
  readonly mailbox: number;
  /** Facts refused because a mailbox or the outbox was full. */
  readonly overloaded: number;
  /** Facts that gave way to later ones, by kind of actor. */
  readonly shed: Readonly<Record<string, number>>;
  /** Rows of the journal's old parts that were read again and were as they were written. */
  readonly checked_rows: number;
  /** Such rows, or stretches of them, that were not, and events that came for one. */
  readonly damaged: number;
}

export interface Engine {
  /** Gives a fact to an actor; it is plain JSON and not changed afterwards. Resolves after the
   * commit. A fact of a type that its kind sheds may give way to a later one: it is not accepted.
   * Rejects with `RuntimeError` `overloaded` when the mailbox or the outbox is full,
   * `stopped` after a stop or a failed commit. Before `start` it waits, and comes before any
   * timer. */
  post(to: Address, event: EventLike): Promise<Posted>;
  /** The issuer's answer to an outbox row: settles it and tells its actor, in one commit. Answers
   * to rows that are settled already are dropped. */
  settle(position: number, answer: EventLike): Promise<Posted>;
  /** Facts from the issuer's feed with the cursor they bring, in one commit. Those of a cursor that
   * was taken in already are dropped. */
  feed(
    cursor: number,
    deliveries: readonly { readonly to: Address; readonly event: EventLike }[],
  ): Promise<void>;
  /** A moment by the clock in the time of the actors, which is ahead of a clock that was set back.
   * What others say of times goes through here. */
  timeOf(clock_ms: number): number;
  /** Throws as the view of a `Posted` does. */
  view(address: Address): ActorView | undefined;
  /** Every actor in memory, and the durable ones that are not done as far as one answer lists so
   * many; of one kind or of all. */
  views(kind?: string): ActorView[];
  /** How many actors of each kind are not done, in memory or on disk. */
  census(): Readonly<Record<string, number>>;
  /** Newest first. */
  history(address: Address, options: { before?: number; limit: number }): HistoryRow[];
  outbox(after: number, limit: number): OutboxRow[];
  /** Calls for every committed step until the result is called. Costs nothing without listeners. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Calls after every commit that added outbox rows. */
  onOutbox(listener: () => void): () => void;
  /** Sets the effect for a volatile command; one each, before `start`. */
  effect<T extends Command["type"]>(
    type: T,
    run: Effect<Extract<Command, { type: T }>>,
  ): void;
  /** Loads the actors, takes what was posted before, fires timers that fell due meanwhile, and
   * goes. */
  start(): void;
  /** Commits what was taken in and takes no more. */
  stop(): Promise<void>;
  /** Resolves with the reason when a commit failed and the gateway must stop. */
  readonly failed: Promise<Error>;
  statistics(): EngineStatistics;
}

export type { Emitted };
