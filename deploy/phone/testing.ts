/**
 * Phones on noble before the reference issuer, both in this process, with a gateway that the issuer
 * knows and a road between them that can fail: for tests.
 */
import { memoryAccountKeys } from "../issuer/store/account_keys.ts";
import assert from "node:assert/strict";
import type { PhoneLettersPort, Sighting } from "../../hardware/ports.ts";
import { type HandClock, handClock } from "../../hardware/simulated/testing.ts";
import { createIssuerClient } from "../../runtime/sync/contract/client.ts";
import type { FeedItem } from "../../runtime/sync/contract/schemas.ts";
import { newIdentity } from "../../runtime/sync/identity.ts";
import { createIssuer, enrolGateway, type Issuer as Link } from "../../runtime/sync/issuer.ts";
import { createNobleVault } from "../../runtime/vault/noble.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { testAcquirer } from "../issuer/test_acquirer.ts";
import { issuer } from "../issuer/issuer.ts";
import { openIssuerStore } from "../issuer/store/sqlite.ts";
import type { Clock } from "../../runtime/world.ts";
import { type Phone, phone, type PhoneEvent, type PhoneRules } from "./phone.ts";

export const origin = "http://issuer.test";
export const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
export const model = "ab".repeat(32);
export const ana = { first_name: "Ana", initials: "AS", instrument: "test_ok" };
export const quick: Partial<PhoneRules> = { away_after_ms: 20_000, receipt_interval_ms: 1_000 };

/** The reference issuer in this process, a gateway that it knows, and the way of phones to it. */
export class World {
  readonly clock: HandClock = handClock(1_790_000_000_000);
  readonly store = openIssuerStore(":memory:");
  readonly app = issuer({
    clock: this.clock,
    random,
    vault: nodeVault,
    store: this.store,
    accountKeys: memoryAccountKeys(),
    acquirer: testAcquirer(),
    log: () => {},
    settings: { adminKey: "k".repeat(40) },
  });
  readonly feed: FeedItem[] = [];
  /** What phones asked, as `POST /v1/check-ins`. */
  readonly asked: string[] = [];
  /** `away`: nothing arrives. `deaf`: it arrives, and the answer is lost. */
  road: "open" | "away" | "deaf" = "open";
  /** Paths whose answers are lost whatever the road. */
  readonly lost = new Set<string>();
  readonly #stop = new AbortController();
  readonly #phones: Phone[] = [];
  gateway!: Link;

  static async open(): Promise<World> {
    const world = new World();
    world.app.start();
    const { clock } = world;
    const link = { origin, fetch: async (request: Request) => await world.app.app.fetch(request) };
    const asking = { link, vault: nodeVault, clock, random };
    const { signing_public_key } = await createIssuerClient(asking).call("keys");
    const issuerPublicKey = Uint8Array.fromBase64(signing_public_key, { alphabet: "base64url" });
    const office = createIssuerClient({ ...asking, issuerPublicKey });
    const bearer = "k".repeat(40);
    await office.call("registerMerchant", { bearer, body: { merchant: "m", name: "Market" } });
    await office.call("registerStore", {
      bearer,
      body: { store: "s", merchant: "m", name: "Riverside", currency: "EUR" },
    });
    const { enrolment_code } = await office.call("registerGateway", {
      bearer,
      body: { gateway: "g", store: "s" },
    });
    const ports = { issuer: link, vault: nodeVault, clock, random };
    const identity = newIdentity(nodeVault, random, "g");
    const enrolled = await enrolGateway(ports, identity, enrolment_code);
    world.gateway = createIssuer(ports, enrolled);
    await world.gateway.registerBeacons(["b-1"]);
    await world.#follow();
    await world.until(() => world.air !== undefined);
    return world;
  }

  /** A phone on noble, as in a browser. */
  phone(
    deviceSeed: Uint8Array,
    rules: Partial<PhoneRules> = quick,
    letters?: PhoneLettersPort,
    fast_ms = 0,
  ): Phone {
    const fetch = async (request: Request) => {
      if (this.road === "away") throw new TypeError("no network");
      const { pathname } = new URL(request.url);
      this.asked.push(`${request.method} ${pathname}`);
      const answer = await this.app.app.fetch(request);
      if (this.road === "deaf" || this.lost.has(pathname)) throw new TypeError("connection reset");
      return answer;
    };
    const vault = createNobleVault(random);
    const way = letters === undefined ? {} : { letters };
    const clock: Clock = {
      now_ms: () => this.clock.now_ms() + fast_ms,
      after: (delay_ms, call) => this.clock.after(delay_ms, call),
    };
    const world = { clock, random, vault, fetch, ...way };
    const own = phone(world, { issuer: origin, deviceSeed, rules });
    this.#phones.push(own);
    return own;
  }

  /** What the beacon has on the air now. */
  get air() {
    return this.feed.map(({ body }) => body).findLast((body) =>
      body.type === "beacon.code_set" && body.from_ms <= this.clock.now_ms()
    );
  }

  sighting(rssi_dbm = -60, fast_ms = 0): Sighting {
    const { air } = this;
    assert.ok(air?.type === "beacon.code_set");
    const { hardware_id, code } = air;
    return { hardware_id, code, rssi_dbm, heard_at_ms: this.clock.now_ms() + fast_ms };
  }

  /** The phone hears the beacon once a second. */
  async near(own: Phone, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      own.hear(this.sighting());
      await this.clock.pass(1_000);
    }
  }

  async until(condition: () => boolean): Promise<void> {
    for (let step = 0; !condition(); step++) {
      assert.ok(step < 500, "it never happened");
      await this.clock.pass(100);
    }
  }

  /** Lets time pass until it is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const over = () => void (settled = true);
    promise.then(over, over);
    await this.until(() => settled);
    return await promise;
  }

  async visits() {
    return (await this.accountData()).visits;
  }

  async accountData() {
    const { air } = this;
    assert.ok(air?.type === "beacon.code_set");
    const { hardware_id, code, nonce } = air;
    return await this.gateway.askAccountData({ hardware_id, code, nonce });
  }

  count(word: string): number {
    return this.asked.filter((asked) => asked === word).length;
  }

  async close(): Promise<void> {
    for (const own of this.#phones) own.stop();
    this.#stop.abort();
    await this.app.stop();
    await this.store.close();
  }

  async #follow(): Promise<void> {
    const items = await this.gateway.openFeed(0, this.#stop.signal);
    const read = async () => {
      for await (const item of items) if (item) this.feed.push(item);
    };
    read().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }
}

/** A phone whose account is open, and what it told its app. */
export async function opened(
  world: World,
  rules?: Partial<PhoneRules>,
  letters?: PhoneLettersPort,
) {
  const own = world.phone(random.bytes(32), rules, letters);
  const events: PhoneEvent[] = [];
  own.watch((event) => events.push(event));
  const account = await own.openAccount(ana);
  return { own, events, account, told: () => events.map(({ type }) => type) };
}

export async function story(tell: (world: World) => Promise<void>): Promise<void> {
  const world = await World.open();
  try {
    await tell(world);
  } finally {
    await world.close();
  }
}

/** The gateway charges the visit, as a lane would. */
export async function charge(world: World, payment: string): Promise<void> {
  const [visit] = await world.visits();
  const [token] = visit?.tokens ?? [];
  assert.ok(visit && token);
  const signal = new AbortController().signal;
  const money = { amount_minor: 1_250, currency: "EUR" };
  const authorised = await world.gateway.send(
    {
      type: "issuer.authorise",
      payment,
      visit: visit.check_in,
      token,
      lane: "1",
      ...money,
      items: [{ name: "Bread", quantity: 1, amount_minor: 1_250 }],
      operator: "cashier-1",
      evidence: {
        kind: "face_at_pay_position",
        camera: "till-1",
        model,
        frames: 4,
        outcome: "identified",
        liveness: "passed",
        seen_at_ms: world.clock.now_ms(),
      },
    },
    `${payment}-1`,
    signal,
  );
  assert.ok(authorised.type === "issuer.authorised", JSON.stringify(authorised));
  const { authorisation } = authorised;
  const captured = await world.gateway.send(
    { type: "issuer.capture", payment, authorisation, ...money },
    `${payment}-2`,
    signal,
  );
  assert.equal(captured.type, "issuer.captured");
}
