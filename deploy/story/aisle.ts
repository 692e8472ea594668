/**
 * The walk-out aisle of a story: its equipment is the store's own, so gate, shelves and tracker
 * speak over HTTP, and the shop's own people sign shoppers up at the retailer.
 */
import assert from "node:assert/strict";
import { realClock } from "../../runtime/main.ts";
import type { Trip } from "../../runtime/sync/contract/schemas.ts";
import { demoPin } from "../demo/operators.ts";
import { goods, stock } from "./aisle_place.ts";
import type { Stage } from "./stage.ts";
import { sleep, until } from "./waiting.ts";
import type { Shopper } from "./place.ts";

const sample_ms = 100, settling_ms = 1_500;
const gtinOf = (sku: string) => goods.find((product) => product.sku === sku)!.gtin;

export interface Cart {
  readonly trip: string;
  readonly state: string;
  readonly reason: string | null;
  readonly amount_minor: number;
  readonly confidence: number;
  readonly lines: readonly { readonly gtin: string; readonly units: number }[];
  readonly disputes: readonly { readonly dispute: string; readonly granted: boolean | null }[];
}

interface GateAnswer {
  readonly entry: string;
  readonly state: string;
  readonly last: {
    readonly entry: string;
    readonly outcome: string;
    readonly reason: string | null;
  };
}

export class Aisle {
  readonly #weights = new Map(goods.map(({ sku, unit_g }) => [sku, stock * unit_g + 400]));
  #tracks = 0;

  private constructor(readonly stage: Stage) {}

  static async open(stage: Stage): Promise<Aisle> {
    await stage.office.registerRetailer(stage.retailerKey);
    const aisle = new Aisle(stage);
    await aisle.rests();
    return aisle;
  }

  /** The shop's own people sign somebody up, or turn him away. */
  async signUp(shopper: Shopper, changes: Record<string, unknown> = {}): Promise<void> {
    const id = `customer-${shopper.name.toLowerCase().replace(/\W/g, "-")}`;
    await this.signUpAs(shopper.account, id, changes);
  }

  /** The same for the owner of an account whose phone is none of the story's. */
  async signUpAs(
    key: string,
    id: string,
    changes: Record<string, unknown> = {},
  ): Promise<void> {
    const answer = await fetch(`${this.stage.services.retailerUrl}/accounts`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.stage.services.adminKey}` },
      body: JSON.stringify({ key, id, type: "SHOPPER", ...changes }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** What was owed for a trip is paid at the shop, whose own people say so. */
  async paysAtShop(trip: string): Promise<void> {
    const answer = await fetch(`${this.stage.services.retailerUrl}/settlements`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.stage.services.adminKey}` },
      body: JSON.stringify({ trip }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** A code is shown at the gate; resolves to how the gate stands when it has decided. */
  async shows(code: string): Promise<GateAnswer> {
    const { entry } = await this.#post<GateAnswer>("/gates/in/codes", { code });
    return await until("the gate has decided", async () => {
      const now = await this.gate();
      return (now.state === "open" || now.last?.entry === entry) && { ...now, entry };
    });
  }

  gate(gate = "in"): Promise<GateAnswer> {
    return this.#get(`/gates/${gate}`);
  }

  /** Shows a fresh code and goes through; resolves to the trip and the tracker's name. */
  async enters(shopper: Shopper): Promise<{ trip: string; track: string }> {
    const { entry, state, last } = await this.shows(shopper.phone.entryCode());
    assert.equal(state, "open", `the gate stays closed: ${last?.reason}`);
    const track = await this.goesThrough();
    await until("a cart is there", async () => (await this.cart(entry)).state === "shopping");
    return { trip: entry, track };
  }

  /** Somebody goes in, with or without leave. */
  async goesThrough(): Promise<string> {
    const track = `track-${++this.#tracks}`;
    const at_ms = realClock.now_ms();
    await this.#tell([{ type: "gate.passed", gate: "in", way: "in", track, at_ms }]);
    return track;
  }

  /** A hand takes so many (negative: puts them back) at a product's own plate. */
  async takes(track: string, sku: string, units: number): Promise<void> {
    const x_m = 3 * goods.findIndex((product) => product.sku === sku);
    const before_g = this.#weights.get(sku)!;
    const after_g = before_g - units * goods.find((product) => product.sku === sku)!.unit_g;
    this.#weights.set(sku, after_g);
    const from_ms = realClock.now_ms();
    await sleep(settling_ms);
    const readings: Record<string, unknown>[] = [];
    for (let passed_ms = 0; passed_ms < settling_ms; passed_ms += sample_ms) {
      const at_ms = from_ms + passed_ms;
      if (passed_ms % 500 === 0) readings.push({ type: "person.seen", track, at_ms, x_m, y_m: 0 });
      if (passed_ms === 200) readings.push({ type: "hand.reached", track, plate: sku, at_ms });
      const weight_g = passed_ms < 300 ? before_g : after_g;
      readings.push({ type: "plate.weighed", plate: sku, at_ms, weight_g });
    }
    await this.#tell(readings);
  }

  /** So many are gone, and no scale is asked. */
  lifts(sku: string, units: number): void {
    const { unit_g } = goods.find((product) => product.sku === sku)!;
    this.#weights.set(sku, this.#weights.get(sku)! - units * unit_g);
  }

  /** The cart has what was taken from the plate, and the gateway has written down what is left. */
  async understood(trip: string, sku: string): Promise<void> {
    await until("it is in the cart", async () => (await this.cart(trip)).lines.length > 0);
    await until("the plate is written down", async () => {
      const { context } = (await this.stage.actor("shelf/shelf-1"))!;
      const rested = (context["rested_g"] as Record<string, number>)[sku] ?? 0;
      return Math.abs(rested - this.#weights.get(sku)!) < 1;
    });
  }

  /** The same change of weight, and nobody was seen at the plate. */
  async vanishes(sku: string, units: number): Promise<void> {
    await this.takes(`nobody-${++this.#tracks}`, sku, units);
  }

  async leaves(trip: string, track: string): Promise<void> {
    const at_ms = realClock.now_ms();
    await this.#tell([{ type: "gate.passed", gate: "out", way: "out", track, at_ms, cart: trip }]);
  }

  cart(trip: string): Promise<Cart> {
    return this.#get(`/carts/${trip}`);
  }

  /** The cart once it is in this situation. */
  async comesTo(trip: string, state: string): Promise<Cart> {
    const ended = ["settled", "unpaid", "cancelled", "unsold", "paid"];
    return await until(`the cart comes to ${state}`, async () => {
      const now = await this.cart(trip);
      if (ended.includes(now.state)) assert.equal(now.state, state, `reason ${now.reason}`);
      return now.state === state && now;
    });
  }

  async queue(): Promise<readonly Cart[]> {
    return (await this.#get<{ carts: Cart[] }>("/reviews")).carts;
  }

  async decide(trip: string, sku: string, units: number): Promise<Cart> {
    const lines = [{ gtin: gtinOf(sku), units }];
    return await this.#post(`/carts/${trip}/decision`, { lines }, await this.#signIn());
  }

  async decideDispute(trip: string, dispute: string, granted: boolean): Promise<Cart> {
    const session = await this.#signIn();
    return await this.#post(`/carts/${trip}/disputes/${dispute}`, { granted }, session);
  }

  /** The trip as the phone shows it, once it is so. */
  async onPhone(shopper: Shopper, trip: string, state: Trip["state"]): Promise<Trip> {
    return await until(`${shopper.name}'s phone shows ${state}`, async () => {
      const found = (await shopper.phone.trips()).find((one) => one.trip === trip);
      return found?.state === state && found;
    });
  }

  /** Every plate is heard, at rest, for a while. */
  async rests(): Promise<void> {
    const from_ms = realClock.now_ms();
    await sleep(settling_ms);
    const readings: Record<string, unknown>[] = [];
    for (let passed_ms = 0; passed_ms < settling_ms; passed_ms += sample_ms) {
      for (const [plate, weight_g] of this.#weights) {
        readings.push({ type: "plate.weighed", plate, at_ms: from_ms + passed_ms, weight_g });
      }
    }
    await this.#tell(readings);
  }

  async #tell(readings: readonly Record<string, unknown>[]): Promise<void> {
    await this.#post("/readings", { readings });
  }

  get #url(): string {
    return `http://127.0.0.1:${this.stage.config.http.port}/aisle`;
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`);
    const body = await answer.json();
    assert.ok(answer.ok, `${path}: ${body.detail}`);
    return body;
  }

  /** Olga signs in: a gateway that was started anew knows nobody who had. */
  async #signIn(): Promise<Record<string, string>> {
    const answer = await fetch(
      `http://127.0.0.1:${this.stage.config.http.port}/operators/sessions`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ operator: "olga", pin: demoPin }),
      },
    );
    const { session, detail } = await answer.json();
    assert.ok(answer.ok, detail);
    return { "x-operator-session": session };
  }

  async #post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    assert.ok(answer.ok, `${path}: ${said.detail}`);
    return said;
  }
}
