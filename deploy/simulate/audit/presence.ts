/**
 * The auditor's book of presence: who was told to be checked in until when, whose template is on
 * which camera, who holds whose reservation, and what cameras really said.
 */
import type { Batch, HistoryRow } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { PerceptionReading } from "../../../runtime/world.ts";
import type { Report } from "./finding.ts";

interface Stay {
  lease_expires_ms: number;
  left_at_ms: number;
}

/** What the gateway knows of a visit. */
interface Known {
  lease_expires_ms: number;
  ended_at_ms: number;
}

/** Something that the issuer put on the gateway's feed. */
export interface FeedPut {
  readonly sequence: number;
  readonly expires_ms: number;
  /** The check-in of whose end it tells, if it does. */
  readonly ended: string | undefined;
}

/** A template may be on its way for this long before and after its visit is written down. */
const grace_ms = 15_000;
const look_every_ms = 1_000;
const period_ms = 64_000;
/** Readings that evidence may stand on. */
const readings_kept = 400;

export class PresenceBook {
  readonly #stays = new Map<string, Stay>();
  readonly #known = new Map<string, Known>();
  /** Cameras that hold the visit's template, and since when. */
  readonly #held = new Map<string, Map<string, number>>();
  readonly #holder = new Map<string, string>();
  readonly #readings: string[] = [];
  /** How often each was told lately, and when last. */
  readonly #readingSet = new Map<string, { count: number; at_ms: number }>();
  readonly #codes = new Map<string, number>();
  /** Ends of which the feed tells, by sequence; how far the gateway has read; who has gone by what
   * it has read. */
  readonly #ends = new Map<number, FeedPut>();
  #read = 0;
  readonly #gone = new Map<string, number>();
  /** Whom to look at in which second; each is in at least one that is not past its time. */
  readonly #calendar = new Map<number, Set<string>>();
  #looked: number | undefined;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    /** How wrong the gateway's clock may be by the present plan. */
    private readonly skew_ms: () => number,
  ) {}

  committed({ history, feed_cursor }: Batch): void {
    for (const row of history) if (row.address.startsWith("visit/")) this.#stepped(row);
    if (feed_cursor !== undefined) this.#heard(feed_cursor);
    this.look();
  }

  /** The same sequence may come again: what was put there was taken back with its transaction. */
  put(item: FeedPut): void {
    if (item.ended === undefined) this.#ends.delete(item.sequence);
    else this.#ends.set(item.sequence, item);
  }

  /** The gateway has read so far; what came too late for its clock it need not believe. */
  #heard(cursor: number): void {
    const now_ms = this.now_ms();
    for (let sequence = this.#read + 1; sequence <= cursor; sequence++) {
      const { ended, expires_ms = 0 } = this.#ends.get(sequence) ?? {};
      if (ended === undefined || expires_ms <= now_ms + this.skew_ms()) continue;
      this.#gone.set(ended, now_ms);
      if (this.#held.has(ended)) this.#expect(ended);
    }
    this.#read = cursor;
  }

  #stepped({ address, event, after, commands }: HistoryRow): void {
    const visit = address.slice("visit/".length);
    const known = this.#known.get(visit) ?? { lease_expires_ms: 0, ended_at_ms: Infinity };
    this.#known.set(visit, known);
    if (event.type === "issuer.visit_opened") {
      const lease = Number(event["lease_expires_ms"]);
      const held = event["allowances"] as readonly { expires_ms: number }[] | undefined;
      // While the issuer is not heard, a stay lasts as long as something is reserved for it.
      const over = (held ?? []).map(({ expires_ms }) => expires_ms);
      known.lease_expires_ms = Math.max(known.lease_expires_ms, lease, ...over);
    }
    if (event.type === "issuer.visit_opened" && after !== "away") known.ended_at_ms = Infinity;
    if (after === "left" || after === "leaving" || after === "away") {
      known.ended_at_ms = Math.min(known.ended_at_ms, this.now_ms());
      if (this.#held.has(visit)) this.#expect(visit);
    }
    if (
      event.type === "payment.reservation_released" && this.#holder.get(visit) === event["payment"]
    ) this.#holder.delete(visit);
    for (const command of commands) {
      if (command.type !== "tell") continue;
      const { to, event: told } = command as unknown as { to: string; event: { type: string } };
      if (told.type === "visit.reservation_granted") this.#granted(visit, to.slice(8));
    }
  }

  #granted(visit: string, payment: string): void {
    const holder = this.#holder.get(visit) ?? payment;
    this.#holder.set(visit, payment);
    if (holder !== payment) {
      const detail = `${holder} has it, and ${payment} is granted it`;
      this.report("one reservation a visit", detail, visit, payment, holder);
    }
  }

  admitted(camera: string, visit: string): void {
    const cameras = this.#held.get(visit) ?? new Map<string, number>();
    this.#held.set(visit, cameras.set(camera, this.now_ms()));
    this.#expect(visit);
  }

  wiped(camera: string, visit: string): void {
    const cameras = this.#held.get(visit);
    cameras?.delete(camera);
    if (cameras?.size === 0) this.#held.delete(visit);
  }

  emptied(camera: string): void {
    for (const visit of [...this.#held.keys()]) this.wiped(camera, visit);
  }

  /** No template outside a live check-in, as far as the gateway could know. Each visit is looked
   * at when its time as it was known is over, and again whenever that has been put off. */
  look(): void {
    const now_ms = this.now_ms();
    const now = Math.floor(now_ms / look_every_ms);
    if (this.#looked === undefined) this.#looked = now;
    for (; this.#looked < now; this.#looked++) {
      const visits = this.#calendar.get(this.#looked);
      this.#calendar.delete(this.#looked);
      for (const visit of visits ?? []) if (this.#held.has(visit)) this.#lookAt(visit, now_ms);
    }
  }

  #lookAt(visit: string, now_ms: number): void {
    const until_ms = this.#until(visit);
    for (const [camera, since_ms] of this.#held.get(visit) ?? []) {
      if (now_ms <= Math.max(until_ms, since_ms) + grace_ms) continue;
      this.report("no template outside a check-in", `${camera} still holds it`, visit);
    }
    this.#expect(visit);
  }

  #until(visit: string): number {
    const known = this.#known.get(visit);
    if (!known) return -Infinity;
    const gone_at_ms = this.#gone.get(visit) ?? Infinity;
    return Math.min(known.lease_expires_ms + this.skew_ms(), known.ended_at_ms, gone_at_ms);
  }

  /** A visit whose template is somewhere is looked at when that must be over. */
  #expect(visit: string): void {
    const since_ms = Math.min(...this.#held.get(visit)?.values() ?? []);
    const due_ms = Math.max(Math.max(this.#until(visit), since_ms) + grace_ms, this.now_ms());
    const second = Math.floor(due_ms / look_every_ms);
    const others = this.#calendar.get(second);
    if (others) others.add(visit);
    else this.#calendar.set(second, new Set([visit]));
  }

  /** After the calm, when all have gone: nobody's template is anywhere. */
  lookAtRest(): void {
    for (const visit of this.#held.keys()) {
      this.report("no template outside a check-in", "everybody has gone", visit);
    }
  }

  told(camera: string, reading: PerceptionReading): void {
    if (reading.type !== "matched") return;
    for (const { visit, frames, liveness, turns = 0 } of reading.matches) {
      const outcome = reading.outcome;
      const said = [camera, visit, frames, liveness, turns, outcome, reading.seen_at_ms].join(" ");
      this.#readings.push(said);
      const count = (this.#readingSet.get(said)?.count ?? 0) + 1;
      this.#readingSet.set(said, { count, at_ms: this.now_ms() });
    }
    while (this.#readings.length > readings_kept) {
      const oldest = this.#readings.shift() ?? "";
      const told = this.#readingSet.get(oldest);
      if (told && --told.count <= 0) this.#readingSet.delete(oldest);
    }
  }

  /** When the camera said so; undefined when it did not. */
  seenAt(visit: string, evidence: Readonly<Record<string, unknown>>): number | undefined {
    const { camera, frames, liveness, turns = 0, outcome, seen_at_ms } = evidence;
    const said = [camera, visit, frames, liveness, turns, outcome, seen_at_ms].join(" ");
    return this.#readingSet.get(said)?.at_ms;
  }

  codeSet(hardware_id: string, code: string, until_ms: number): void {
    this.#codes.set(`${hardware_id} ${code}`, until_ms);
  }

  checkedIn(check_in: string, lease_expires_ms: number, hardware_id: string, code: string): void {
    const stay = this.#stays.get(check_in) ?? { lease_expires_ms, left_at_ms: Infinity };
    if (stay.left_at_ms < this.now_ms()) {
      this.report("who has left is not renewed", check_in, check_in);
    }
    stay.lease_expires_ms = Math.max(stay.lease_expires_ms, lease_expires_ms);
    this.#stays.set(check_in, stay);
    const until_ms = this.#codes.get(`${hardware_id} ${code}`);
    if (until_ms === undefined || until_ms + period_ms < this.now_ms()) {
      const age = until_ms === undefined
        ? "never set"
        : `over since ${this.now_ms() - until_ms} ms`;
      this.report("only fresh codes check in", `the code was ${age}`, check_in);
    }
  }

  /** Nobody was told, but the issuer knows: whoever is charged by it is charged rightly. */
  leaseKept(check_in: string, lease_expires_ms: number): void {
    const stay = this.#stays.get(check_in) ?? { lease_expires_ms, left_at_ms: Infinity };
    stay.lease_expires_ms = Math.max(stay.lease_expires_ms, lease_expires_ms);
    this.#stays.set(check_in, stay);
  }

  checkedOut(check_in: string): void {
    const stay = this.#stays.get(check_in);
    if (stay) stay.left_at_ms = Math.min(stay.left_at_ms, this.now_ms());
  }

  /** Whether the issuer had told somebody that this check-in lives then. */
  wasLive(check_in: string, at_ms: number): boolean {
    const stay = this.#stays.get(check_in);
    return stay !== undefined && at_ms < stay.lease_expires_ms && at_ms <= stay.left_at_ms;
  }

  restored(disk: SimulatedDisk): void {
    this.#holder.clear();
    this.#known.clear();
    this.#gone.clear();
    this.#read = disk.head.feed_cursor;
    for (const { address, context } of disk.live.values()) {
      if (!address.startsWith("visit/")) continue;
      const visit = address.slice("visit/".length);
      const { held_by, lease_expires_ms: lease, allowances } = context as {
        held_by: string | null;
        lease_expires_ms: number;
        allowances: readonly { expires_ms: number }[];
      };
      if (held_by !== null) this.#holder.set(visit, held_by);
      const over = allowances.map(({ expires_ms }) => expires_ms);
      const lease_expires_ms = Math.max(lease, ...over);
      this.#known.set(visit, { lease_expires_ms, ended_at_ms: Infinity });
    }
  }

  forget(): void {
    this.#stays.clear();
    this.#known.clear();
    this.#gone.clear();
    for (const sequence of this.#ends.keys()) {
      if (sequence <= this.#read) this.#ends.delete(sequence);
    }
    // What is on the air when a day ends is heard by those who come first on the next.
    for (const [code, until_ms] of this.#codes) {
      if (until_ms + period_ms < this.now_ms()) this.#codes.delete(code);
    }
  }
}
