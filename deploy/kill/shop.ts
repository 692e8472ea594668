/** The store of the kill test: one hall, four lanes, and tills that never tire. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { type Config, parseConfig } from "../../runtime/config.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import { Cashier, type CashierPace, type FinishedSale } from "../demo/cashier.ts";
import { Till } from "../demo/till.ts";
import { saleAnswer } from "../demo/till_words.ts";
import { tillMemory } from "../demo/till_memory.ts";
import { demoPin } from "../demo/operators.ts";
import type { PhoneRules } from "../phone/rules.ts";
import { Air } from "./air.ts";
import { type Person, Queue, settle } from "./people.ts";
import type { Acknowledgement } from "./verdict.ts";
import type { ToGateway } from "./words.ts";

const lanes = ["1", "2", "3", "4"].map((id) => ({
  id,
  name: `Lane ${id}`,
  zone: "hall",
  camera: `till-${id}`,
}));
const people_per_lane = 3;
const pace = {
  scan_ms: [5, 60],
  look_ms: 40,
  recognise_ms: 20_000,
  cash_ms: 1_000,
  approve_ms: 20_000,
  change_ms: 20_000,
  cancel_every: 13,
} as const;

const hears_every_ms = 400;

export function configFor(data: string, ports: { gateway: number; issuer: number }): Config {
  return parseConfig({
    store: {
      id: "hard-times",
      name: "Hard Times Market",
      merchant: "hard-times-foods",
      currency: "EUR",
      jurisdiction: "DE",
      timezone: "Europe/Berlin",
    },
    gateway: { id: "hard-times-1" },
    http: { port: ports.gateway },
    issuer: { url: `http://127.0.0.1:${ports.issuer}` },
    data,
    zones: [{ id: "hall", name: "Hall" }],
    lanes,
    beacons: [{ hardware_id: "hall-b1", zone: "hall", device: { kind: "simulated" } }],
    cameras: lanes.map(({ camera, zone }) => ({
      id: camera,
      zone,
      device: { kind: "simulated" },
    })),
    policies: { selection_timeout_ms: 60_000, authorisation_timeout_ms: 15_000 },
  });
}

export interface ShopSetting {
  readonly seed: string;
  readonly config: Config;
  /** Where all of it takes longer than in processes of this machine. */
  readonly pace?: Partial<CashierPace>;
  readonly phones?: Partial<PhoneRules>;
  /** Tells the gateway, if there is one. */
  readonly tell: (word: ToGateway) => void;
}

/** People and tills before a gateway that dies again and again. */
export class Shop {
  readonly air: Air;
  readonly acknowledged: Acknowledgement[] = [];
  readonly sales: FinishedSale[] = [];
  readonly #setting: ShopSetting;
  readonly #people: readonly Person[];
  readonly #queues = new Map<string, Queue>();
  readonly #tills = new Map<string, Till>();
  readonly #cashiers: Cashier[] = [];
  readonly #selling = new Map<string, string>();

  private constructor(setting: ShopSetting, people: readonly Person[]) {
    this.#setting = setting;
    this.#people = people;
    this.air = new Air(hears_every_ms);
    for (const { phone } of people) this.air.hear(phone);
  }

  /** Opens every account at the issuer. */
  static async settle(setting: ShopSetting): Promise<Shop> {
    const people: Person[] = [];
    for (let number = 0; number < lanes.length * people_per_lane; number++) {
      const { seed, config, phones } = setting;
      people.push(await settle(seed, number, config.issuer.url, phones));
    }
    return new Shop(setting, people);
  }

  open(): void {
    const run = String.fromCharCode(...realRandom.bytes(6).map((byte) => 97 + byte % 26));
    for (const [place, { id, camera }] of lanes.entries()) {
      const from = place * people_per_lane;
      const people = this.#people.slice(from, from + people_per_lane);
      this.#queues.set(camera, new Queue(people, (person) => this.#show(camera, person)));
      const cashier = this.#cashierAt(place, id, camera, run);
      this.#cashiers.push(cashier);
      cashier.start();
    }
  }

  /** A gateway has come up and sees nothing yet: everybody stands where they stood. */
  showAll(): void {
    for (const [camera, queue] of this.#queues) this.#show(camera, queue.front);
  }

  /** Whether the issuer was asked for some sale and no till knows yet what came of it. */
  get isSettling(): boolean {
    return [...this.#selling.values()].some((state) =>
      /awaiting_auth|capture|reversing/.test(state)
    );
  }

  /** No new sales; names the tills whose last one did not end in time. */
  async close(within_ms: number): Promise<string[]> {
    const closed = Promise.all(this.#cashiers.map((cashier) => cashier.close()));
    let late: string[] = [];
    const cancel = realClock.after(within_ms, () => {
      late = [...this.#selling].map(([lane, state]) => `the till of lane ${lane} (${state})`);
      for (const till of this.#tills.values()) till.stop();
    });
    await closed;
    cancel();
    return late;
  }

  /** Every receipt of every account, after a last look. */
  async receipts() {
    await Promise.all(this.#people.map(({ phone }) => phone.receipts()));
    return new Map(this.#people.map(({ account, receipts }) => [account, receipts]));
  }

  stop(): void {
    this.air.stop();
    for (const queue of this.#queues.values()) queue.stop();
    for (const till of this.#tills.values()) till.stop();
    for (const { phone } of this.#people) phone.stop();
  }

  #show(camera: string, person: Person | undefined): void {
    this.#setting.tell({ say: "before", camera, face: person?.face.slice() ?? null });
  }

  #cashierAt(place: number, lane: string, camera: string, run: string): Cashier {
    const { config, seed } = this.#setting;
    const front = () => this.#queues.get(camera)?.front;
    const till = new Till({
      gateway: `http://127.0.0.1:${config.http.port}`,
      lane,
      operator: `cashier-${lane}`,
      pin: demoPin,
      fetch: (request) => this.#ask(lane, request),
      clock: realClock,
      random: realRandom,
    });
    this.#tills.set(lane, till);
    const customers = new Map(this.#people.map(({ customer }) => [customer.shopper, customer]));
    return new Cashier({
      lane,
      place,
      currency: config.store.currency,
      till,
      clock: realClock,
      run,
      chance: chanceOf(`${seed}/lane/${lane}`),
      pace: { ...pace, ...this.#setting.pace },
      memory: tillMemory(),
      narrator: {
        // A till that is refused its own sale has lost it; the books tell what became of it.
        say: (what, _who, more) => {
          if (what === "till stuck") this.#selling.set(lane, more ?? what);
        },
      },
      sight: {
        standing: () => front()?.customer.shopper,
        inView: () => front() === undefined ? 0 : 1,
        release: () => this.#queues.get(camera)?.release(),
      },
      customer: (shopper) => customers.get(shopper)!,
      finished: (sale) => {
        this.sales.push(sale);
        this.#selling.delete(lane);
      },
    });
  }

  /** A till's request; every answer of success is noted as the promise that it is. */
  async #ask(lane: string, request: Request): Promise<Response> {
    const response = await fetch(request);
    const text = await response.text();
    if (response.ok && !request.url.endsWith("/operators/sessions")) {
      const { payment, outcome, receipt, state } = saleAnswer.parse(JSON.parse(text));
      this.acknowledged.push({ payment, outcome, receipt });
      this.#selling.set(lane, `${payment} ${state}`);
    }
    const { status, headers } = response;
    return new Response(text, { status, headers });
  }
}
