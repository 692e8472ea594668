/**
 * Runs a simulated store for days: in each its own plan of faults, then a calm in which everything
 * must settle, then the auditor closes the books. Ends at the first rule that does not hold.
 */
import { Auditor } from "./audit/auditor.ts";
import { defaultSettings } from "../issuer/world.ts";
import type { Finding } from "./audit/finding.ts";
import { type FaultChoice, faultsOf, planOf } from "./plan.ts";
import { Record } from "./record.ts";
import { people_of_the_town, shop, type WireKind } from "./setting.ts";
import { SimulatedStore } from "./store.ts";
import { TripsBook } from "./audit/trips.ts";
import { tripFilesOf } from "./aisle/files.ts";

export interface SimulationOptions {
  readonly seed: number | string;
  /** Simulated hours with the doors open. */
  readonly hours: number;
  readonly faults: FaultChoice;
  /** Who ever comes; by default a town. */
  readonly people?: number;
  /** By default without HTTP. */
  readonly wire?: WireKind;
  /** Stops after this turn. */
  readonly until?: number;
  /** Gets everything that happens, line by line. */
  readonly trace?: (line: string) => void;
  /** Resolves when no promise has anything left to do. */
  readonly settle: () => Promise<void>;
}

export interface SimulationResult {
  readonly turns: number;
  readonly shoppers: number;
  readonly sales: number;
  readonly findings: readonly Finding[];
  readonly hash: string;
  /** What happened last to the actors of the first finding. */
  readonly last: readonly string[];
  /** Strikes of the heavier kind, to see that there were any. */
  readonly ends: number;
  readonly issuer_crashes: number;
  readonly restores: number;
  readonly strayed_messages: number;
  readonly payments: number;
  /** People who came to the gate of the walk-out aisle, and trips that were paid. */
  readonly visits_to_aisle: number;
  readonly trips_paid: number;
  /** Accepted while the issuer was away. */
  readonly accepted_offline: number;
  readonly refunds: number;
  readonly account_changes: number;
  /** Questions to phones. */
  readonly questions: number;
  /** Turns of the head that were shown as asked, and that were not. */
  readonly turns_met: number;
  readonly turns_failed: number;
  /** Charges to those whose voice told who they are. */
  readonly spoken: number;
  /** Ages proved from a document on the phone. */
  readonly ages: number;
  readonly simulated_ms: number;
}

const hour_ms = 3_600_000;
const day_hours = 4;
/** From the end of one day to the beginning of the next all of the shop is switched off; after the
 * last there are as many nights as a trip can need to come to its end. */
const night_ms = 20 * hour_ms;
const most_nights = 12;
/** Everything is settled within this after the last fault, or never. */
const calm_ms = 3 * hour_ms;
/** Leases end, templates go. */
const rest_ms = 240_000;
const skew_of_good_clocks_ms = 1_000;

export class Simulation {
  readonly #options: SimulationOptions;
  readonly #findings: Finding[] = [];
  readonly #record: Record;
  readonly #auditor: Auditor;
  readonly #trips: TripsBook;
  readonly #store: SimulatedStore;
  #first_position = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const report = (rule: string, detail: string, ...concerns: string[]) => {
      this.#findings.push({ rule, detail, concerns });
    };
    const now_ms = () => this.#store?.scheduler.now_ms() ?? 0;
    const turns = () => this.#turns;
    this.#record = new Record(now_ms, turns, () => this.#auditor, options.trace);
    this.#trips = new TripsBook(
      report,
      now_ms,
      () => tripFilesOf(this.#store),
      (check_in, at_ms) => this.#auditor.wasLive(check_in, at_ms),
    );
    this.#store = new SimulatedStore({
      trips: this.#trips,
      seed: options.seed,
      people: options.people ?? people_of_the_town,
      wire: options.wire ?? "direct",
      witness: this.#record,
      settle: options.settle,
      broken: (error) => this.broken(error),
      log: (level, message, fields) => {
        if (options.trace) this.#record.note(level, message, fields);
      },
    });
    this.#auditor = new Auditor({
      report,
      now_ms,
      skew_ms: () => skew_of_good_clocks_ms + 2 * this.#store.faults.skew_ms,
      disk: () => this.#store.gateway.disk,
      issuerRow: (payment) =>
        this.#store.issuer.store.tables.payment.first("by_name", shop.store.id, payment),
      issuerRows: () => {
        const since = { above: this.#first_position };
        const { payment } = this.#store.issuer.store.tables;
        return payment.all("of_gateway", [shop.gateway.id], since);
      },
      cameraOf: (lane) => shop.lanes.find(({ id }) => id === lane)?.camera ?? "",
      microphoneOf: (lane) => shop.lanes.find(({ id }) => id === lane)?.microphone ?? "",
      here: { gateway: shop.gateway.id, store: shop.store.id },
      trips: this.#trips,
      turns: () => this.#store.turns,
      offline_minor: defaultSettings.account_offline_minor,
      automatic: new Set(
        shop.lanes.filter(({ selection }) => selection === "automatic").map(({ id }) => id),
      ),
    });
  }

  get #turns(): number {
    return this.#store?.gateway?.turns ?? 0;
  }

  /** Something threw that must not. */
  broken(error: unknown): void {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#record.note("broken", error instanceof Error ? error.stack : detail);
    this.#findings.push({ rule: "nothing breaks", detail, concerns: ["broken"] });
  }

  async run(): Promise<SimulationResult> {
    const { hours, faults } = this.#options;
    const store = this.#store;
    await store.open();
    for (let day = 0; day * day_hours < hours && !this.#isOver(); day++) {
      const plan = planOf(faults, store.chance.fork(`day/${day}`));
      this.#record.note("day", day, faultsOf(plan));
      if (day > 0) await this.#night();
      store.faults.begin(plan);
      store.crowd.open();
      store.aisle.open();
      await this.#pass(Math.min(day_hours, hours - day * day_hours) * hour_ms);
      await this.#calm();
    }
    for (let night = 0; night < most_nights && this.#trips.open.length > 0; night++) {
      await this.#night();
    }
    if (!this.#isOver()) this.#trips.close();
    const result = this.#result();
    store.close();
    return result;
  }

  #isOver = (): boolean =>
    this.#findings.length > 0 ||
    this.#options.until !== undefined && this.#turns >= this.#options.until;

  async #pass(duration_ms: number, enough: () => boolean = () => false): Promise<void> {
    const { scheduler } = this.#store;
    if (this.#isOver()) return;
    await scheduler.run(scheduler.now_ms() + duration_ms, () => enough() || this.#isOver());
  }

  /** Passes time until it is so; that it never is, is a finding. */
  async #until(what: string, there: () => boolean, about: readonly string[] = []): Promise<void> {
    await this.#pass(calm_ms, there);
    if (this.#isOver() || there()) return;
    const open = [...this.#store.gateway.disk.live.values()].map(({ address, value }) =>
      `${address} ${JSON.stringify(value)}`
    );
    this.#findings.push({
      rule: "everything settles",
      detail: `${what}: ${open.join(", ")}`,
      concerns: about.length > 0
        ? about
        : open.filter((line) => /^(payment|visit)/.test(line)).slice(0, 4)
          .map((line) => line.split(" ")[0]?.split("/")[1] ?? ""),
    });
  }

  /** Everything is switched off, and on again; what was to happen meanwhile happens then. */
  async #night(): Promise<void> {
    if (this.#isOver()) return;
    const store = this.#store;
    this.#record.note("night");
    store.sleep();
    await this.#pass(night_ms);
    store.wake();
    await this.#pass(rest_ms);
    await this.#until("the morning", () => this.#atRest());
    await this.#finish("receipts", store.aisle.phones.map((phone) => phone.receipts()));
  }

  /** Nothing is on its way between gateway, issuer and retailer. */
  #atRest(): boolean {
    const { gateway, issuer, aisle } = this.#store;
    return gateway.running !== undefined && gateway.disk.outbox.size === 0 && aisle.empty &&
      !aisle.retailer.busy && issuer.store.tables.trip.all("due", [], { limit: 1 }).length === 0;
  }

  async #calm(): Promise<void> {
    if (this.#isOver()) return;
    const store = this.#store;
    this.#record.note("calm");
    store.crowd.shut();
    store.aisle.shut();
    store.faults.mend();
    const idle = () => store.crowd.size === 0 && store.lanes.every((lane) => lane.queue === 0);
    await this.#until("shoppers and tills", idle);
    // Sales that tills gave up end by themselves.
    const open = (kind: string) =>
      [...store.gateway.disk.live.keys()].some((address) =>
        address.startsWith(kind) && !this.#trips.knows(address.slice(kind.length))
      );
    await this.#until("payments", () => !open("payment/"));
    await this.#until("refunds and changes", () => !open("refund/") && !open("change/"));
    await this.#finish("tills hear of every sale", store.lanes.map((lane) => lane.settle()));
    const phones = [
      ...store.people.flatMap(({ own }) => own).map(({ phone }) => phone),
      ...store.aisle.phones,
    ];
    await this.#finish("phones leave", phones.map((phone) => phone.leave()));
    await this.#until("payments and outbox", () => {
      return !["payment/", "refund/", "change/"].some(open) && this.#atRest();
    });
    await this.#pass(rest_ms);
    // What a gateway has forgotten with its old disk, the issuer lets go of when its time is over.
    const { holds } = this.#auditor;
    await this.#until(`what is held ${holds}`, () => this.#auditor.holds.length === 0, holds);
    await this.#until("visits", () => !open("visit/"));
    await this.#finish("receipts", phones.map((phone) => phone.receipts()));
    if (this.#isOver()) return;
    this.#trips.closeDay();
    this.#auditor.closeDay();
    const last = store.issuer.store.tables.payment.last("of_gateway", shop.gateway.id);
    this.#first_position = last?.position ?? 0;
    store.acquirer.forget();
  }

  async #finish(what: string, work: readonly Promise<unknown>[]): Promise<void> {
    let done = false;
    const all = Promise.all(work).then(() => void (done = true));
    all.catch((error) => this.#isOver() ? undefined : this.broken(error));
    await this.#until(what, () => done);
  }

  #result(): SimulationResult {
    const { scheduler, crowd, lanes, gateway, issuer } = this.#store;
    return {
      turns: this.#turns,
      shoppers: crowd.arrivals,
      sales: lanes.reduce((sum, lane) => sum + lane.captured, 0),
      findings: this.#findings,
      hash: this.#record.hash,
      last: this.#findings.length === 0
        ? []
        : this.#record.lastOf(this.#findings[0]?.concerns ?? []),
      ends: gateway.ends,
      issuer_crashes: issuer.crashes,
      restores: gateway.restores,
      strayed_messages: gateway.strayed,
      payments: this.#auditor.checked,
      visits_to_aisle: this.#store.aisle.arrivals,
      trips_paid: this.#trips.paid,
      accepted_offline: this.#auditor.accepted,
      refunds: this.#auditor.refunds,
      account_changes: this.#auditor.changes,
      questions: this.#auditor.questions,
      turns_met: this.#auditor.heads.met,
      turns_failed: this.#auditor.heads.failed,
      spoken: this.#auditor.spoken,
      ages: this.#auditor.ages,
      simulated_ms: scheduler.now_ms(),
    };
  }
}
