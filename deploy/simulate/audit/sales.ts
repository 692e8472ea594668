/**
 * The auditor's book of sales: what tills asked and were told, what the gateway wrote down and
 * sent, what the acquirer did. It knows the shop's rules and nothing of how they are kept.
 */
import type { Batch, HistoryRow, OutboxRow } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { SaleAnswer, TillSale } from "../../demo/till_words.ts";
import type { MoneyAct } from "../witness.ts";
import type { Report } from "./finding.ts";

type ChargesOf = (payment: string, asked: TillSale) => readonly number[];

/** All that is known of one payment. */
export interface Sale {
  readonly payment: string;
  /** What the till asked for; undefined as long as no till has heard the payment's id. */
  asked: TillSale | undefined;
  told: string | null;
  /** The till let the goods go while the issuer was away. */
  accepted: boolean;
  told_receipt: string | null;
  /** As the gateway's disk has it. */
  state: string;
  ended: boolean;
  /** Authorised and not let go of, by try. */
  readonly held: Map<string, number>;
  readonly captured: Map<string, number>;
  readonly refunded: Map<string, number>;
  /** An old disk was put back while it lived: the gateway's book may have forgotten it. */
  doubtful: boolean;
  readonly taps: Set<string>;
}

const ends = ["captured", "declined", "cancelled", "reversed", "refused_late"];
const money = [
  "issuer.authorise",
  "issuer.conduct",
  "issuer.capture",
  "issuer.refund",
  "issuer.reverse",
  "issuer.forward",
];
/** What spends a token. */
const charges = ["issuer.authorise", "issuer.forward"];
/** Taken for the time being: what a till may be told later. */
const later = ["accepted_offline", "captured", "refused_late"];
const mayBecome = (told: string, state: string) =>
  told === state || told === "accepted_offline" && later.includes(state);
/** With pauses between tries that grow, no outage of a day takes so many. */
const tries_of_one_request = 500;
const money_paths = [
  "/v1/authorisations",
  "/v1/conducts",
  "/v1/captures",
  "/v1/refunds",
  "/v1/reversals",
  "/v1/forwards",
];

export class SalesBook {
  readonly sales = new Map<string, Sale>();
  /** The first payment that asked with each token. */
  readonly #tokens = new Map<string, string>();
  /** The payment of each of the tills' own identifiers. */
  readonly #services = new Map<string, string>();
  /** Keys of commands that are written down and not settled. */
  #keys = new Map<string, number>();
  #positions = new Map<number, string>();
  /** Each key and what it stood for, once and for all. */
  readonly #meaning = new Map<string, string>();
  readonly #tries = new Map<string, number>();
  /** What the issuer answered under each key. */
  readonly #answers = new Map<string, string>();
  /** When a lane first took each payment's sale. */
  readonly #taken = new Map<string, number>();
  #restored = false;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number = () => 0,
    /** What may be charged for a payment that a till has asked for. */
    private readonly charges_of: ChargesOf = (_, { amount_minor }) => [amount_minor],
  ) {}

  /** When a lane took the sale; before all time when none did. */
  takenAt(payment: string): number {
    return this.#taken.get(payment) ?? -Infinity;
  }

  /** Payments for which the acquirer still holds money. */
  get holds(): string[] {
    return [...this.sales.values()].filter(({ held }) => held.size > 0)
      .map(({ payment }) => payment);
  }

  of(payment: string): Sale {
    let sale = this.sales.get(payment);
    if (!sale) {
      sale = {
        payment,
        asked: undefined,
        told: null,
        accepted: false,
        told_receipt: null,
        state: "nothing",
        ended: false,
        held: new Map(),
        captured: new Map(),
        refunded: new Map(),
        doubtful: this.#restored,
        taps: new Set(),
      };
      this.sales.set(payment, sale);
    }
    return sale;
  }

  committed({ history, outbox_added, outbox_settled }: Batch): void {
    for (const row of history) {
      if (row.address.startsWith("payment/")) this.#stepped(row);
      else if (row.event.type === "pos.sale_requested") this.#took(row.event["sale"]);
    }
    for (const row of outbox_added) this.#wrote(row);
    for (const position of outbox_settled) {
      this.#keys.delete(this.#positions.get(position) ?? "");
      this.#positions.delete(position);
    }
  }

  #stepped(row: HistoryRow): void {
    const payment = row.address.slice("payment/".length);
    const sale = this.of(payment);
    if (sale.ended) {
      this.report("an ended payment goes on", `${row.event.type} after ${sale.state}`, payment);
    }
    sale.state = String(row.after);
    sale.ended = ends.includes(sale.state);
  }

  #took(sale: unknown): void {
    const { payment } = sale as { payment: string };
    if (!this.#taken.has(payment)) this.#taken.set(payment, this.now_ms());
  }

  #wrote({ position, key, command }: OutboxRow): void {
    if (!money.includes(command.type)) return;
    this.#keys.set(key, position);
    this.#positions.set(position, key);
    const payment = String(command["payment"]);
    const meaning = `${command.type} ${payment} ${command["amount_minor"] ?? ""}`;
    const before = this.#meaning.get(key);
    if (before !== undefined && before !== meaning) {
      this.report("a key means one thing", `${key}: ${before}, then ${meaning}`, payment);
    }
    this.#meaning.set(key, meaning);
    if (!charges.includes(command.type)) return;
    const token = String(command["token"]);
    const first = this.#tokens.get(token) ?? payment;
    this.#tokens.set(token, first);
    if (first !== payment && !this.#restored) {
      this.report("a token is used once", `${first} and ${payment} hold one token`, payment, first);
    }
    const { asked, doubtful } = this.of(payment);
    const due = asked && !doubtful ? this.charges_of(payment, asked) : undefined;
    if (due?.includes(Number(command["amount_minor"])) === false) {
      this.report("the till's amount", `${command["amount_minor"]} is asked for`, payment);
    }
  }

  /** A request to the issuer leaves: its command must stand on the disk under this very key. */
  sent(path: string, key: string): void {
    if (!money_paths.includes(path)) return;
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    if (tries === tries_of_one_request) {
      this.report("a request comes to its end", `${path} was sent ${tries} times under ${key}`);
    }
    if (this.#keys.has(key)) return;
    this.report("written before it is sent", `${path} under ${key} is not on the disk`);
  }

  /** A repeat is answered as before, whatever has happened since. */
  answered(path: string, key: string, answer: string): void {
    const before = this.#answers.get(key) ?? answer;
    this.#answers.set(key, before);
    if (before !== answer) this.report("a repeat gets the answer of before", `${path}: ${answer}`);
  }

  tapped(payment: string, visit: string, operator: string): void {
    this.of(payment).taps.add(`${visit} ${operator}`);
  }

  tillTold(asked: TillSale, answer: SaleAnswer, disk: SimulatedDisk): void {
    const sale = this.of(answer.payment);
    sale.asked = asked;
    const service = `${asked.poi_id} ${asked.service_id}`;
    const first = this.#services.get(service) ?? answer.payment;
    this.#services.set(service, first);
    if (first !== answer.payment && !sale.doubtful && !this.of(first).doubtful) {
      this.report("one payment a sale", `${first} and ${answer.payment}`, answer.payment, first);
    }
    const { outcome, payment } = answer;
    const row = disk.actor(`payment/${payment}`);
    if (!row && !sale.doubtful) {
      this.report("a till is told of what is on the disk", `nothing is`, payment);
    }
    if (outcome === null) return;
    if (row && !sale.doubtful && !mayBecome(outcome, String(row.value))) {
      const detail = `told ${outcome}, the disk has ${String(row.value)}`;
      this.report("a till is told of what is on the disk", detail, payment);
    }
    if (sale.told !== null && !mayBecome(sale.told, outcome) && !sale.doubtful) {
      this.report("an outcome stays", `${sale.told}, then ${outcome}`, payment);
    }
    sale.told = outcome;
    sale.told_receipt = answer.receipt;
    const [taken] = sale.captured.values();
    if (outcome === "captured" && taken !== undefined && taken !== answer.charge_minor) {
      const detail = `${taken} was taken, the till was told ${answer.charge_minor}`;
      if (!sale.doubtful) this.report("the till's amount", detail, payment);
    }
    if (outcome === "captured" && sale.captured.size === 0) {
      this.report("captured means captured", "the acquirer took nothing", payment);
    }
    if (outcome === "accepted_offline") sale.accepted = true;
    else if (outcome !== "captured" && sale.captured.size > 0 && !sale.doubtful) {
      this.report("captured means captured", `the till was told ${outcome}`, payment);
    }
  }

  /** References are `store/payment/try`. */
  moved(reference: string, amount_minor: number, { act, outcome }: MoneyAct): void {
    const [, payment = ""] = reference.split("/");
    const sale = this.of(payment);
    if (act === "authorise" && outcome === "authorised") {
      sale.held.set(reference, amount_minor);
      if (sale.asked && sale.asked.amount_minor < amount_minor) {
        this.report("the till's amount", `${amount_minor} is held`, payment);
      }
    }
    if (act === "capture" && outcome === "captured") this.#captured(sale, reference, amount_minor);
    if (act === "refund") {
      const captured = sale.captured.get(reference) ?? 0;
      const back = (sale.refunded.get(reference) ?? 0) + amount_minor;
      sale.refunded.set(reference, back);
      if (back > captured) {
        this.report("no more is given back than was taken", `${back} of ${captured}`, payment);
      }
    }
    if (act === "reverse") {
      sale.held.delete(reference);
      if (sale.captured.has(reference)) {
        this.report("what is captured is not let go", reference, payment);
      }
    }
  }

  #captured(sale: Sale, reference: string, amount_minor: number): void {
    const held = sale.held.get(reference);
    if (held === undefined) {
      this.report("captured is authorised", "nothing is held for it", sale.payment);
    } else if (amount_minor > held) {
      this.report("captured is authorised", `${amount_minor} of ${held}`, sale.payment);
    }
    sale.captured.set(reference, amount_minor);
    sale.held.delete(reference);
    if (sale.captured.size > 1) {
      this.report("a sale is captured once", [...sale.captured.keys()].join(" "), sale.payment);
    }
  }

  /** What the old disk does not know is in doubt from now on, and so is what it knows as alive. */
  restored(disk: SimulatedDisk): void {
    this.#restored = true;
    for (const sale of this.sales.values()) {
      const row = disk.actor(`payment/${sale.payment}`);
      const state = row ? String(row.value) : "nothing";
      if (state !== sale.state || !row?.done) sale.doubtful = true;
      sale.state = state;
      sale.ended = row?.done ?? false;
    }
    this.#keys = new Map([...disk.outbox.values()].map(({ key, position }) => [key, position]));
    this.#positions = new Map([...this.#keys].map(([key, position]) => [position, key]));
  }

  /** A new day: what has ended is not looked at again. */
  forget(): void {
    this.sales.clear();
    this.#tokens.clear();
    this.#services.clear();
    this.#tries.clear();
    this.#taken.clear();
    this.#answers.clear();
    this.#restored = false;
  }
}
