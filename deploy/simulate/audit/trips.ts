/**
 * The auditor's book of walk-out trips: what phones showed and agreed to, what the gateway handed
 * over, what the retailer took down and asked for, and what the acquirer did. It prices nothing.
 */
// long because every rule about a trip is to be seen beside the next
import type { Batch, HistoryRow } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { PerceptionReading } from "../../../runtime/world.ts";
import type { Receipt } from "../../../runtime/sync/contract/schemas.ts";
import type { CartItem, TripWitness } from "../aisle/witness.ts";
import type { MoneyAct } from "../witness.ts";
import type { Report } from "./finding.ts";
import { agreeOnTrip, type TripFiles } from "./trip_agreement.ts";

/** All that is known of one trip. */
export interface Journey {
  readonly trip: string;
  /** The cart's state as the gateway's disk has it. */
  state: string;
  /** What the gateway handed over, written down as the retailer is to hear it. */
  readonly handed: string[];
  /** What the retailer took down first, and under which name. */
  purchase: string | undefined;
  items: readonly CartItem[];
  /** Totals that the retailer asked for: to be charged, or to be held. */
  readonly asked: Set<number>;
  /** Amounts of what is held that the retailer asked to take. */
  readonly takes: Set<number>;
  readonly held: Map<string, number>;
  readonly captured: Map<string, number>;
  captured_at_ms: number;
  refunded_minor: number;
  /** As the shopper's phone has it. */
  receipt: string | undefined;
  /** What the retailer asked to give back, by request. */
  readonly wanted_back: Map<string, number>;
  /** How often its shopper had what is owed charged again. */
  settled: number;
  readonly disputes: Set<string>;
  /** Those of which the retailer was told that it has the goods. */
  readonly returned: Set<string>;
  /** An old disk was put back while it lived: the gateway's book may have forgotten it. */
  doubtful: boolean;
}

const day_ms = 86_400_000;
/** A dispute that nobody has decided by then is granted. */
const forgotten_ms = 3 * day_ms;
/** From a camera's word to the gate's question, and from there to the issuer's answer. */
const sight_ms = 15_000;
/** Between the issuer's clock and a phone that hears of it. */
const slack_ms = 120_000;
export const cart_ends = ["settled", "unpaid", "cancelled", "unsold"];

export class TripsBook implements TripWitness {
  readonly journeys = new Map<string, Journey>();
  readonly #limits = new Map<string, number>();
  readonly #codes = new Map<string, Set<string>>();
  readonly #used = new Map<string, string>();
  /** What the retailer was told was never taken, by dispute. */
  readonly #returned = new Map<string, CartItem>();
  /** Amounts to which an account agreed, each good for one charge. */
  readonly #yes = new Map<string, number[]>();
  #restored = false;
  /** When a camera was last sure of one person alone, by camera and visit. */
  readonly #sure = new Map<string, number>();
  /** Who was let in by the face: camera and visit, by trip. */
  readonly #faced = new Map<string, string>();

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    private readonly files: () => TripFiles,
    /** As the issuer told the phone. */
    private readonly wasLive: (check_in: string, at_ms: number) => boolean,
  ) {}

  of(trip: string): Journey {
    let found = this.journeys.get(trip);
    if (!found) {
      found = {
        trip,
        state: "nothing",
        handed: [],
        purchase: undefined,
        items: [],
        asked: new Set(),
        takes: new Set(),
        held: new Map(),
        captured: new Map(),
        captured_at_ms: Infinity,
        refunded_minor: 0,
        receipt: undefined,
        wanted_back: new Map(),
        settled: 0,
        disputes: new Set(),
        returned: new Set(),
        doubtful: this.#restored,
      };
      this.journeys.set(trip, found);
    }
    return found;
  }

  /** True for what is a trip, or a payment of one. */
  knows(trip: string): boolean {
    return this.journeys.has(trip);
  }

  limited(account: string, sale_minor: number): void {
    this.#limits.set(account, sale_minor);
  }

  codeShown(account: string, jti: string): void {
    const codes = this.#codes.get(account) ?? new Set();
    this.#codes.set(account, codes.add(jti));
  }

  agrees(account: string, amount_minor: number): void {
    this.#yes.set(account, [...this.#yes.get(account) ?? [], amount_minor]);
  }

  settles(_account: string, trip: string): void {
    this.of(trip).settled++;
  }

  disputed(trip: string, dispute: string): void {
    const journey = this.of(trip);
    const since_ms = this.now_ms() - journey.captured_at_ms;
    if (!journey.disputes.has(dispute) && !(since_ms <= day_ms + slack_ms)) {
      this.report("a line is disputed within a day", `after ${since_ms} ms`, trip);
    }
    journey.disputes.add(dispute);
  }

  purchased(trip: string, purchase: string, items: readonly CartItem[]): void {
    const journey = this.of(trip);
    if (!journey.handed.includes(wordsOf(items))) {
      this.report("the retailer hears what the cart held", `${wordsOf(items)} was heard`, trip);
    }
    if (journey.purchase === undefined) {
      journey.purchase = purchase;
      journey.items = items;
    } else if (journey.purchase !== purchase) {
      const detail = `${journey.purchase}, then ${purchase}`;
      this.report("a trip is purchased once", detail, trip);
    }
  }

  receipt(account: string, { payment, receipt, refund }: Receipt): void {
    const journey = this.of(payment);
    const own = this.files().trip(payment)?.account;
    if (own !== account) this.report("a receipt tells of a charge", `${account} has it`, payment);
    if ((refund ?? null) === null) journey.receipt = receipt;
  }

  returned(trip: string, dispute: string, item: CartItem): void {
    const granted = this.files().disputes(trip).find((row) => row.dispute === dispute)?.granted;
    if (granted !== 1) {
      this.report("the retailer hears of what is given back", `${dispute} was not`, trip);
    }
    this.#returned.set(dispute, item);
    this.of(trip).returned.add(dispute);
  }

  retailerAsks(path: string, body: Readonly<Record<string, unknown>>): void {
    const trip = String(body["shoppingTripId"] ?? body["idempotentShoppingTripId"]);
    const journey = this.of(trip);
    const { amount } = (body["amount"] ?? {}) as { amount?: number };
    const minor = Math.round((amount ?? 0) * 100);
    if (path === "/v1/checkout/carts") journey.asked.add(totalOf(body));
    if (path === "/v1/adjust/charge") journey.asked.add(minor);
    if (path === "/v1/capture/charge") journey.takes.add(minor);
    if (path === "/v1/refund") journey.wanted_back.set(String(body["refundRequestId"]), minor);
  }

  committed({ history, outbox_added }: Batch): void {
    for (const row of history) {
      if (row.address.startsWith("cart/")) this.#stepped(row);
      else if (row.address.startsWith("gate/")) this.#asked(row);
    }
    for (const { command } of outbox_added) {
      if (command.type !== "retailer.submit_purchase") continue;
      const { trip, lines } = command as unknown as { trip: string; lines: CartItem[] };
      const journey = this.of(trip);
      if (journey.handed.length > 0 && !journey.doubtful) {
        this.report("a trip is purchased once", "it was handed over again", trip);
      }
      journey.handed.push(wordsOf(lines));
    }
  }

  #stepped({ address, event, after }: HistoryRow): void {
    const journey = this.of(address.slice("cart/".length));
    if (cart_ends.includes(journey.state) && after !== journey.state) {
      const detail = `${event.type} after ${journey.state}`;
      this.report("an ended cart goes on", detail, journey.trip);
    }
    journey.state = String(after);
  }

  /** A camera of the gate says whom it sees. */
  told(camera: string, reading: PerceptionReading): void {
    if (reading.type !== "matched" || reading.outcome !== "identified") return;
    const [sole, ...others] = reading.matches;
    if (sole === undefined || others.length > 0 || sole.liveness !== "passed") return;
    this.#sure.set(`${camera} ${sole.visit}`, this.now_ms());
  }

  /** By a face comes in whom the camera has just been sure of, and who is checked in. */
  #looked({ event }: HistoryRow): void {
    if (event.type === "gate.face_seen") {
      const [trip, who] = [String(event["entry"]), `${event["camera"]} ${event["visit"]}`];
      this.#faced.set(trip, who);
      const seen_ms = this.#sure.get(who) ?? -Infinity;
      if (this.now_ms() - seen_ms > sight_ms) {
        this.report("a face opens when a camera is sure of it", who, trip);
      }
    }
    if (event.type !== "issuer.admitted") return;
    const { kind, visit = "", camera } = event["evidence"] as Record<string, string>;
    const trip = String(event["entry"]);
    if (kind === "code_at_gate") return this.#let_in(trip);
    if (kind !== "face_at_gate") return;
    if (this.#faced.get(trip) !== `${camera} ${visit}`) {
      this.report("a face opens when a camera is sure of it", `${visit} was not asked for`, trip);
    }
    if (!this.wasLive(visit, this.now_ms() - sight_ms)) {
      this.report("only those present come in by their face", visit, trip, visit);
    }
  }

  /** From here on it may be a trip. */
  #asked(row: HistoryRow): void {
    this.#looked(row);
    const { commands } = row;
    for (const command of commands) {
      if (command.type === "issuer.admit") this.of(String(command["entry"]));
    }
  }

  /** True when it was for a trip. References are `store/payment/try`. */
  moved(reference: string, amount_minor: number, { act, outcome }: MoneyAct): boolean {
    const [, trip = ""] = reference.split("/");
    const journey = this.journeys.get(trip);
    if (!journey) return false;
    if (act === "authorise" && outcome === "authorised") {
      this.#held(journey, reference, amount_minor);
    }
    if (act === "capture" && outcome === "captured") {
      this.#captured(journey, reference, amount_minor);
    }
    if (act === "refund") this.#refunded(journey, amount_minor);
    if (act === "reverse") {
      journey.held.delete(reference);
      if (journey.captured.has(reference)) {
        this.report("what is captured is not let go", reference, trip);
      }
    }
    return true;
  }

  #held(journey: Journey, reference: string, amount_minor: number): void {
    const { trip, held, captured } = journey;
    if (held.size > 0 || captured.size > 0) {
      const before = [...held.keys(), ...captured.keys()].join(" ");
      this.report("a trip is charged once", `${reference} beside ${before}`, trip);
    }
    held.set(reference, amount_minor);
    if (journey.purchase === undefined) {
      this.report("no charge without a retailer's cart", "it has taken none down", trip);
    } else if (!journey.items.some(({ units }) => units > 0)) {
      this.report("an empty cart is never charged", `${amount_minor} is held`, trip);
    }
    // What was to be taken and could not be is owed, and charged anew when its shopper says so.
    const owed = journey.settled > 0 && journey.takes.has(amount_minor);
    if (!journey.asked.has(amount_minor) && !owed) {
      const asked = [...journey.asked].join(", ");
      this.report("charged as the retailer says", `${amount_minor} instead of ${asked}`, trip);
    }
    if (["unsold", "cancelled"].includes(journey.state) && !journey.doubtful) {
      this.report("nothing is charged for an ended trip", `it was ${journey.state}`, trip);
    }
    this.#agreed(journey, amount_minor);
    this.#let_in(journey.trip);
  }

  /** Above the limit the phone has said yes, to this much. */
  #agreed(journey: Journey, amount_minor: number): void {
    const account = this.files().trip(journey.trip)?.account ?? "";
    const limit_minor = this.#limits.get(account);
    if (limit_minor === undefined) {
      return this.report("money is written down first", "nobody is known to pay", journey.trip);
    }
    if (amount_minor <= limit_minor || journey.settled > 0) return;
    const yes = this.#yes.get(account) ?? [];
    const at = yes.indexOf(amount_minor);
    if (at < 0) {
      const detail = `${amount_minor} is above ${limit_minor}, and nobody agreed`;
      this.report("above the limit the phone has said yes", detail, journey.trip);
    }
  }

  /** By a code that the account's own phone made, which opened for nobody else. */
  #let_in(trip: string): void {
    const row = this.files().trip(trip);
    const { kind, jti = "" } = JSON.parse(row?.evidence ?? "{}") as { kind?: string; jti?: string };
    if (kind === "face_at_gate" && !this.#faced.has(trip)) {
      this.report("nobody comes in without a code or a face of his own", "no face", trip);
    }
    if (kind !== "code_at_gate") return;
    if (!this.#codes.get(row?.account ?? "")?.has(jti)) {
      this.report("nobody comes in without a code of his own", jti, trip);
    }
    const first = this.#used.get(jti) ?? trip;
    this.#used.set(jti, first);
    if (first !== trip) this.report("a code opens once", `${first} and ${trip}`, trip, first);
  }

  #captured(journey: Journey, reference: string, amount_minor: number): void {
    const { trip, held, captured, asked, takes } = journey;
    if (amount_minor > (held.get(reference) ?? 0)) {
      this.report("captured is authorised", `${amount_minor} of ${held.get(reference)}`, trip);
    }
    held.delete(reference);
    captured.set(reference, amount_minor);
    journey.captured_at_ms = this.now_ms();
    if (captured.size > 1) {
      this.report("a trip is charged once", [...captured.keys()].join(" "), trip);
    }
    if (!asked.has(amount_minor) && !takes.has(amount_minor)) {
      this.report("charged as the retailer says", `${amount_minor} is taken`, trip);
    }
  }

  #refunded(journey: Journey, amount_minor: number): void {
    const { trip, captured, wanted_back, disputes } = journey;
    journey.refunded_minor += amount_minor;
    const taken = [...captured.values()].reduce((sum, some) => sum + some, 0);
    if (journey.refunded_minor > taken) {
      const detail = `${journey.refunded_minor} of ${taken}`;
      this.report("no more is given back than was taken", detail, trip);
    }
    const known = this.files().disputes(trip).filter(({ granted, raised_at_ms }) =>
      granted === 1 || this.now_ms() - raised_at_ms >= forgotten_ms
    );
    const due = [...wanted_back.values(), ...known.map((row) => row.amount_minor)]
      .reduce((sum, some) => sum + some, 0);
    if (journey.refunded_minor > due) {
      const detail = `${journey.refunded_minor}, and ${due} was to be (${disputes.size} disputed)`;
      this.report("given back is what was to be", detail, trip);
    }
  }

  /** What the old disk does not know is in doubt from now on, and so is what it knows as alive. */
  restored(disk: SimulatedDisk): void {
    this.#restored = true;
    for (const journey of this.journeys.values()) {
      const row = disk.actor(`cart/${journey.trip}`);
      const state = row ? String(row.value) : "nothing";
      if (state !== journey.state || !row?.done) journey.doubtful = true;
      journey.state = state;
    }
  }

  /** After a calm: what has ended has one end in all books. */
  closeDay(): void {
    this.#restored = false;
    for (const journey of this.journeys.values()) {
      agreeOnTrip(this.report, journey, this.files(), false);
    }
    this.#stock();
  }

  get paid(): number {
    return [...this.journeys.values()].filter(({ captured }) => captured.size > 0).length;
  }

  /** Trips that have not come to their end, as issuer and gateway have them. */
  get open(): string[] {
    const { trip: rowOf, disputes } = this.files();
    return [...this.journeys.values()].flatMap(({ trip, state, held }) => {
      const row = rowOf(trip);
      const gateway = state !== "nothing" && !cart_ends.includes(state);
      const issuer = row !== undefined && row.ended_at_ms === null;
      const asked = disputes(trip).some(({ granted }) => granted === null);
      return gateway || issuer || asked || held.size > 0 ? [trip] : [];
    });
  }

  /** After the last night: every trip has come to its end. */
  close(): void {
    for (const journey of this.journeys.values()) {
      agreeOnTrip(this.report, journey, this.files(), true);
    }
    this.#stock();
  }

  /** What the retailer has left is what it had, less what trips took, and what came back. */
  #stock(): void {
    const { stock } = this.files();
    const taken = new Map<string, number>();
    for (const { items } of this.journeys.values()) {
      for (const { gtin, units } of items) taken.set(gtin, (taken.get(gtin) ?? 0) + units);
    }
    for (const { gtin, units } of this.#returned.values()) {
      taken.set(gtin, (taken.get(gtin) ?? 0) - units);
    }
    for (const [gtin, { began, left }] of stock()) {
      const due = began - (taken.get(gtin) ?? 0);
      if (left !== due) {
        this.report("the retailer's stock agrees", `${left} of ${gtin}, not ${due}`, gtin);
      }
    }
  }
}

const wordsOf = (items: readonly CartItem[]) =>
  items.map(({ gtin, units }) => `${units} ${gtin}`).sort().join(", ");

/** The total of a checkout, in minor units. */
function totalOf(body: Readonly<Record<string, unknown>>): number {
  const { priceTotal } = body["orderTotals"] as { priceTotal: { amount: string } };
  return Number(priceTotal.amount.replace(".", ""));
}
