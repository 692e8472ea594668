/**
 * The door of the engine: what is full refuses, and facts of which the latest is enough give way to
 * it. Both are counted.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { EventLike } from "./engine.ts";
import type { TickState } from "./tick.ts";

export class Admission {
  /** Facts refused because something was full. */
  overloaded = 0;
  /** Facts that gave way, by kind of actor. */
  readonly shed = new Map<string, number>();

  constructor(private readonly state: Pick<TickState, "inbox" | "actors" | "unsettled">) {}

  /** Makes room for a fact where its kind allows; the error where there is none. */
  refusal(to: string, event: EventLike): RuntimeError | undefined {
    const full = this.#full(to, event);
    if (full === undefined) return undefined;
    this.overloaded++;
    return new RuntimeError("overloaded", full);
  }

  #full(to: string, event: EventLike): string | undefined {
    const { inbox, unsettled } = this.state;
    if (inbox.waiting(to) >= limits.shed_backlog) {
      this.#makeRoom(to, event);
      if (inbox.waiting(to) >= limits.actor_mailbox) {
        return `${limits.actor_mailbox} facts wait for ${to} already: try again shortly`;
      }
    }
    if (inbox.length >= limits.mailbox) {
      return `${limits.mailbox} facts wait already: try again shortly`;
    }
    if (unsettled.size >= limits.outbox) {
      return `${limits.outbox} commands wait for the issuer: try again when it answers`;
    }
    return undefined;
  }

  #makeRoom(to: string, { type }: EventLike): void {
    const kind = this.state.actors.kindOf(to);
    if (!kind?.sheds.has(type)) return;
    const oldest = this.state.inbox.shed(to, type, limits.shed_backlog);
    if (!oldest) return;
    this.shed.set(kind.name, (this.shed.get(kind.name) ?? 0) + 1);
    oldest.caller.resolve({ accepted: false, view: undefined });
  }
}
