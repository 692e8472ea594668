/**
 * Carries the outbox to the issuer: one payment's commands in their order, payments side by side,
 * each under its own idempotency key until an answer has come, however long that takes.
 */
import type { DurableCommand } from "../../actors/messages.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import type { OutboxRow } from "../journal/journal.ts";
import { InvariantError, isStopped, RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Clock, Log, Random } from "../world.ts";
import { type Backoff, createBackoff } from "./backoff.ts";

export interface OutboxOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Sends one command. Rejects with `RuntimeError`: `issuer_refused` is the issuer's last word,
   * anything else means that the answer is unknown and the same key must be tried again. */
  readonly send: (
    command: DurableCommand,
    key: string,
    signal: AbortSignal,
    /** Tries of it that went out before this one, as far as this process knows. */
    repeat: number,
  ) => Promise<EventLike>;
  /** The commands that go this way; those of the others wait for nobody here. */
  readonly takes: (command: DurableCommand["type"]) => boolean;
}

export interface Outbox {
  start(): void;
  /** The link is back: try at once instead of after the pause. */
  wake(): void;
  stop(): Promise<void>;
}

/** No actor's address. */
const forwards = "forwards";
/** Later ones wait for an earlier one so often. */
const ordered_tries = 4;

export function createOutbox(options: OutboxOptions): Outbox {
  const { engine, clock, log } = options;
  /** Rows under way, by the actor that asked: at most one each keeps their order. */
  const underway = new Map<string, Promise<void>>();
  /** Actors whose command the issuer would not have, each with its own next try: they wait alone,
   * the others go on. */
  const refused = new Map<string, { backoff: Backoff; cancel: () => void; waits: boolean }>();
  const backoff = createBackoff(options.random);
  /** How often each was sent; those that an earlier process left may have been. */
  const tries = new Map<string, number>();
  const before = new Set<string>();
  const stopping = new AbortController();
  let resume: (() => void) | undefined;
  let started = false;

  function pump(): void {
    if (!started || stopping.signal.aborted) return;
    const blocked = new Set(underway.keys());
    for (const [from, { waits }] of refused) if (waits) blocked.add(from);
    for (const row of own(resume ? limits.outbox_paused_look : limits.outbox_look_ahead)) {
      if (underway.size >= limits.outbox_in_flight) return;
      const ways = waysOf(row);
      // What had no answer waits out the pause. It may be the only one that gets none: what was
      // never sent is tried all the same.
      const rests = resume !== undefined && tries.has(row.key);
      if (rests || ways.some((way) => blocked.has(way))) {
        for (const way of ways) blocked.add(way);
        continue;
      }
      for (const way of ways) blocked.add(way);
      const carried = carry(row).finally(() => {
        for (const way of ways) underway.delete(way);
      });
      const followed = carried.then(pump);
      for (const way of ways) underway.set(way, followed);
    }
  }

  /** The next rows that go this way, however many of the others stand between them. */
  function* own(look_ahead: number): Generator<OutboxRow> {
    let after = 0, looked = 0;
    for (;;) {
      const rows = engine.outbox(after, look_ahead);
      for (const row of rows) {
        if (!options.takes((row.command as DurableCommand).type)) continue;
        yield row;
        if (++looked >= look_ahead) return;
      }
      if (rows.length < look_ahead) return;
      after = rows.at(-1)!.position;
    }
  }

  /** One behind the other: what one actor asks, and all that was accepted while the issuer was
   * away, in the order in which it was. What gets no answer whatever is done holds up nobody. */
  function waysOf({ from, key, command }: OutboxRow): string[] {
    const inOrder = command.type === "issuer.forward" && (tries.get(key) ?? 0) < ordered_tries;
    return inOrder ? [from, forwards] : [from];
  }

  async function carry(row: OutboxRow): Promise<void> {
    try {
      const command = row.command as DurableCommand;
      const answer = await answerOf(command, row.key);
      if (!answer) return putOff(row.from);
      await engine.settle(row.position, inOurTime(answer, engine));
      // What is still there was not waited for: asking again at once would ask for ever.
      const [next] = engine.outbox(row.position - 1, 1);
      if (next?.position === row.position) {
        log("error", "a settled command still stands in the outbox", { position: row.position });
        return putOff(row.from);
      }
      tries.delete(row.key);
      before.delete(row.key);
      refused.delete(row.from);
      backoff.reset();
    } catch (error) {
      if (stopping.signal.aborted || isStopped(error)) return;
      if (error instanceof InvariantError) throw error;
      pause(error instanceof Error ? error.message : String(error));
    }
  }

  /** Undefined when there is no answer that could end the command. */
  async function answerOf(
    command: DurableCommand,
    key: string,
  ): Promise<EventLike | undefined> {
    const repeat = tries.get(key) ?? (before.has(key) ? 1 : 0);
    tries.set(key, repeat + 1);
    try {
      return await options.send(command, key, stopping.signal, repeat);
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.kind !== "issuer_refused") throw error;
      log("warn", "a request was refused", { command: command.type, reason: error.message });
      return refusal(command, error.message);
    }
  }

  function putOff(from: string): void {
    if (stopping.signal.aborted) return;
    const own = refused.get(from)?.backoff ?? createBackoff(options.random);
    const cancel = clock.after(own.next_ms(), () => {
      refused.set(from, { backoff: own, cancel: () => {}, waits: false });
      pump();
    });
    refused.set(from, { backoff: own, cancel, waits: true });
  }

  function pause(reason: string): void {
    if (resume || stopping.signal.aborted) return;
    const delay_ms = backoff.next_ms();
    log("info", "the outbox waits for the issuer", { reason, delay_ms });
    const cancel = clock.after(delay_ms, () => {
      resume = undefined;
      pump();
    });
    resume = cancel;
  }

  let unsubscribe = () => {};
  return {
    start() {
      started = true;
      for (const { key } of engine.outbox(0, limits.outbox)) before.add(key);
      unsubscribe = engine.onOutbox(pump);
      pump();
    },
    wake() {
      resume?.();
      resume = undefined;
      pump();
    },
    async stop() {
      stopping.abort();
      unsubscribe();
      resume?.();
      for (const { cancel } of refused.values()) cancel();
      await Promise.allSettled([...underway.values()]);
    },
  };
}

/** What an answer says of times is by the clock. */
function inOurTime(answer: EventLike, engine: Engine): EventLike {
  if (answer.type !== "issuer.approval_needed") return answer;
  return { ...answer, until_ms: engine.timeOf(Number(answer["until_ms"])) };
}

/** What a refusal of the request itself means for the actor. A reversal, and the end of a change,
 * must come to be: they are tried again for ever, with pauses that hold up nobody else. */
function refusal(
  command: DurableCommand,
  reason: string,
): EventLike | undefined {
  switch (command.type) {
    case "issuer.authorise":
    case "issuer.conduct":
      return { type: "issuer.declined", reason };
    case "issuer.attest":
      return { type: "issuer.attestation_refused", attempt: command.attempt, reason };
    case "issuer.capture":
      return { type: "issuer.capture_refused", reason };
    case "issuer.forward":
      return { type: "issuer.forward_refused", reason };
    case "issuer.release":
      return { type: "issuer.allowances_released" };
    case "issuer.refund":
      return { type: "issuer.refund_refused", reason };
    case "issuer.begin_change":
      // The kind stands before the words; it is all that a lane can use.
      return { type: "issuer.change_refused", reason: reason.split(":", 1)[0] ?? reason };
    case "issuer.end_change":
    case "issuer.reverse":
      return undefined;
    case "retailer.submit_purchase":
      return { type: "retailer.purchase_refused", reason };
    case "retailer.tell_dispute":
      return { type: "retailer.dispute_noted", dispute: command.dispute };
    case "issuer.end_trip":
      return { type: "issuer.trip_ended" };
    case "issuer.decide_dispute":
      return { type: "issuer.dispute_closed", dispute: command.dispute, granted: false };
  }
}
