/**
 * Those who are told after a commit: effects of volatile commands, watchers of the outbox, and
 * whoever looks on.
 */
import type { Address, Command } from "../../actors/messages.ts";
import { invariant } from "../errors.ts";
import type { Log } from "../world.ts";
import type { Draft } from "./draft.ts";
import type { Change } from "./engine.ts";

export type AnyEffect = (command: Command, from: Address) => unknown;

export class Listeners {
  readonly #effects = new Map<string, AnyEffect>();
  readonly #watchers = new Set<(change: Change) => void>();
  readonly #outboxWatchers = new Set<() => void>();

  constructor(private readonly log: Log) {}

  setEffect(type: string, effect: AnyEffect): void {
    invariant(!this.#effects.has(type), `${type} has an effect already`);
    this.#effects.set(type, effect);
  }

  hasEffect(type: string): boolean {
    return this.#effects.has(type);
  }

  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  watchOutbox(watcher: () => void): () => void {
    this.#outboxWatchers.add(watcher);
    return () => this.#outboxWatchers.delete(watcher);
  }

  tell(draft: Draft): void {
    for (const { command, from } of draft.commands) {
      const effect = this.#effects.get(command.type);
      this.#guard(
        () => effect?.(command, from as Address),
        `the effect ${command.type} of ${from}`,
      );
    }
    if (draft.outbox.length > 0) {
      for (const watcher of this.#outboxWatchers) this.#guard(watcher, "a watcher of the outbox");
    }
    for (const watcher of this.#watchers) {
      for (const change of draft.changes) this.#guard(() => watcher(change), "a watcher");
    }
  }

  /** What was committed stays, whatever the world makes of it: trouble of an effect or a watcher
   * is reported, and an actor that wants the effect finds out by the missing answer. */
  #guard(call: () => unknown, who: string): void {
    const report = (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.log("error", `${who} threw after the commit`, { reason });
    };
    try {
      const result = call();
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  }
}
