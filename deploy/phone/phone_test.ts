/** The phone library against the reference issuer, in the words of the shop. */
import assert from "node:assert/strict";
import { RuntimeError } from "../../runtime/errors.ts";
import { rotationOf } from "../../runtime/vault/rotation.ts";
import { ana, charge, model, opened, quick, random, story } from "./testing.ts";

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
    const { visits: [visit], rotations } = await world.accountData();
    assert.ok(visit);
    assert.equal(visit.account, account);
    assert.deepEqual([visit.first_name, visit.initials], ["Ana", "AS"]);
    const template = world.gateway.openTemplate(visit, rotations);
    assert.ok(template?.rotation);
    const { turnBack } = rotationOf(template.rotation.key, 64);
    for (const value of turnBack(template.values)) assert.ok(Math.abs(value - 1 / 8) < 1e-7);
    assert.equal(template.model, model);
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

Deno.test("a goodbye holds until the shop was left, or until the shopper takes it back", () =>
  story(async (world) => {
    const { own, told } = await opened(world);
    await world.near(own, 4);
    const first = own.checkIn;
    await world.during(own.leave());
    await world.near(own, 40);
    assert.equal(own.checkIn, undefined, "still at the shelf, after the goodbye");
    assert.deepEqual(told(), ["checked_in", "left"]);
    await world.clock.pass(25_000);
    await world.near(own, 4);
    const second = own.checkIn;
    assert.notEqual(second, undefined, "came again");
    assert.notEqual(second, first);
    await world.during(own.leave());
    await world.near(own, 4);
    assert.equal(own.checkIn, undefined);
    own.comeBack();
    await world.near(own, 4);
    assert.notEqual(own.checkIn, undefined, "by the shopper's own wish");
  }));

Deno.test("after a goodbye a neighbour's beacon counts once those of the shop are silent", () =>
  story(async (world) => {
    const { own } = await opened(world);
    await world.near(own, 4);
    await world.during(own.leave());
    const next_door = () => own.hear({ ...world.sighting(), hardware_id: "next-door" });
    const before = world.count("POST /v1/check-ins");
    for (let second = 0; second < 15; second++) {
      next_door();
      await world.clock.pass(1_000);
    }
    assert.equal(world.count("POST /v1/check-ins"), before, "it may be of the same shop");
    for (let second = 0; second < 10; second++) {
      next_door();
      await world.clock.pass(1_000);
    }
    assert.ok(world.count("POST /v1/check-ins") > before, "in the shop next door");
  }));

Deno.test("a phone whose clock is fast checks in once and stays", async (test) => {
  for (const fast_ms of [115_000, 95_000]) {
    await test.step(`${fast_ms} ms`, () =>
      story(async (world) => {
        const own = world.phone(random.bytes(32), quick, undefined, fast_ms);
        await world.during(own.openAccount(ana));
        for (let second = 0; second < 200; second++) {
          own.hear(world.sighting(-60, fast_ms));
          await world.clock.pass(1_000);
        }
        assert.equal(world.count("POST /v1/check-ins"), 1);
        assert.deepEqual((await world.visits()).map((visit) => visit.check_in), [own.checkIn]);
        const renewals = world.asked.filter((asked) => asked.endsWith("/renewals")).length;
        assert.ok(renewals >= 4 && renewals <= 8, `${renewals} renewals`);
      }));
  }
});

Deno.test("a phone whose clock is far off is told which way, in words that it can show", () =>
  story(async (world) => {
    const off = (by_ms: number) => world.phone(random.bytes(32), quick, undefined, by_ms);
    for (const [by_ms, way] of [[121_000, "fast"], [-121_000, "slow"]] as const) {
      await assert.rejects(world.during(off(by_ms).openAccount(ana)), {
        kind: "unauthorised",
        message: `the clock of this device is ${way}: set it to the right time, and try again`,
      });
    }
  }));

Deno.test("while the issuer is away a phone goes on trying, and is there once after", () =>
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
    const rows = world.store.tables.account.all("everyone", []);
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

/** What a display shows. */
const soup = {
  id: "https://shop.example/soup",
  kind: "recipe" as const,
  language: "en",
  name: [{ text: "Tomato", mark: true }, { text: " soup", mark: false }],
  text: [],
  ingredients: [],
  price: null,
  personal: false,
  link: { entity: "ingredient/tomato", label: "tomato" },
  why: "You are looking at: Tomatoes.",
};

Deno.test("who agreed to offers is told what the store shows, once; then nothing any more", () =>
  story(async (world) => {
    const { own, events } = await opened(world);
    await own.agreeToOffers("offers-1");
    await world.near(own, 3);
    const show = () => world.gateway.showContent({ check_in: own.checkIn!, content: soup });
    await show();
    await world.until(() => events.some(({ type }) => type === "content_shown"));
    await own.receipts();
    assert.deepEqual(await own.shown(), []);
    assert.deepEqual(events.filter(({ type }) => type === "content_shown"), [
      { type: "content_shown", content: soup },
    ]);
    await own.revokeOffers();
    await assert.rejects(show(), /consent/);
    assert.deepEqual(await own.shown(), []);
  }));

Deno.test("what is shown and cannot be read holds up no receipt", () =>
  story(async (world) => {
    const { own, events } = await opened(world);
    const values = new Float32Array(64).fill(1 / 8);
    await own.enrolFace({ model, preset: "drawn", values }, "notice-1");
    await own.agreeToOffers("offers-1");
    await world.near(own, 3);
    world.lost.add("/v1/content");
    await world.gateway.showContent({ check_in: own.checkIn!, content: soup });
    await charge(world, "pay-1");
    await world.until(() => events.some(({ type }) => type === "receipt"));
    world.lost.clear();
    await world.until(() => events.some(({ type }) => type === "content_shown"));
  }));

Deno.test("the phone says how many come in together, once it has checked in", () =>
  story(async (world) => {
    const { own } = await opened(world);
    await assert.rejects(own.weAre(2), { problem: "check_in_unknown" });
    await world.near(own, 4);
    assert.ok(await own.weAre(3) > world.clock.now_ms());
    assert.equal(world.count(`PUT /v1/check-ins/${own.checkIn}/people`), 1);
  }));
