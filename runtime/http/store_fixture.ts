/**
 * A store for the tests of its doors: the example configuration on the real engine, over a journal
 * in memory, with a clock that the test moves.
 */
// long because a store for tests has everything that a store has
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { actorKinds } from "../../actors/kinds.ts";
import { type Address, standInAddress } from "../../actors/messages.ts";
import { type Config, lanePolicy, parseConfig, standInLimits } from "../config.ts";
import { wireChoosing } from "../content/choosing.ts";
import { Shelf } from "../content/shelf.ts";
import { memoryContentStore } from "../content/store.ts";
import { createEngine } from "../engine/create.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { createChanges } from "../intake/changes.ts";
import { createCounter } from "../intake/counter.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import type { Journal } from "../journal/journal.ts";
import { utf8 } from "../vault/bytes.ts";
import { nodeVault } from "../vault/node.ts";
import { recordOf } from "../vault/pins.ts";
import type { Clock, Log } from "../world.ts";
import { type GatewayApp, gatewayApp } from "./app.ts";
import { Operators } from "./operators.ts";

/** Who may sign in, all with the same PIN. */
const testOperators = ["kim", "lou", "cashier-1"];
export const testPin = "pin-of-tests";
let drawn = 0;
const chance = {
  bytes: (length: number) => nodeVault.sha256(utf8(String(drawn++))).slice(0, length),
};

/** What is due at once (a tick of the engine) runs by itself; anything later, when time moves. */
export class TestClock implements Clock {
  #now_ms = Date.UTC(2026, 2, 14, 9, 30);
  #calls: { due_ms: number; call: () => void }[] = [];

  now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, call: () => void): () => void {
    const entry = { due_ms: this.#now_ms + delay_ms, call };
    this.#calls.push(entry);
    if (delay_ms <= 0) queueMicrotask(() => this.#run());
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  #run(): void {
    const due = this.#calls.filter(({ due_ms }) => due_ms <= this.#now_ms);
    this.#calls = this.#calls.filter((entry) => !due.includes(entry));
    for (const { call } of due.sort((a, b) => a.due_ms - b.due_ms)) call();
  }

  /** Moves time on and lets what follows from it happen. */
  async advance(by_ms: number): Promise<void> {
    this.#now_ms += by_ms;
    this.#run();
    await settled();
  }
}

/** Lets everything that is due now happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export interface TestStore {
  readonly app: GatewayApp;
  readonly engine: Engine;
  readonly config: Config;
  readonly clock: TestClock;
  /** Lines for the operator of the gateway. */
  readonly logged: string[];
  post(to: Address, event: EventLike): Promise<void>;
  /** The issuer's answer to the oldest command that waits. */
  answer(type: string, event: EventLike): Promise<void>;
  json(path: string, init?: RequestInit): Promise<{ status: number; body: Json }>;
  send(path: string, body: unknown): Promise<{ status: number; body: Json }>;
  close(): Promise<void>;
}
// deno-lint-ignore no-explicit-any -- answers are compared field by field
export type Json = any;

const exampleText = readFileSync(
  new URL("../../deploy/store.example.json", import.meta.url),
  "utf8",
);

/** An engine that knows the machines and a world in which nothing happens by itself: tests say
 * what devices and the issuer answer. */
function quietEngine(config: Config, clock: Clock, journal: Journal, log: Log): Engine {
  let seed = 0;
  const engine = createEngine({
    kinds: actorKinds,
    journal,
    clock,
    random: { bytes: (length) => new Uint8Array(length).map(() => seed++ % 251) },
    log,
    gateway: config.gateway.id,
  });
  const volatile = [
    "issuer.fetch_account_data",
    "radio.advertise",
    "challenge.check",
    "gallery.wipe",
    "change.prove",
    "turn.pose",
    "camera.restart",
    "camera.look_again",
    "issuer.show_content",
    "issuer.admit",
    "retailer.verify_identity",
    "gate.open",
    "tracker.enter",
    "shelf.note_taken",
  ] as const;
  for (const type of volatile) engine.effect(type, () => {});
  return engine;
}

/** The example's content, and what is put beside it in memory. */
function shelfOf({ content: { catalogue = "", files } }: Config): Shelf {
  const readText = (path: string) =>
    readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");
  return new Shelf({ catalogue, files, readText, store: memoryContentStore(), log: () => {} });
}

function doors(
  engine: Engine,
  config: Config,
  journal: Journal,
  clock: Clock,
  log: Log,
  operators: Operators,
  content: Shelf,
  posKey?: string,
) {
  const counter = createCounter({
    engine,
    clock,
    vault: nodeVault,
    currency: config.store.currency,
    perPayment_minor: config.limits.per_payment_minor,
    jurisdiction: config.store.jurisdiction,
    restrictions: config.policies.restrictions,
  });
  const key = posKey === undefined ? {} : { posKey };
  const payments = (limit: number) =>
    journal.addresses("payment", limit).flatMap((address) => engine.view(address as Address) ?? []);
  const changes = createChanges({ engine, config, vault: nodeVault, clock });
  return gatewayApp({
    engine,
    config,
    counter,
    changes,
    operators,
    payments,
    clock,
    vault: nodeVault,
    log,
    content,
    ...key,
  });
}

/** What a test does at the store's doors. */
function handles(app: GatewayApp, engine: Engine, operators: Operators) {
  const json = async (path: string, init?: RequestInit) => {
    const response = await app.request(path, init);
    return { status: response.status, body: await response.json() as Json };
  };
  return {
    json,
    /** An `operator` of the body is the one who has signed in and sends the rest. */
    send(path: string, body: unknown) {
      const { operator, ...rest } = body as Readonly<Record<string, unknown>>;
      const signed = operator === undefined
        ? {}
        : { "x-operator-session": operators.signIn(String(operator), testPin).token };
      return json(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...signed },
        body: JSON.stringify(operator === undefined ? body : rest),
      });
    },
    async post(to: Address, event: EventLike) {
      const { accepted } = await engine.post(to, event);
      assert.equal(accepted, true, `${to} did not take ${event.type}`);
      await settled();
    },
    async answer(type: string, event: EventLike) {
      const [row] = engine.outbox(0, 10).filter(({ command }) => command.type === type);
      assert.ok(row !== undefined, `nothing waits for an answer to ${type}`);
      await engine.settle(row.position, event);
      await settled();
    },
  };
}

/** Opens the store. `change` may alter the configuration; a `disk` brings what was there before. */
export async function openStore(
  options: { change?: (draft: Json) => void; posKey?: string; disk?: MemoryDisk } = {},
): Promise<TestStore> {
  const draft = JSON.parse(exampleText);
  options.change?.(draft);
  const config = parseConfig(draft);
  const clock = new TestClock();
  const logged: string[] = [];
  const log: Log = (level, message, fields) => {
    logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  const journal = openMemoryJournal(options.disk ?? new MemoryDisk());
  const engine = quietEngine(config, clock, journal, log);
  const shelf = shelfOf(config);
  wireChoosing({ engine, clock, log, library: shelf.library });
  const records = testOperators.map((operator) =>
    recordOf(chance, { operator, name: operator }, testPin, 2)
  );
  const operators = new Operators({ records, vault: nodeVault, clock, random: chance });
  const app = doors(engine, config, journal, clock, log, operators, shelf, options.posKey);
  const store: TestStore = {
    app,
    engine,
    config,
    clock,
    logged,
    ...handles(app, engine, operators),
    async close() {
      app.close();
      await engine.stop();
      journal.close();
    },
  };
  engine.start();
  await configure(store);
  return store;
}

async function configure({ config, post }: TestStore): Promise<void> {
  for (const lane of config.lanes) {
    const { zone, camera } = lane;
    const policy = lanePolicy(config, lane);
    await post(`camera/${camera}`, { type: "store.camera_configured", zone, lane: lane.id });
    await post(`lane/${lane.id}`, { type: "store.lane_configured", zone, camera, policy });
    await post(`camera/${camera}`, { type: "camera.started", device: "simulated" });
  }
  for (const { hardware_id, zone } of config.beacons) {
    await post(`beacon/${hardware_id}`, { type: "store.beacon_configured", zone, hardware_id });
  }
  const limits = standInLimits(config);
  await post(standInAddress, { type: "store.stand_in_configured", limits });
  const { show_ms, per_shopper, per_display, within_ms } = config.content;
  for (const { zone, languages } of config.displays) {
    const policy = { show_ms, per_shopper, per_display, within_ms };
    await post(`display/${zone}`, { type: "store.display_configured", languages, policy });
  }
  const lanes = config.lanes.map(({ id }) => id);
  await post("link/issuer", { type: "store.link_configured", lanes });
  await post("link/issuer", { type: "link.connected" });
}

/** A shopper checks in. */
export async function arrives(
  store: TestStore,
  visit: string,
  first_name: string,
  more: { readonly offers?: boolean } = {},
) {
  await store.post(`visit/${visit}`, {
    type: "issuer.visit_opened",
    account: `account-${visit}`,
    first_name,
    initials: first_name.slice(0, 2).toUpperCase(),
    zone: "tills",
    tokens: [`head.payload-secret.${visit}-${"s".repeat(60)}`],
    template: true,
    lease_expires_ms: store.clock.now_ms() + 600_000,
    allowances: [{
      allowance: `allowance-${visit}`,
      amount_minor: 5_000,
      expires_ms: store.clock.now_ms() + 900_000,
      proof: `head.payload-secret.${visit}`,
    }],
    ...more,
  });
}

/** The lane's camera sees these visits at the pay position. */
export async function seen(store: TestStore, camera: string, ...visits: string[]) {
  await tells(store, camera, visits, "passed");
}

/** Somebody of whom the camera cannot tell that they are no film. */
export async function maybeFilmed(store: TestStore, camera: string, visit: string) {
  await tells(store, camera, [visit], "unsure");
}

async function tells(
  store: TestStore,
  camera: string,
  visits: readonly string[],
  liveness: "passed" | "unsure",
) {
  const outcome = visits.length > 1 ? "ambiguous" : "identified";
  const glance = store.engine.view(`camera/${camera}`)?.context["glance"];
  await store.post(`camera/${camera}`, {
    type: "frame.matched",
    outcome,
    faces: visits.length,
    glance,
    candidates: visits.map((visit) => ({
      visit,
      evidence: {
        kind: "face_at_pay_position",
        camera,
        model: "ab".repeat(32),
        frames: 4,
        outcome,
        liveness,
        seen_at_ms: store.clock.now_ms(),
      },
    })),
  });
}

/** A basket as a till sends it. */
export const basket = (service_id: string, more: Record<string, unknown> = {}) => ({
  poi_id: "lane-till",
  sale_id: "till-1",
  service_id,
  amount_minor: 1_250,
  currency: "EUR",
  items: [
    { name: "Bread", quantity: 1, amount_minor: 350 },
    { name: "Cheese", quantity: 2, amount_minor: 900 },
  ],
  ...more,
});
