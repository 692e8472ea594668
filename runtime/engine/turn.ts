/**
 * A turn: one fact, and all that follows from it among the actors. What they ask for is put into
 * the draft; nothing leaves it before the commit.
 */
import type { Command, Emitted } from "../../actors/messages.ts";
import { invariant } from "../errors.ts";
import type { Heard, HistoryRow, JournalHead, MessageRow } from "../journal/journal.ts";
import { limits } from "../limits.ts";
import { type ActorRecord, type Actors, idOf, type RunningKind } from "./actors.ts";
import type { Draft } from "./draft.ts";
import type { EventLike } from "./engine.ts";
import type { Mail } from "./mail.ts";
import { mask } from "./mask.ts";
import type { ActorState, Step } from "./step.ts";

/** An event on its way into one actor. */
export interface Incoming {
  readonly to: string;
  readonly event: EventLike;
  /** For history: an address, `outside` or `timer`. */
  readonly from: string;
  /** When another actor sent it. */
  readonly message?: MessageRow;
  /** When it is a timer's: its sequence. */
  readonly timer?: number;
}

export interface TurnsOptions {
  readonly actors: Actors;
  readonly mail: Mail;
  readonly gateway: string;
  readonly incarnation: string;
  readonly durableCommands: ReadonlySet<string>;
  readonly secretKeys: ReadonlySet<string>;
  /** Whether somebody carries out this command, which is not durable. */
  readonly hasEffect: (type: string) => boolean;
  /** Told of what is refused because its actor is damaged. */
  readonly onDamage: (damage: Error, refused: Incoming) => void;
  /** Whose turn and position were used last. */
  readonly head: Pick<JournalHead, "turn" | "position">;
}

/** Stands between the address and the incarnation of a sender that is born anew at every start. */
const bornAnew = "#";

export class Turns {
  turn: number;
  /** Numbers timers, history and outbox. A step's timers come before its row in the history, so
   * that a journal's last position is behind every timer in it. */
  position: number;
  events = 0;
  refused = 0;
  /** Messages that arrived again. */
  repeated = 0;

  constructor(private readonly options: TurnsOptions) {
    this.turn = options.head.turn;
    this.position = options.head.position;
  }

  /** A message as it enters its receiver. */
  incoming(message: MessageRow): Incoming {
    const { address } = this.#parse(message.from);
    return { to: message.to, event: message.event, from: address, message };
  }

  /** Answers whether the first event was taken. */
  run(draft: Draft, first: Incoming): boolean {
    this.turn++;
    const queue = [first];
    let accepted = false;
    for (let steps = 0; steps < queue.length; steps++) {
      const incoming = queue[steps];
      if (!incoming) break;
      invariant(
        steps < limits.steps_per_turn,
        `${first.event.type} to ${first.to} leads to more than ${limits.steps_per_turn} steps`,
      );
      const taken = this.#take(draft, incoming, queue);
      if (steps === 0) accepted = taken;
    }
    return accepted;
  }

  #take(draft: Draft, incoming: Incoming, queue: Incoming[]): boolean {
    const { to, message } = incoming;
    const kind = this.options.actors.kindOf(to);
    const record = kind && draft.record(to);
    if (message && record && message.sequence <= lastHeard(record.heard, message.from)) {
      this.repeated++;
      return false;
    }
    const heard = message && record ? this.#hear(draft, record.heard, message) : record?.heard;
    const step = kind && this.#step(draft, kind, record, incoming);
    if (!step) {
      this.refused++;
      if (record?.damage) this.options.onDamage(record.damage, incoming);
      if (record && !record.done) this.#passOver(draft, record, incoming, heard);
      return false;
    }
    const before = record?.value;
    const born = heard ?? (message ? [message.from, message.sequence] : nobody);
    this.#apply(draft, incoming, kind, step, before, {
      sent: record?.sent ?? 0,
      heard: born,
      queue,
    });
    return true;
  }

  #step(
    draft: Draft,
    kind: RunningKind,
    record: ActorRecord | undefined,
    { to, event, timer }: Incoming,
  ): Step | undefined {
    const stamped = { ...event, at_ms: draft.at_ms };
    if (!record) {
      if (!kind.births.has(event.type)) return undefined;
      return kind.stepper.birth(idOf(to), stamped, this.position + 1);
    }
    if (record.done) return undefined;
    return kind.stepper.step(withoutTimer(record, timer), stamped, this.position + 1);
  }

  /** An event that changes nothing is gone all the same: its timer, and its turn to be taken. */
  #passOver(
    draft: Draft,
    record: ActorRecord,
    { timer, message }: Incoming,
    heard = record.heard,
  ): void {
    if (timer === undefined && !message) return;
    draft.put({ ...record, timers: withoutTimer(record, timer).timers, heard });
  }

  #apply(
    draft: Draft,
    { to, event, from }: Incoming,
    kind: RunningKind,
    step: Step,
    before: unknown,
    mail: { sent: number; readonly heard: Heard; readonly queue: Incoming[] },
  ): void {
    const { at_ms } = draft;
    this.position = step.sequence - 1;
    this.events++;
    const row: HistoryRow = {
      position: ++this.position,
      turn: this.turn,
      at_ms,
      address: to,
      from,
      event: mask(event, this.options.secretKeys),
      before,
      after: step.state.value,
      commands: mask(step.emitted, this.options.secretKeys) as HistoryRow["commands"],
    };
    draft.change(row, kind.durable);
    for (const emitted of step.emitted) {
      if (emitted.type === "tell") mail.sent++;
      this.#ask(draft, kind, to, emitted, mail);
    }
    const { sent, heard } = mail;
    const { value, context, timers, done, remembered } = step.state;
    // Written out: an object that grows out of another takes more room, for as long as it lives.
    const [last_ms, last_type] = [at_ms, event.type];
    const record = {
      address: to,
      kind,
      value,
      context,
      timers,
      done,
      sent,
      heard,
      last_ms,
      last_type,
    };
    draft.put(remembered === undefined ? record : { ...record, remembered });
  }

  #ask(
    draft: Draft,
    kind: RunningKind,
    from: string,
    emitted: Emitted,
    { sent, queue }: { readonly sent: number; readonly queue: Incoming[] },
  ): void {
    if (emitted.type === "tell") {
      // A sender that is born anew at every start counts from one again, under another name.
      const sender = kind.durable ? from : `${from}${bornAnew}${this.options.incarnation}`;
      const message = { from: sender, sequence: sent, to: emitted.to, event: emitted.event };
      this.#send(draft, message, queue);
      return;
    }
    const command: Command = emitted;
    if (this.options.durableCommands.has(command.type)) {
      const position = ++this.position;
      const key = `${this.options.gateway}:${this.options.incarnation}:${position}`;
      draft.outbox.push({ position, key, from, command: { ...command }, at_ms: draft.at_ms });
      return;
    }
    invariant(this.options.hasEffect(command.type), `${from} asks for ${command.type}: no effect`);
    draft.commands.push({ command, from });
  }

  #send(draft: Draft, message: MessageRow, queue: Incoming[]): void {
    const { now, later } = this.options.mail.send(message);
    if (now) queue.push(this.incoming(message));
    else if (this.options.actors.kindOf(message.to)?.durable) draft.keep(message);
    for (const delay_ms of later) draft.arrivals.push({ message, delay_ms });
  }

  /** Remembers a message as taken. Senders that can send and repeat nothing more are forgotten. */
  #hear(draft: Draft, heard: Heard, { from, sequence }: MessageRow): Heard {
    const at = heard.indexOf(from);
    if (at >= 0) return heard.with(at + 1, sequence);
    // A list that grew by itself holds room for seventeen.
    if (heard.length < 2 * limits.senders) return heard.concat(from, sequence);
    const next: (string | number)[] = [];
    for (let at = 0; at < heard.length; at += 2) {
      const sender = String(heard[at]);
      if (!this.#isForgettable(draft, sender)) next.push(sender, Number(heard[at + 1]));
    }
    return [...next, from, sequence];
  }

  #isForgettable(draft: Draft, sender: string): boolean {
    if (!this.options.mail.isQuiet(sender)) return false;
    const { address, incarnation } = this.#parse(sender);
    return incarnation !== this.options.incarnation || draft.isGone(address);
  }

  #parse(sender: string): { readonly address: string; readonly incarnation: string } {
    const { incarnation } = this.options;
    if (this.options.actors.kindOf(sender)?.durable) return { address: sender, incarnation };
    const mark = sender.lastIndexOf(bornAnew);
    return { address: sender.slice(0, mark), incarnation: sender.slice(mark + 1) };
  }
}

const nobody: Heard = [];

function lastHeard(heard: Heard, sender: string): number {
  const at = heard.indexOf(sender);
  return at < 0 ? 0 : Number(heard[at + 1]);
}

function withoutTimer(record: ActorRecord, sequence: number | undefined): ActorState {
  if (sequence === undefined) return record;
  const timers = record.timers.filter((timer) => timer.sequence !== sequence);
  return { ...record, timers };
}
