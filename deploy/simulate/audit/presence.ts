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

/** A template may be on its way for this long before and after its visit is written down. */
const grace_ms = 15_000;
/** Readings that evidence may stand on. */
const readings_kept = 400;

export class PresenceBook {
  readonly #stays = new Map<string, Stay>();
  readonly #known = new Map<string, Known>();
  /** Cameras that hold the visit's template, and since when. */
  readonly #held = new Map<string, Map<string, number>>();
  readonly #holder = new Map<string, string>();
  readonly #readings: string[] = [];
  readonly #readingSet = new Map<string, number>();
  readonly #codes = new Map<string, number>();
  #looked_at_ms = 0;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    /** How wrong the gateway's clock may be by the present plan. */
    private readonly skew_ms: () => number,
  ) {}

  committed({ history }: Batch): void {
    for (const row of history) if (row.address.startsWith("visit/")) this.#stepped(row);
    if (this.now_ms() - this.#looked_at_ms >= 1_000) this.look();
  }

  #stepped({ address, event, after, commands }: HistoryRow): void {
    const visit = address.slice("visit/".length);
    const known = this.#known.get(visit) ?? { lease_expires_ms: 0, ended_at_ms: Infinity };
    this.#known.set(visit, known);
    if (event.type === "issuer.visit_opened") {
      const lease = Number(event["lease_expires_ms"]);
      known.lease_expires_ms = Math.max(known.lease_expires_ms, lease);
    }
    if (after === "left" || after === "leaving") {
      known.ended_at_ms = Math.min(known.ended_at_ms, this.now_ms());
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
  }

  wiped(camera: string, visit: string): void {
    const cameras = this.#held.get(visit);
    cameras?.delete(camera);
    if (cameras?.size === 0) this.#held.delete(visit);
  }

  emptied(camera: string): void {
    for (const visit of [...this.#held.keys()]) this.wiped(camera, visit);
  }

  /** No template outside a live check-in, as far as the gateway could know. */
  look(): void {
    const now_ms = this.#looked_at_ms = this.now_ms();
    for (const [visit, cameras] of this.#held) {
      const known = this.#known.get(visit);
      const until_ms = known
        ? Math.min(known.lease_expires_ms + this.skew_ms(), known.ended_at_ms)
        : -Infinity;
      for (const [camera, since_ms] of cameras) {
        if (now_ms <= Math.max(until_ms, since_ms) + grace_ms) continue;
        this.report("no template outside a check-in", `${camera} still holds it`, visit);
      }
    }
  }

  /** After the calm, when all have gone: nobody's template is anywhere. */
  lookAtRest(): void {
    for (const visit of this.#held.keys()) {
      this.report("no template outside a check-in", "everybody has gone", visit);
    }
  }

  told(camera: string, reading: PerceptionReading): void {
    if (reading.type !== "matched") return;
    for (const { visit, frames, liveness } of reading.matches) {
      const outcome = reading.outcome;
      const said = [camera, visit, frames, liveness, outcome, reading.seen_at_ms].join(" ");
      this.#readings.push(said);
      this.#readingSet.set(said, (this.#readingSet.get(said) ?? 0) + 1);
    }
    while (this.#readings.length > readings_kept) {
      const oldest = this.#readings.shift() ?? "";
      const count = (this.#readingSet.get(oldest) ?? 0) - 1;
      if (count > 0) this.#readingSet.set(oldest, count);
      else this.#readingSet.delete(oldest);
    }
  }

  /** Whether the camera said so. */
  wasSeen(visit: string, evidence: Readonly<Record<string, unknown>>): boolean {
    const { camera, frames, liveness, outcome, seen_at_ms } = evidence;
    return this.#readingSet.has([camera, visit, frames, liveness, outcome, seen_at_ms].join(" "));
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
    const period_ms = 64_000;
    if (until_ms === undefined || until_ms + period_ms < this.now_ms()) {
      const age = until_ms === undefined
        ? "never set"
        : `over since ${this.now_ms() - until_ms} ms`;
      this.report("only fresh codes check in", `the code was ${age}`, check_in);
    }
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
    for (const { address, context } of disk.live.values()) {
      if (!address.startsWith("visit/")) continue;
      const visit = address.slice("visit/".length);
      const { held_by, lease_expires_ms } = context as {
        held_by: string | null;
        lease_expires_ms: number;
      };
      if (held_by !== null) this.#holder.set(visit, held_by);
      this.#known.set(visit, { lease_expires_ms, ended_at_ms: Infinity });
    }
  }

  forget(): void {
    this.#stays.clear();
    this.#known.clear();
    this.#codes.clear();
  }
}
