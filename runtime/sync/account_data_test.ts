/** Account data on its way in: templates to cameras, news to visits, and nothing to those gone. */
// long because every way an answer may come is told of the one store
import assert from "node:assert/strict";
import { actorKinds } from "../../actors/kinds.ts";
import { type HandClock, handClock } from "../../hardware/simulated/testing.ts";
import { createEngine } from "../engine/create.ts";
import type { Engine } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import type { Template } from "../world.ts";
import { type AccountDataFetcher, createAccountDataFetcher } from "./account_data.ts";
import type { AccountData } from "./contract/schemas.ts";
import type { Issuer } from "./issuer.ts";

type Visit = AccountData["visits"][number];

const start_ms = 1_790_000_000_000;
const ours = { model: "ab".repeat(32), preset: "p", dim: 2 };
const sealed = { enc: "e", ciphertext: "c" };

const visit = (check_in: string, more: Partial<Visit> = {}): Visit => ({
  check_in,
  account: `account-${check_in}`,
  first_name: "Ada",
  initials: "AL",
  lease_expires_ms: start_ms + 90_000,
  tokens: [`${check_in}-token-1`],
  allowances: [],
  offers: false,
  template: { ...ours, sealed, rotation: "d" },
  ...more,
});

/** Until when an allowance is good. */
const expires_ms = start_ms + 900_000;

/** A gateway whose beacon asks whenever somebody is announced, and an issuer that answers. */
class Store {
  readonly clock: HandClock = handClock(start_ms);
  /** By how much the machine's clock was set back. */
  back_ms = 0;
  readonly held = new Set<string>();
  readonly wiped = new Set<string>();
  readonly logged: string[] = [];
  readonly engine: Engine;
  readonly fetcher: AccountDataFetcher;
  asked = 0;
  /** What a radio reads at the beacon, where there is one. */
  atBeacon: (() => Promise<string>) | undefined;
  readonly proofs: (string | undefined)[] = [];
  /** Whether cameras take templates. */
  admits = true;
  readonly since: (number | undefined)[] = [];
  answer: () => Promise<AccountData> = () =>
    Promise.resolve({ visits: [], revision: 1, rotations: [], proved_for_ms: 0 });
  opens: (visit: Visit) => Template | undefined = () => ({
    ...ours,
    values: Float32Array.of(0.6, 0.8),
  });

  constructor() {
    let drawn = 0;
    const { held } = this;
    const now_ms = () => this.clock.now_ms() - this.back_ms;
    const clock = { now_ms, after: this.clock.after };
    const log = (level: string, message: string) => void this.logged.push(`${level} ${message}`);
    this.engine = createEngine({
      kinds: actorKinds,
      journal: openMemoryJournal(new MemoryDisk()),
      clock,
      random: { bytes: (length) => new Uint8Array(length).map(() => drawn++ % 251) },
      log: () => {},
      gateway: "g",
    });
    const issuer: Pick<Issuer, "askAccountData" | "openTemplate" | "readAllowances"> = {
      askAccountData: ({ since, nonce }) => {
        this.asked++;
        this.proofs.push(nonce);
        this.since.push(since);
        return this.answer();
      },
      openTemplate: (each) => this.opens(each),
      readAllowances: ({ allowances = [] }) =>
        allowances.map((proof) => ({ allowance: proof, amount_minor: 1, expires_ms, proof })),
    };
    this.fetcher = createAccountDataFetcher({
      engine: this.engine,
      issuer: issuer as Issuer,
      clock,
      nonces: {
        reads: () => this.atBeacon !== undefined,
        read: () => this.atBeacon!(),
      },
      log,
      model: ours,
      zoneOf: () => "tills",
      galleries: {
        admit: (id, _, template) => {
          template.values.fill(0);
          return Promise.resolve(this.admits && !this.wiped.has(id) && !!held.add(id));
        },
        complete: (id) => held.has(id),
        wipe: (id) => Promise.resolve(void held.delete(id)),
        reopen: (id) => this.wiped.delete(id),
      },
    });
    this.fetcher.wire();
    this.engine.effect("radio.advertise", () => {});
    this.engine.effect("gallery.wipe", ({ visit }) => {
      held.delete(visit);
      this.wiped.add(visit);
    });
    this.engine.start();
  }

  async open(): Promise<void> {
    const { engine, clock } = this;
    await engine.post("beacon/b", {
      type: "store.beacon_configured",
      zone: "tills",
      hardware_id: "b",
    });
    const until_ms = start_ms + 3_600_000;
    const period = { code: "00".repeat(8), nonce: "n", from_ms: start_ms, until_ms };
    await engine.post("beacon/b", { type: "issuer.code_set", ...period });
    await clock.pass(0);
  }

  async announced(): Promise<void> {
    await this.engine.post("beacon/b", { type: "issuer.check_in_announced" });
    await this.clock.pass(0);
  }

  events(id: string): string[] {
    const rows = this.engine.history(`visit/${id}`, { limit: 100 });
    return rows.map(({ event }) => event.type).reverse();
  }
}

const opened = "issuer.visit_opened";

Deno.test("a visit is told what is new, and not the same again", async () => {
  const store = new Store();
  let visits = [visit("v")];
  store.answer = () => Promise.resolve({ visits, revision: 1, rotations: [], proved_for_ms: 0 });
  await store.open();
  assert.equal(store.engine.view("visit/v")?.state, "present");
  assert.ok(store.held.has("v"));
  for (let other = 0; other < 10; other++) await store.announced();
  assert.ok(store.asked > 10, "the issuer is asked each time");
  assert.deepEqual(store.events("v"), [opened]);

  visits = [visit("v", { lease_expires_ms: start_ms + 120_000 }), visit("w")];
  await store.announced();
  assert.deepEqual(store.events("v"), [opened, opened], "a renewal is news");
  assert.deepEqual(store.events("w"), [opened]);

  assert.equal(store.engine.view("visit/w")?.context["offers"], false);
  visits = [visit("w", { offers: true })];
  await store.announced();
  assert.equal(store.engine.view("visit/w")?.context["offers"], true);
  await store.engine.stop();
});

Deno.test("a nonce that is read at the beacon is the proof; unread it is none", async () => {
  const store = new Store();
  await store.open();
  assert.deepEqual(store.proofs, ["n"]);
  store.atBeacon = () => Promise.resolve("read");
  await store.announced();
  assert.deepEqual(store.proofs, ["n", "read"]);
  store.atBeacon = () => Promise.reject(new RuntimeError("stopped", "out of reach"));
  await store.announced();
  assert.deepEqual(store.proofs, ["n", "read"], "nothing is asked with what was told before");
  assert.equal(store.engine.view("beacon/b")?.context["ask_reason"], "out of reach");
  await store.engine.stop();
});

Deno.test("a visit that ended here is not brought back, and its template goes", async () => {
  const store = new Store();
  store.answer = () =>
    Promise.resolve({ visits: [visit("v")], revision: 1, rotations: [], proved_for_ms: 0 });
  await store.open();
  await store.engine.post("visit/v", { type: "issuer.check_in_ended", reason: "left" });
  await store.clock.pass(0);
  assert.ok(!store.held.has("v"));
  await store.announced();
  assert.equal(store.engine.view("visit/v")?.state, "left");
  assert.ok(!store.held.has("v"), "the issuer answered for it once more");
  store.admits = false;
  store.fetcher.forget("b");
  await store.announced();
  await store.announced();
  assert.equal(store.since.at(-1), 1, "nobody misses it: only what is new is asked for");
  await store.engine.stop();
});

Deno.test("who left while the first answer was under way is not opened, nor held", async () => {
  const store = new Store();
  store.answer = async () => {
    await store.engine.post("visit/v", { type: "issuer.check_in_ended", reason: "left" });
    return { visits: [visit("v")], revision: 1, rotations: [], proved_for_ms: 0 };
  };
  await store.open();
  assert.equal(store.engine.view("visit/v")?.state, "left");
  assert.ok(!store.held.has("v"));
  await store.engine.stop();
});

Deno.test("who was away with the link is back with the next answer, face and all", async () => {
  const store = new Store();
  const answer = (visits: Visit[], revision: number) => {
    store.answer = () => Promise.resolve({ visits, revision, rotations: [], proved_for_ms: 0 });
  };
  answer([visit("v")], 1);
  await store.open();
  store.answer = () => Promise.reject(new RuntimeError("issuer_unreachable", "cut off"));
  await store.clock.pass(100_000);
  assert.equal(store.engine.view("visit/v")?.state, "away");
  assert.ok(!store.held.has("v"));
  const { template: _, ...renewed } = visit("v", { lease_expires_ms: start_ms + 190_000 });
  answer([renewed], 2);
  await store.announced();
  assert.equal(store.engine.view("visit/v")?.state, "entered", "its template is still to come");
  answer([{ ...renewed, template: { ...ours, sealed, rotation: "d" } }], 2);
  await store.announced();
  assert.equal(store.since.at(-1), undefined, "all is asked for");
  assert.equal(store.engine.view("visit/v")?.state, "present");
  assert.ok(store.held.has("v"));
  await store.engine.stop();
});

Deno.test("a stay that begins after the clock was set back lasts as long as any", async () => {
  const store = new Store();
  store.back_ms = 2 * 3_600_000;
  const visits = [visit("v", { lease_expires_ms: start_ms - store.back_ms + 90_000 })];
  store.answer = () => Promise.resolve({ visits, revision: 1, rotations: [], proved_for_ms: 0 });
  await store.open();
  const state = () => store.engine.view("visit/v")?.state;
  assert.equal(state(), "present");
  await store.clock.pass(69_000);
  assert.equal(state(), "present");
  await store.clock.pass(20_000);
  assert.equal(state(), "fading");
  await store.clock.pass(2_000);
  assert.equal(state(), "away");
  await store.engine.stop();
});

Deno.test("nothing is reserved for sales that would be dated far ahead of the clock", async () => {
  const store = new Store();
  const offers = (lease_expires_ms: number) => {
    const visits = [visit("v", { lease_expires_ms, allowances: ["a"] })];
    store.answer = () => Promise.resolve({ visits, revision: 1, rotations: [], proved_for_ms: 0 });
  };
  const names = () =>
    (store.engine.view("visit/v")?.context["allowances"] as { allowance: string }[])
      .map(({ allowance }) => allowance);
  offers(start_ms + 90_000);
  await store.open();
  assert.deepEqual(names(), ["a"]);
  store.back_ms = 120_000;
  offers(start_ms);
  await store.announced();
  assert.deepEqual(names(), []);
  await store.clock.pass(200_000);
  offers(start_ms + 180_000);
  await store.announced();
  assert.deepEqual(names(), ["a"]);
  await store.engine.stop();
});

Deno.test("only what changed is asked for, until a gallery was lost", async () => {
  const store = new Store();
  store.answer = () =>
    Promise.resolve({ visits: [visit("v")], revision: 5, rotations: [], proved_for_ms: 0 });
  await store.open();
  const { template: _, ...renewed } = visit("v", { lease_expires_ms: start_ms + 120_000 });
  store.answer = () =>
    Promise.resolve({ visits: [renewed], revision: 7, rotations: [], proved_for_ms: 0 });
  await store.announced();
  await store.announced();
  assert.deepEqual(store.since.slice(-2), [5, 7]);
  assert.equal(store.engine.view("visit/v")?.context["template"], true);
  store.held.clear();
  store.fetcher.forget("b");
  store.answer = () =>
    Promise.resolve({ visits: [visit("v")], revision: 7, rotations: [], proved_for_ms: 0 });
  await store.announced();
  assert.equal(store.since.at(-1), undefined);
  assert.ok(store.held.has("v"));
  const { template: __, ...unknown } = visit("w");
  store.answer = () =>
    Promise.resolve({ visits: [unknown], revision: 8, rotations: [], proved_for_ms: 0 });
  await store.announced();
  await store.announced();
  assert.deepEqual(store.since.slice(-2), [7, undefined], "one of whom nothing is known is, too");
  await store.engine.stop();
});

Deno.test("who could not be told is asked for again, and keeps nobody else from it", async () => {
  const store = new Store();
  store.answer = () =>
    Promise.resolve({
      visits: [visit("bad"), visit("v")],
      revision: 1,
      rotations: [],
      proved_for_ms: 0,
    });
  store.opens = ({ check_in }) => {
    if (check_in === "bad") throw new RuntimeError("overloaded", "too much at once");
    return { ...ours, values: Float32Array.of(0.6, 0.8) };
  };
  await store.open();
  assert.equal(store.engine.view("visit/v")?.state, "present");
  assert.equal(store.engine.view("beacon/b")?.context["asking"], "no");
  assert.equal(store.engine.view("beacon/b")?.context["ask_failures"], 1, "it asks again soon");
  store.opens = () => ({ ...ours, values: Float32Array.of(0.6, 0.8) });
  await store.clock.pass(30_000);
  assert.equal(store.since.at(1), undefined, "all is asked for");
  assert.equal(store.engine.view("visit/bad")?.state, "present");
  await store.engine.stop();
});

Deno.test("a refusal reaches the beacon, which asks again by itself", async () => {
  const store = new Store();
  store.answer = () => Promise.reject(new RuntimeError("issuer_refused", "the code is over"));
  await store.open();
  assert.equal(store.engine.view("beacon/b")?.context["ask_reason"], "the code is over");
  store.answer = () =>
    Promise.resolve({ visits: [visit("v")], revision: 1, rotations: [], proved_for_ms: 0 });
  await store.clock.pass(120_000);
  assert.equal(store.engine.view("beacon/b")?.context["ask_reason"], null);
  assert.equal(store.engine.view("visit/v") !== undefined, true);
  await store.engine.stop();
});

Deno.test("who cannot be recognised is here all the same; the log tells why", async () => {
  const store = new Store();
  const foreign = { ...ours, model: "cd".repeat(32), sealed, rotation: "d" };
  store.answer = () =>
    Promise.resolve({
      visits: [visit("foreign", { template: foreign }), visit("spoilt")],
      revision: 1,
      rotations: [],
      proved_for_ms: 0,
    });
  store.opens = () => undefined;
  await store.open();
  for (const id of ["foreign", "spoilt"]) {
    const context = store.engine.view(`visit/${id}`)?.context;
    assert.equal(context?.["template"], false, id);
    assert.equal(context?.["enrol_again"], id === "foreign", id);
    assert.ok(!store.held.has(id));
  }
  assert.deepEqual(store.logged.slice(0, 2), [
    "warn a template was made by another model: the shopper must enrol again",
    "error a template was not sealed to this gateway",
  ]);
  await store.engine.stop();
});

Deno.test("a gateway that stops meanwhile is no trouble of the account data", async () => {
  const store = new Store();
  const late = Promise.withResolvers<AccountData>();
  store.answer = () => late.promise;
  await store.open();
  await store.engine.stop();
  late.resolve({ visits: [visit("v")], revision: 1, rotations: [], proved_for_ms: 0 });
  await store.clock.pass(0);
  assert.deepEqual(store.logged, []);
});
