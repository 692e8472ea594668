/**
 * The reference retailer as a process of the simulation: the very same code on books in memory. It
 * is slow, away, too busy, fails before and after it has done what it was asked, and is killed.
 */
import type { Chance } from "../../../hardware/simulated/chance.ts";
import { Process } from "../../../runtime/sim/process.ts";
import { Road, type RoadState } from "../../../runtime/sim/road.ts";
import type { Scheduler } from "../../../runtime/sim/scheduler.ts";
import type { KeyPair, Vault } from "../../../runtime/vault/vault.ts";
import type { Log, Random } from "../../../runtime/world.ts";
import { sampleCatalogue } from "../../retailer/catalogue.ts";
import { createPurchases, tellDispute } from "../../retailer/contract.ts";
import { Ledger } from "../../retailer/ledger.ts";
import { type Checkout, retailer } from "../../retailer/retailer.ts";
import { Postman, type Service } from "../../retailer/service.ts";
import type { Plan } from "../plan.ts";
import { shop } from "../setting.ts";
import { Clerk } from "./clerk.ts";
import { connector_key, opening_stock } from "./plan.ts";
import type { CartItem, TripWitness } from "./witness.ts";

export interface RetailerSideSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly random: Random;
  readonly vault: Vault;
  readonly plan: () => Plan;
  readonly witness: TripWitness;
  readonly log: Log;
  /** From the retailer to the issuer. */
  readonly road: RoadState;
  readonly serve: (request: Request) => Promise<Response>;
}

const down_ms = [500, 60_000] as const;
const long_down_ms = [60_000, 1_200_000] as const;
const looks_every_ms = 5_000;
const troubles = [429, 500, 503] as const;

export class RetailerSide {
  readonly ledger = new Ledger(":memory:", sampleCatalogue, opening_stock);
  readonly key: KeyPair;
  crashes = 0;
  readonly #setting: RetailerSideSetting;
  readonly #clerk: Clerk;
  readonly #on_the_way: Chance;
  #running:
    | { readonly process: Process; readonly shop: ReturnType<typeof retailer> }
    | undefined;
  #shut = false;

  constructor(setting: RetailerSideSetting) {
    this.#setting = setting;
    this.key = setting.vault.signingKey(setting.random.bytes(32));
    const { chance, random } = setting;
    this.#on_the_way = chance.fork("service");
    this.#clerk = new Clerk({ chance: chance.fork("clerk"), random, ledger: this.ledger });
  }

  /** What its people do by hand is not finished. */
  get busy(): boolean {
    return this.#clerk.busy;
  }

  start(): void {
    this.#shut = false;
    if (this.#running) return;
    const { scheduler, random, vault, log, road: state, serve } = this.#setting;
    const { ledger } = this;
    const process = new Process(scheduler);
    const clock = process.clockWith(() => 0);
    const shopOf = retailer({
      ...{ clock, random, log, ledger, vault, connector_key },
      catalogue: sampleCatalogue,
      stores: [shop.store.id],
      requests_per_second: 200,
      welcome: true,
    });
    const road = new Road({ clock: scheduler, chance: this.#on_the_way, state, serve });
    const service: Service = {
      origin: shop.issuer.url,
      signer: { keyid: `retailer:${shop.store.merchant}`, privateKey: this.key.privateKey },
      vault,
      fetch: (request) => process.hold(this.#send(road, request)),
    };
    const checkouts = (most?: number): Checkout[] =>
      shopOf.checkouts(most).filter((one) => !this.#clerk.takes(one));
    const every_ms = looks_every_ms;
    const { settled } = shopOf;
    new Postman({ clock, random, log, ledger, service, checkouts, settled, every_ms }).start();
    this.#clerk.work({ clock, random, service }, () => process.alive);
    this.#running = { process, shop: shopOf };
  }

  /** Answers a gateway's request that has come along a road. */
  serve = async (request: Request): Promise<Response> => {
    const running = this.#running;
    if (!running) throw new TypeError("connection refused");
    const { chance, plan } = this.#setting;
    const trouble = chance.happens(plan().retailer_trouble) ? chance.pick(troubles) : undefined;
    if (trouble !== undefined && chance.happens(0.5)) return told(trouble);
    const read = this.#reader(request);
    const answer = await running.process.hold(Promise.resolve(running.shop.fetch(request)));
    await read(answer);
    if (chance.happens(plan().retailer_crashes)) this.crash();
    return trouble === undefined ? answer : told(trouble);
  };

  /** It comes back by itself. */
  crash(): void {
    if (!this.#running) return;
    this.crashes++;
    this.stop();
    const { scheduler, chance } = this.#setting;
    const [low, high] = chance.happens(0.2) ? long_down_ms : down_ms;
    this.#shut = false;
    scheduler.after(chance.between(low, high), () => this.#shut ? undefined : this.start());
  }

  stop(): void {
    this.#shut = true;
    this.#running?.process.kill();
    this.#running = undefined;
  }

  close(): void {
    this.stop();
    this.ledger.close();
  }

  async #send(road: Road, request: Request): Promise<Response> {
    const body = await request.clone().json();
    this.#setting.witness.retailerAsks(new URL(request.url).pathname, body);
    return await road.fetch(request);
  }

  #noteReturn(body: unknown): void {
    const { idempotentShoppingTripId, requestId, externalIdentifiers, quantity } = tellDispute
      .parse(body);
    const gtin = externalIdentifiers[0]?.id ?? "";
    const item = { gtin, units: Number(quantity.value) };
    this.#setting.witness.returned(idempotentShoppingTripId, requestId, item);
  }

  /** Tells the witness of what was bought, and what was not after all. */
  #reader(request: Request): (answer: Response) => Promise<void> {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/v1/order/")) return () => Promise.resolve();
    const asked = request.clone().json();
    asked.catch(() => {});
    return async (answer) => {
      if (answer.status >= 400) return;
      if (pathname.endsWith("/disputes")) return this.#noteReturn(await asked);
      const { cartItems, idempotentShoppingTripId } = createPurchases.parse(await asked);
      const { purchaseId } = await answer.clone().json();
      const items = cartItems.map(({ id, quantity }): CartItem => ({
        gtin: id,
        units: Number(quantity.value),
      }));
      this.#setting.witness.purchased(idempotentShoppingTripId, purchaseId, items);
    };
  }
}

const told = (status: number) => Response.json({ errorMsg: "trouble" }, { status });
