import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { Sighting } from "../../hardware/ports.ts";
import { type HandClock, handClock } from "../../hardware/simulated/testing.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { createIssuerClient } from "../../runtime/sync/contract/client.ts";
import type { FeedItem } from "../../runtime/sync/contract/schemas.ts";
import { newIdentity } from "../../runtime/sync/identity.ts";
import { createIssuer, enrolGateway, type Issuer as Link } from "../../runtime/sync/issuer.ts";
import { createNobleVault } from "../../runtime/vault/noble.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { testAcquirer } from "../issuer/acquirer.ts";
import { issuer } from "../issuer/issuer.ts";
import { openIssuerStore } from "../issuer/store/store.ts";
import { type Phone, phone, type PhoneEvent, type PhoneRules } from "./phone.ts";

const origin = "http://issuer.test";
const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const model = "ab".repeat(32);
const ana = { first_name: "Ana", initials: "AS", instrument: "test_ok" };
const quick: Partial<PhoneRules> = { away_after_ms: 20_000, receipt_interval_ms: 1_000 };

/** The reference issuer in this process, a gateway that it knows, and the way of phones to it. */
class World {
  readonly clock: HandClock = handClock(1_790_000_000_000);
  readonly store = openIssuerStore(":memory:");
  readonly app = issuer({
    clock: this.clock,
    random,
    vault: nodeVault,
    store: this.store,
    acquirer: testAcquirer(),
    log: () => {},
    settings: { adminKey: "k".repeat(40) },
  });
  readonly feed: FeedItem[] = [];
  /** What phones asked, as `POST /v1/check-ins`. */
  readonly asked: string[] = [];
  /** `away`: nothing arrives. `deaf`: it arrives, and the answer is lost. */
  road: "open" | "away" | "deaf" = "open";
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
  phone(deviceSeed: Uint8Array, rules: Partial<PhoneRules> = quick): Phone {
    const fetch = async (request: Request) => {
      if (this.road === "away") throw new TypeError("no network");
      this.asked.push(`${request.method} ${new URL(request.url).pathname}`);
      const answer = await this.app.app.fetch(request);
      if (this.road === "deaf") throw new TypeError("connection reset");
      return answer;
    };
    const vault = createNobleVault(random);
    const world = { clock: this.clock, random, vault, fetch };
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

  sighting(rssi_dbm = -60): Sighting {
    const { air } = this;
    assert.ok(air?.type === "beacon.code_set");
    const { hardware_id, code } = air;
    return { hardware_id, code, rssi_dbm, heard_at_ms: this.clock.now_ms() };
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

  async visits() {
    const { air } = this;
    assert.ok(air?.type === "beacon.code_set");
    const { hardware_id, code, nonce } = air;
    return (await this.gateway.askAccountData({ hardware_id, code, nonce })).visits;
  }

  count(word: string): number {
    return this.asked.filter((asked) => asked === word).length;
  }

  async close(): Promise<void> {
    for (const own of this.#phones) own.stop();
    this.#stop.abort();
    await this.app.stop();
    this.store.close();
  }

  async #follow(): Promise<void> {
    const stream = await this.gateway.openFeed(0, this.#stop.signal);
    const events = stream
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream());
    const read = async () => {
      for await (const { data } of events) {
        const item = this.gateway.verifyFeedItem(data);
        assert.ok(item);
        this.feed.push(item);
      }
    };
    read().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }
}

/** A phone whose account is open, and what it told its app. */
async function opened(world: World, rules?: Partial<PhoneRules>) {
  const own = world.phone(random.bytes(32), rules);
  const events: PhoneEvent[] = [];
  own.watch((event) => events.push(event));
  const account = await own.openAccount(ana);
  return { own, events, account, told: () => events.map(({ type }) => type) };
}

async function story(tell: (world: World) => Promise<void>): Promise<void> {
  const world = await World.open();
  try {
    await tell(world);
  } finally {
    await world.close();
  }
}

Deno.test("the same device finds its account again, another device gets its own", () =>
  story(async (world) => {
    const seed = random.bytes(32);
    const account = await world.phone(seed).openAccount(ana);
    assert.equal(await world.phone(seed).openAccount(ana), account);
    assert.notEqual(await world.phone(random.bytes(32)).openAccount(ana), account);
  }));

Deno.test("a template reaches the gateway of the store that is visited, and is wiped here", () =>
  story(async (world) => {
    const { own, account } = await opened(world);
    const values = new Float32Array(64).fill(1 / 8);
    await own.enrolFace({ model, preset: "drawn", values }, "notice-1");
    assert.ok(values.every((value) => value === 0));
    await world.near(own, 4);
    const [visit] = await world.visits();
    assert.ok(visit);
    assert.equal(visit.account, account);
    assert.deepEqual([visit.first_name, visit.initials], ["Ana", "AS"]);
    const template = world.gateway.openTemplate(visit);
    assert.deepEqual([...template?.values ?? []], new Array(64).fill(1 / 8));
    assert.equal(template?.model, model);
  }));

Deno.test("a beacon heard once, or faintly, checks nobody in; heard well, it does so once", () =>
  story(async (world) => {
    const { own, told } = await opened(world);
    own.hear(world.sighting());
    for (let faint = 0; faint < 10; faint++) {
      await world.clock.pass(1_000);
      own.hear(world.sighting(-95));
    }
    assert.deepEqual(await world.visits(), []);
    await world.near(own, 10);
    assert.deepEqual(told(), ["checked_in"]);
    assert.equal(world.count("POST /v1/check-ins"), 1);
    const visits = await world.visits();
    assert.deepEqual(visits.map((visit) => visit.check_in), [own.checkIn]);
    assert.equal(visits[0]?.tokens.length, 2);
  }));

Deno.test("every fresh code renews the presence, and nothing is asked between", () =>
  story(async (world) => {
    const { own, events, told } = await opened(world);
    await world.near(own, 200);
    assert.equal(world.count("POST /v1/check-ins"), 1);
    assert.deepEqual([...new Set(told())], ["checked_in", "renewed"]);
    const leases = events.flatMap((event) =>
      "lease_expires_ms" in event ? [event.lease_expires_ms] : []
    );
    assert.ok(leases.length >= 4 && leases.length <= 8, `${leases.length} reports`);
    assert.deepEqual(leases, [...leases].sort());
    assert.equal((await world.visits()).length, 1);
  }));

Deno.test("who is out of range for a while has left, and the gateway is told", () =>
  story(async (world) => {
    const { own, told } = await opened(world);
    await world.near(own, 4);
    const { checkIn } = own;
    await world.clock.pass(25_000);
    await world.until(() => told().includes("left"));
    assert.equal(own.checkIn, undefined);
    await world.until(() => world.feed.some(({ body }) => body.type === "check_in.ended"));
    const ended = world.feed.find(({ body }) => body.type === "check_in.ended");
    assert.deepEqual(ended?.body, { type: "check_in.ended", check_in: checkIn, reason: "left" });
    await world.near(own, 4);
    assert.notEqual(own.checkIn, undefined);
    assert.notEqual(own.checkIn, checkIn);
  }));

Deno.test("while the issuer is away a phone goes on trying, and is there once when it is back", () =>
  story(async (world) => {
    const { own, told } = await opened(world);
    world.road = "away";
    await world.near(own, 15);
    assert.equal(own.checkIn, undefined);
    assert.ok(told().includes("unreachable"));
    world.road = "deaf";
    await world.near(own, 5);
    world.road = "open";
    await world.near(own, 15);
    assert.notEqual(own.checkIn, undefined);
    const visits = await world.visits();
    assert.deepEqual(visits.map((visit) => visit.check_in), [own.checkIn]);
    assert.equal(visits[0]?.tokens.length, 2);
  }));

Deno.test("an account whose opening was not answered is opened once all the same", () =>
  story(async (world) => {
    const own = world.phone(random.bytes(32));
    world.road = "deaf";
    const opening = own.openAccount(ana);
    await world.clock.pass(5_000);
    world.road = "open";
    await world.until(() => own.account !== undefined);
    const account = await opening;
    await world.near(own, 4);
    assert.deepEqual((await world.visits()).map((visit) => visit.account), [account]);
    const rows = world.store.all("SELECT * FROM account");
    assert.equal(rows.length, 1);
  }));

Deno.test("a presence that the issuer let end is begun anew", () =>
  story(async (world) => {
    const { own, told } = await opened(world, { ...quick, away_after_ms: 1_000_000 });
    await world.near(own, 4);
    const { checkIn } = own;
    await world.clock.pass(100_000);
    await world.near(own, 10);
    assert.ok(told().includes("ended"));
    assert.notEqual(own.checkIn, undefined);
    assert.notEqual(own.checkIn, checkIn);
  }));

/** The gateway charges the visit, as a lane would. */
async function charge(world: World, payment: string): Promise<void> {
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

Deno.test("each charge brings one receipt, and a new token in place of the spent one", () =>
  story(async (world) => {
    const { own, events } = await opened(world);
    const values = new Float32Array(64).fill(1 / 8);
    await own.enrolFace({ model, preset: "drawn", values }, "notice-1");
    await world.near(own, 4);
    await charge(world, "p-1");
    await world.near(own, 6);
    await charge(world, "p-2");
    await world.near(own, 6);
    const receipts = events.flatMap((event) => event.type === "receipt" ? [event.receipt] : []);
    assert.deepEqual(receipts.map(({ payment }) => payment), ["p-1", "p-2"]);
    assert.deepEqual(
      receipts.map(({ amount_minor, currency }) => [amount_minor, currency]),
      [[1_250, "EUR"], [1_250, "EUR"]],
    );
    assert.equal((await world.visits())[0]?.tokens.length, 2);
    assert.deepEqual(await own.receipts(), []);
  }));

Deno.test("a phone that is switched off asks nothing more", () =>
  story(async (world) => {
    const { own } = await opened(world);
    await world.near(own, 4);
    const waiting = world.phone(random.bytes(32));
    world.road = "away";
    const opening = waiting.openAccount(ana);
    await world.clock.pass(1_000);
    waiting.stop();
    await assert.rejects(
      opening,
      (error) => error instanceof RuntimeError && error.kind === "stopped",
    );
    world.road = "open";
    own.stop();
    const asked = world.asked.length;
    await world.near(own, 100);
    assert.equal(world.asked.length, asked);
  }));

Deno.test("a phone without account says so", () =>
  story(async (world) => {
    const own = world.phone(random.bytes(32));
    own.hear(world.sighting());
    await assert.rejects(
      own.enrolFace({ model, preset: "drawn", values: new Float32Array(64) }, "notice-1"),
      (error) => error instanceof RuntimeError && error.kind === "usage",
    );
  }));
