/** Phones without a network: letters at the beacon's letterbox, before the reference issuer. */
import assert from "node:assert/strict";
import { HardwareError } from "../../hardware/errors.ts";
import type { PhoneLettersPort } from "../../hardware/ports.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { SimulatedLetterbox, SimulatedLetters } from "../../hardware/simulated/letterbox.ts";
import { createClerk } from "../../runtime/sync/letters.ts";
import { readAnswer, writeLetter } from "../../runtime/sync/contract/letters.ts";
import { fromUtf8, utf8 } from "../../runtime/vault/bytes.ts";
import { charge, model, opened, origin, quick, story, type World } from "./testing.ts";

/** The store's letterbox, and what the gateway does to letters on their way. */
class Counter {
  readonly letterbox: SimulatedLetterbox;
  readonly letters: PhoneLettersPort;
  handed = 0;
  /** Changes an answer of the issuer. */
  forge: (answer: Uint8Array) => Uint8Array = (answer) => answer;

  constructor(world: World, readonly beacons = ["b-1"], breaks = 0) {
    const { clock } = world;
    const fetch = async (request: Request) => await world.app.app.fetch(request);
    const clerk = createClerk({ link: { origin, fetch }, clock, beacons });
    this.letterbox = new SimulatedLetterbox("b-1", clock);
    void this.letterbox.open(async (letter) => {
      this.handed++;
      return this.forge(await clerk(letter));
    });
    this.letters = new SimulatedLetters({
      phone: "ana",
      clock,
      chance: chanceOf("counter"),
      breaks,
      reach: (hardware_id) => hardware_id === "b-1" ? this.letterbox : undefined,
    });
  }
}

Deno.test("without a network a phone checks in, gives tokens, stays, pays and leaves", () =>
  story(async (world) => {
    const counter = new Counter(world);
    const { own, told } = await opened(world, quick, counter.letters);
    const values = new Float32Array(64).fill(1 / 8);
    await own.enrolFace({ model, preset: "drawn", values }, "notice-1");
    world.road = "away";
    await world.near(own, 8);
    assert.ok(own.checkIn);
    const [visit] = await world.visits();
    assert.equal(visit?.check_in, own.checkIn);
    assert.equal(visit?.tokens.length, 2);
    await world.near(own, 60);
    assert.ok(told().includes("renewed"));
    await charge(world, "p-1");
    await world.near(own, 60);
    assert.equal((await world.visits())[0]?.tokens.length, 2);
    await world.during(own.leave());
    assert.deepEqual(await world.visits(), []);
    assert.equal(world.count("POST /v1/check-ins"), 0);
    assert.ok(counter.handed >= 5, `${counter.handed} letters`);
  }));

Deno.test("with a network no letter is handed over; when it is back neither", () =>
  story(async (world) => {
    const counter = new Counter(world);
    const { own } = await opened(world, quick, counter.letters);
    await world.near(own, 10);
    assert.ok(own.checkIn);
    assert.equal(counter.handed, 0);
    world.road = "away";
    await world.near(own, 60);
    const { handed } = counter;
    assert.ok(handed > 0);
    world.road = "open";
    await world.near(own, 30);
    const before = counter.handed;
    await world.near(own, 60);
    assert.equal(counter.handed, before);
  }));

Deno.test("connections that break are tried again, and nothing is done twice", () =>
  story(async (world) => {
    const counter = new Counter(world, ["b-1"], 0.1);
    const { own } = await opened(world, quick, counter.letters);
    world.road = "away";
    await world.near(own, 60);
    const visits = await world.visits();
    assert.deepEqual(visits.map((visit) => visit.check_in), [own.checkIn]);
    assert.equal(visits[0]?.tokens.length, 2);
  }));

Deno.test("a gateway that changes an answer is not believed", () =>
  story(async (world) => {
    const counter = new Counter(world);
    const { own, told } = await opened(world, quick, counter.letters);
    counter.forge = (answer) =>
      utf8(fromUtf8(answer)!.replace(/"check_in\\":\\"[^"\\]+/, `"check_in\\":\\"another`));
    world.road = "away";
    await world.near(own, 20);
    assert.ok(counter.handed > 0);
    assert.equal(own.checkIn, undefined);
    assert.ok(told().includes("unreachable"));
  }));

Deno.test("a changed letter is refused by the issuer, another's beacon by the gateway", () =>
  story(async (world) => {
    const { own } = await opened(world);
    const counter = new Counter(world, ["c-7"]);
    const letters: Uint8Array[] = [];
    const listening: PhoneLettersPort = {
      hand(_, letter) {
        letters.push(letter);
        return Promise.reject(new HardwareError("device_lost", "overheard"));
      },
    };
    own.stop();
    const { own: overheard } = await opened(world, quick, listening);
    world.road = "away";
    await world.near(overheard, 6);
    const letter = fromUtf8(letters[0]!)!;
    const hand = (text: string) => world.during(counter.letters.hand("b-1", utf8(text)));
    // This store has another beacon.
    await assert.rejects(hand(letter), { kind: "device_lost" });
    const here = new Counter(world);
    const changed = letter.replace(/"heard_at_ms\\":(\d+)/, '"heard_at_ms\\":1$1');
    assert.notEqual(changed, letter);
    const answer = readAnswer(await world.during(here.letters.hand("b-1", utf8(changed))));
    assert.equal(answer?.status, 401);
    assert.deepEqual(await world.visits(), []);
  }));

Deno.test("nothing but the four words goes by letter", async () => {
  const clock = { now_ms: () => 0, after: () => () => {} };
  let asked = 0;
  const link = {
    origin,
    fetch: () => {
      asked++;
      return Promise.resolve(Response.json({}));
    },
  };
  const clerk = createClerk({ link, clock, beacons: ["b-1"] });
  const headers = { signature: "saunter=:AA==:", "signature-input": "saunter=()" };
  const body = JSON.stringify({ hardware_id: "b-1", heard_at_ms: 1 });
  const good = { v: 1, word: "checkIn", headers, body };
  const hand = (letter: unknown) =>
    clerk({ from: "x", bytes: utf8(typeof letter === "string" ? letter : JSON.stringify(letter)) });
  await hand(good);
  assert.equal(asked, 1);
  for (
    const bad of [
      "",
      "not JSON",
      "[]",
      { ...good, v: 2 },
      { ...good, word: "openAccount" },
      { ...good, word: "eraseAccount" },
      { ...good, word: "__proto__" },
      { ...good, check_in: "a" },
      { ...good, word: "leave" },
      { ...good, word: "leave", check_in: "../account" },
      { ...good, headers: {} },
      { ...good, headers: { ...headers, authorization: "Bearer x" } },
      { ...good, headers: { ...headers, signature: "a\nb" } },
      { ...good, body: "{}" },
      { ...good, body: JSON.stringify({ hardware_id: "b-2", heard_at_ms: 1 }) },
      { ...good, body: "x".repeat(4_000) },
      { ...good, more: 1 },
    ]
  ) await assert.rejects(hand(bad), { kind: "request_invalid" }, JSON.stringify(bad));
  assert.equal(asked, 1);
  const request = { method: "DELETE", url: `${origin}/v1/account`, headers: new Headers() };
  assert.equal(writeLetter(request, ""), undefined);
});
