/**
 * What commits did to an actor since its row was last written: each change holds the parts that are
 * not what they were, which for most steps is little of an actor, and all of them in order make the
 * row. So each part is written out as JSON once, for the commit and for the row.
 */
import type { ActorRow } from "./journal.ts";
import { never } from "./schema.ts";

type Fields = Readonly<Record<string, unknown>>;

/** One actor in one commit. */
export interface ActorChange {
  readonly address: string;
  readonly serial: number;
  /** Position of its last step. */
  readonly last: number;
  readonly done?: true;
  /** Nothing of what stood there before stays. */
  readonly whole?: true;
  readonly value?: unknown;
  readonly timers?: ActorRow["timers"];
  readonly sent?: number;
  readonly seen?: ActorRow["seen"];
  readonly remembered?: NonNullable<ActorRow["remembered"]>;
  /** With `whole` the context, otherwise what has changed in it. */
  readonly context?: unknown;
  readonly unset?: readonly string[];
}

const isPlain = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two flat objects say the same. */
function isSame(before: Fields, after: Fields): boolean {
  if (before === after) return true;
  let keys = 0;
  for (const key in after) {
    if (before[key] !== after[key]) return false;
    keys++;
  }
  for (const _ in before) keys--;
  return keys === 0;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The difference between two rows of an actor. Rows are never changed, only replaced. */
function difference(
  before: ActorRow | undefined,
  row: ActorRow,
  { serial, last }: { readonly serial: number; readonly last: number },
): ActorChange {
  const { address, value, context, timers, done, sent, seen, remembered } = row;
  const change: Writable<ActorChange> = { address, serial, last };
  if (done) change.done = true;
  const whole = !before || !isPlain(context) || !isPlain(before.context) ||
    (before.remembered !== undefined && remembered === undefined);
  if (whole) {
    Object.assign(change, { whole, value, timers, sent, seen, remembered, context });
    return change;
  }
  if (value !== before.value) change.value = value;
  if (timers !== before.timers) change.timers = timers;
  if (sent !== before.sent) change.sent = sent;
  if (!isSame(before.seen, seen)) change.seen = seen;
  if (remembered !== before.remembered && remembered) change.remembered = remembered;
  if (context !== before.context) compare(before.context as Fields, context as Fields, change);
  return change;
}

function compare(before: Fields, after: Fields, change: Writable<ActorChange>): void {
  let changed: Record<string, unknown> | undefined;
  let unset: string[] | undefined;
  for (const key in after) {
    if (after[key] === before[key]) continue;
    if (after[key] === undefined) (unset ??= []).push(key);
    else (changed ??= {})[key] = after[key];
  }
  for (const key in before) if (!(key in after)) (unset ??= []).push(key);
  if (changed) change.context = changed;
  if (unset) change.unset = unset;
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
  readonly #changes: string[] = [];

  constructor(readonly address: string, readonly serial: number) {}

  /** It was given a row. */
  get isKnown(): boolean {
    return this.#row !== undefined;
  }

  /** Takes over the row; answers the change as JSON text. */
  take(row: ActorRow, last: number): string {
    this.last = last;
    const text = JSON.stringify(difference(this.#row, row, this));
    this.#row = row;
    this.stored = false;
    this.done = row.done;
    this.due_ms = never;
    for (const { due_ms } of row.timers) if (due_ms < this.due_ms) this.due_ms = due_ms;
    this.#changes.push(text);
    return text;
  }

  /** What the row in the table says: all changes since the whole was written. */
  get state(): string {
    return `[${this.#changes.join(",")}]`;
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
