/** The demo store, whole, in one process and in no time: only the networks are left out. */
import { memoryAccountKeys } from "../issuer/store/account_keys.ts";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { type HandClock, handClock } from "../../hardware/simulated/testing.ts";
import { parseConfig } from "../../runtime/config.ts";
import { type Gateway, gateway } from "../../runtime/gateway.ts";
import { MemoryDisk, openMemoryJournal } from "../../runtime/journal/memory.ts";
import { createIssuerClient, type IssuerClient } from "../../runtime/sync/contract/client.ts";
import { newIdentity } from "../../runtime/sync/identity.ts";
import { enrolGateway } from "../../runtime/sync/issuer.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { testAcquirer } from "../issuer/test_acquirer.ts";
import { issuer } from "../issuer/issuer.ts";
import { openIssuerStore } from "../issuer/store/sqlite.ts";
import { gatewayBook, issuerBook, unsettled } from "../start/books.ts";
import { type Cast, createCast } from "./cast.ts";
import { knowingPerception, recogniser } from "./knowing_perception.ts";
import { cashiersOf, demoOperators } from "./operators.ts";
import { reconcile } from "./reconcile.ts";
import type { Attest } from "./shoppers.ts";

const seed = 5;
const issuerUrl = "http://127.0.0.1:8490";
const { aisle: _, ...lanes } = JSON.parse(
  readFileSync(new URL("../store.example.json", import.meta.url), "utf8"),
);
// The gateway reads its nonces at the beacons, on the simulated air.
const device = { kind: "simulated", reads_nonce: true };
const beacons = lanes.beacons.map((beacon: object) => ({ ...beacon, device }));
const config = parseConfig({ ...lanes, beacons });
const bearer = "k".repeat(40);

/** A whole store in one process: the issuer, the gateway with its real doors, and the cast. */
class Store {
  readonly clock: HandClock = handClock(1_790_000_000_000);
  readonly random = this.#seeded();
  readonly story: string[] = [];
  readonly issuerStore = openIssuerStore(":memory:");
  readonly trouble: string[] = [];
  readonly faces = recogniser(seed);
  readonly issuer = issuer({
    clock: this.clock,
    random: this.random,
    vault: nodeVault,
    store: this.issuerStore,
    accountKeys: memoryAccountKeys(),
    acquirer: testAcquirer(),
    log: (level, message) => this.trouble.push(`issuer ${level} ${message}`),
    settings: { adminKey: bearer },
  });
  issuerIsAway = false;
  nonces_read = 0;
  office: IssuerClient | undefined;
  readonly attest: Attest = async (account, { birth_date, eligibilities }) => {
    const body = { ...(birth_date ? { birth_date } : {}), eligibilities: [...eligibilities] };
    await this.office?.call("setEligibility", { bearer, path: { account }, body });
  };
  cast = this.newCast();
  gateway!: Gateway;

  #seeded() {
    const chance = chanceOf("bytes");
    return { bytes: (length: number) => new Uint8Array(length).map(() => chance.whole(256)) };
  }

  newCast(): Cast {
    return createCast({
      seed,
      names: config,
      currency: "EUR",
      clock: this.clock,
      random: this.random,
      vault: nodeVault,
      fetch: (request) => this.#fetch(request),
      print: (line) => void this.story.push(line),
    });
  }

  async #fetch(request: Request): Promise<Response> {
    const { port } = new URL(request.url);
    if (port === "8480") return await this.gateway.app.fetch(request);
    if (this.issuerIsAway) throw new TypeError("no network");
    const answer = await this.issuer.app.fetch(request);
    // Over a network the signal ends the body too; within a process nobody else does it.
    const body = answer.body?.pipeThrough(new TransformStream(), { signal: request.signal });
    return new Response(body ?? null, answer);
  }

  async open(): Promise<void> {
    const { clock, random } = this;
    const link = { origin: issuerUrl, fetch: (request: Request) => this.#fetch(request) };
    const ports = { clock, random, vault: nodeVault, issuer: link };
    this.issuer.start();
    const enrolment_code = await this.#register(link);
    const identity = await enrolGateway(
      ports,
      newIdentity(nodeVault, random, config.gateway.id),
      enrolment_code,
    );
    const laneOf = new Map(config.lanes.map((lane) => [lane.camera, lane.id]));
    const standing = (camera: string) => {
      const lane = laneOf.get(camera);
      return lane === undefined ? undefined : this.cast.floor.standing(lane);
    };
    const perception = knowingPerception(clock, standing, this.faces.valuesOf);
    const ways = [...this.cast.devices.nonce_ways ?? []].map(([id, way]): [string, typeof way] => {
      const hand: typeof way.hand = async (...asked) => {
        const answer = await way.hand(...asked);
        this.nonces_read++;
        return answer;
      };
      return [id, { hand }];
    });
    const devices = { ...this.cast.devices, nonce_ways: new Map(ways) };
    const journal = openMemoryJournal(new MemoryDisk());
    const log = (level: string, message: string, fields?: Record<string, unknown>) => {
      if (level !== "info") this.trouble.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
    const world = { ...ports, journal, devices, perception, log };
    const operators = demoOperators(world.random, cashiersOf(config), 2);
    this.gateway = gateway(world, { config, identity, operators });
    await this.during(this.gateway.start());
  }

  async #register(link: { origin: string; fetch: (request: Request) => Promise<Response> }) {
    const asking = { link, vault: nodeVault, clock: this.clock, random: this.random };
    const { signing_public_key } = await createIssuerClient(asking).call("keys");
    const issuerPublicKey = fromBase64url(signing_public_key);
    assert.ok(issuerPublicKey);
    const office = this.office = createIssuerClient({ ...asking, issuerPublicKey });
    const { id, merchant, name, currency } = config.store;
    await office.call("registerMerchant", { bearer, body: { merchant, name } });
    await office.call("registerStore", { bearer, body: { store: id, merchant, name, currency } });
    const body = { gateway: config.gateway.id, store: id };
    return (await office.call("registerGateway", { bearer, body })).enrolment_code;
  }

  /** Winds the clock on until the promise settles. */
  async during<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const watched = promise.finally(() => settled = true);
    watched.catch(() => {});
    for (let step = 0; !settled; step++) {
      assert.ok(step < 2_000, "it never ended");
      await this.clock.pass(50);
    }
    return await watched;
  }

  async violations() {
    for (let step = 0; unsettled(this.gateway) > 0; step++) {
      assert.ok(step < 200, "a payment was never settled");
      await this.clock.pass(100);
    }
    const { receipts, cashier } = await this.during(this.cast.books());
    return reconcile({
      gateway: gatewayBook(this.gateway),
      issuer: await this.during(issuerBook(this.gateway)),
      receipts,
      cashier,
    });
  }

  async close(): Promise<void> {
    await this.during(this.cast.stop());
    await this.during(this.gateway.stop());
    await this.during(this.issuer.stop());
    await this.issuerStore.close();
  }
}

Deno.test("a minute in the store: all are served, charged once, and the books agree", async () => {
  const store = new Store();
  await store.open();
  const { enrol } = store.faces;
  const doors = {
    issuer: issuerUrl,
    gateway: "http://127.0.0.1:8480",
    enrol,
    attest: store.attest,
  };
  await store.during(store.cast.start(doors));
  await store.clock.pass(38_000);
  // The issuer goes away for a while: phones and the gateway wait, and nothing is lost.
  store.issuerIsAway = true;
  await store.clock.pass(4_000);
  store.issuerIsAway = false;
  await store.clock.pass(10_000);
  await store.during(store.cast.close(8_000));
  const violations = await store.violations();
  const told = store.cast.summary();
  assert.deepEqual(violations, [], JSON.stringify(told));
  assert.ok(told.sales >= 20, JSON.stringify(told));
  assert.ok(told.declined >= 1 && told.cancelled >= 1 && told.cash >= 1, JSON.stringify(told));
  assert.ok(told.several_in_view >= 3, JSON.stringify(told));
  assert.equal(told.receipts, told.sales);
  assert.ok(store.nonces_read > 0, "a nonce was read at a beacon");
  assert.ok(told.check_ins >= told.sales, JSON.stringify(told));
  const captured = store.story.filter((line) => /\bpays( a part)? {2,}/.test(line));
  assert.equal(captured.length, told.sales);
  for (const seldom of ["restricted", "challenged", "asked", "partly", "refunds"] as const) {
    assert.ok(told[seldom] >= 1, `${seldom}: ${JSON.stringify(told)}`);
  }
  for (const word of ["is asked", "says less", "may have", "must answer", "is refunded"]) {
    assert.ok(store.story.some((line) => line.includes(word)), `${word} is in the story`);
  }
  for (const word of ["opens", "arrives", "checks in", "has receipt", "pays cash"]) {
    assert.ok(store.story.some((line) => line.includes(word)), `${word} is in the story`);
  }
  readsWell(store.story);

  // A restart on the same data casts the same people, who find their accounts again.
  const accounts = store.issuerStore.tables.account.count("everyone");
  assert.equal(accounts, 21);
  const again = store.newCast();
  await store.during(again.start(doors));
  assert.equal(store.issuerStore.tables.account.count("everyone"), accounts);
  await store.during(again.stop());
  await again.devices.close();
  await store.close();
});

/** Each line is one short line, and the last that was told of whoever is refunded is that they
 * paid. */
function readsWell(story: readonly string[]): void {
  assert.ok(story.every((line) => line.length < 100 && !line.includes("\n")));
  const wordOf = (line: string) => line.slice(10, 22).trim();
  const whoOf = (line: string) => line.slice(24, 36).trim();
  for (const [at, line] of story.entries()) {
    if (wordOf(line) !== "is refunded") continue;
    const before = story.slice(0, at).findLast((told) => whoOf(told) === whoOf(line)) ?? "";
    assert.match(wordOf(before), /^(pays|pays a part|has receipt)$/, line);
  }
}
