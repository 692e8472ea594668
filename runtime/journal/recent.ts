/**
 * What commits did to an actor since its row was last written: each change holds the parts that are
 * not what they were, which for most steps is little of an actor, and all of them in order make the
 * row. So each part is written out as JSON once, for the commit and for the row.
 */
import { limits } from "../limits.ts";
import type { ActorRow, Heard } from "./journal.ts";
import { never } from "./schema.ts";

type Fields = Readonly<Record<string, unknown>>;

/** One actor in one commit; what is undefined is not written out. */
export interface ActorChange {
  readonly address: string;
  readonly serial: number;
  /** Position of its last step. */
  readonly last: number;
  readonly done?: true | undefined;
  /** Nothing of what stood there before stays. */
  readonly whole?: true | undefined;
  readonly value?: unknown;
  readonly timers?: ActorRow["timers"] | undefined;
  readonly sent?: number | undefined;
  readonly heard?: Heard | undefined;
  readonly remembered?: NonNullable<ActorRow["remembered"]> | undefined;
  /** With `whole` the context, otherwise what has changed in it. */
  readonly context?: unknown;
  readonly unset?: readonly string[] | undefined;
}

const isPlain = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two short lists say the same. */
const isSame = (before: Heard, after: Heard): boolean =>
  before === after ||
  before.length === after.length && after.every((part, at) => part === before[at]);

/** The difference between two rows of an actor. Rows are never changed, only replaced. Either way
 * it is one literal: objects of one shape are written out several times as fast. */
function difference(
  before: ActorRow | undefined,
  row: ActorRow,
  { serial, last }: { readonly serial: number; readonly last: number },
): ActorChange {
  const { address, value, context, timers, sent, heard, remembered } = row;
  const done = row.done || undefined;
  const whole = !before || !isPlain(context) || !isPlain(before.context) ||
    (before.remembered !== undefined && remembered === undefined);
  if (whole) {
    return { address, serial, last, done, whole, value, timers, sent, heard, remembered, context };
  }
  return {
    address,
    serial,
    last,
    done,
    value: value === before.value ? undefined : value,
    timers: timers === before.timers ? undefined : timers,
    sent: sent === before.sent ? undefined : sent,
    heard: isSame(before.heard, heard) ? undefined : heard,
    remembered: remembered === before.remembered ? undefined : remembered,
    context: context === before.context ? undefined : changedParts(before.context, context),
    unset: context === before.context ? undefined : unsetParts(before.context, context),
  };
}

function changedParts(before: Fields, after: Fields): Fields | undefined {
  let changed: Record<string, unknown> | undefined;
  for (const key in after) {
    if (after[key] !== before[key] && after[key] !== undefined) {
      (changed ??= {})[key] = after[key];
    }
  }
  return changed;
}

function unsetParts(before: Fields, after: Fields): string[] | undefined {
  let unset: string[] | undefined;
  for (const key in before) {
    if (before[key] !== undefined && after[key] === undefined) (unset ??= []).push(key);
  }
  return unset;
}

/** An actor that was written lately. */
export class RecentActor {
  last = 0;
  done = false;
  due_ms: number = never;
  /** The last commit that changed it. */
  changed = 0;
  /** Its row in the table is as it is. */
  stored = false;
  #row: ActorRow | undefined;
  /** From when it was last written whole, with what stands between them: joined to the row at
   * once. */
  #changes: string[] = [];
  #whole_characters = 0;
  #characters = 0;

  constructor(readonly address: string, readonly serial: number) {}

  /** It was given a row. */
  get isKnown(): boolean {
    return this.#row !== undefined;
  }

  /** Takes over the row; answers the change as JSON text. */
  take(row: ActorRow, last: number): string {
    this.last = last;
    const before = this.#isLong ? undefined : this.#row;
    const change = difference(before, row, this);
    const text = JSON.stringify(change);
    if (change.whole) {
      this.#changes = [];
      this.#whole_characters = this.#characters = text.length;
    } else this.#characters += text.length;
    this.#row = row;
    this.stored = false;
    this.done = row.done;
    this.due_ms = never;
    for (const { due_ms } of row.timers) if (due_ms < this.due_ms) this.due_ms = due_ms;
    this.#changes.push(this.#changes.length === 0 ? "[" : ",", text);
    return text;
  }

  /** The whole is short beside what changed in it since. */
  get #isLong(): boolean {
    const most = Math.max(limits.changes_characters, 4 * this.#whole_characters);
    return this.#characters > most;
  }

  /** What the row in the table says: all changes since the whole was written. */
  get state(): string {
    return [...this.#changes, "]"].join("");
  }
}

/** An actor after a change that was read. */
export function changed(before: ActorRow | undefined, change: ActorChange): ActorRow {
  const { serial: _, last: __, whole, context, unset, ...parts } = change;
  const base = whole || !before ? undefined : before;
  let next = context;
  if (base) {
    const fields: Record<string, unknown> = { ...base.context as Fields };
    for (const key of unset ?? []) delete fields[key];
    next = Object.assign(fields, context);
  }
  return { ...base, ...parts, done: change.done ?? false, context: next } as ActorRow;
}
