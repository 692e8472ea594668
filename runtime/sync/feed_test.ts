/**
 * The gateway's side of the feed: what the issuer signed for this gateway is taken once and in
 * order, whatever the connection does, and nothing else is.
 */
import assert from "node:assert/strict";
import { handClock } from "../../hardware/simulated/testing.ts";
import type { Engine } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { nodeVault } from "../vault/node.ts";
import { feedItems } from "./contract/feed_items.ts";
import type { FeedItem } from "./contract/schemas.ts";
import { makeFeedItem } from "./contract/tokens.ts";
import { createFeed } from "./feed.ts";

const start_ms = 1_790_000_000_000;
const issuerKey = nodeVault.signingKey(new Uint8Array(32).fill(7));
const strangersKey = nodeVault.signingKey(new Uint8Array(32).fill(8));

/** The issuer, which sends what it is told to whoever has connected last. */
class FeedIssuer {
  readonly asked: number[] = [];
  cancelled = 0;
  refuses: Error | undefined;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  open = (after: number): Promise<ReadableStream<Uint8Array>> => {
    this.asked.push(after);
    if (this.refuses) return Promise.reject(this.refuses);
    return Promise.resolve(
      new ReadableStream({
        start: (controller) => void (this.#stream = controller),
        cancel: () => void this.cancelled++,
      }),
    );
  };

  say(text: string): void {
    this.#stream?.enqueue(new TextEncoder().encode(text));
  }

  item(sequence: number, more: Partial<FeedItem> = {}, key = issuerKey): void {
    const item: FeedItem = {
      gateway: "g",
      sequence,
      issued_at_ms: start_ms,
      expires_ms: start_ms + 3_600_000,
      body: { type: "check_in.announced", hardware_id: `b${sequence}` },
      ...more,
    };
    const signer = { keyid: "issuer", privateKey: key.privateKey };
    this.say(`data: ${makeFeedItem(nodeVault, signer, item)}\n\n`);
  }

  hangUp(): void {
    this.#stream?.close();
  }
}

/** The time of the actors, of a clock that was set back. */
const ahead_ms = 7_000;

function link(cursor = 0) {
  const passing = handClock(start_ms);
  const clock = { ...passing, off_ms: 0, now_ms: () => passing.now_ms() + clock.off_ms };
  const issuer = new FeedIssuer();
  const told: string[] = [];
  const taken: string[] = [];
  const codes: unknown[] = [];
  const logged: string[] = [];
  const trouble = { overloaded: false, told: () => {} };
  let connected = 0;
  let clock_set = 0;
  const engine: Pick<Engine, "post" | "feed" | "timeOf"> = {
    timeOf: (clock_ms) => clock_ms + ahead_ms,
    post(_, { type }) {
      if (trouble.overloaded) {
        return Promise.reject(new RuntimeError("overloaded", "too many commands wait"));
      }
      told.push(type);
      trouble.told();
      return Promise.resolve({ accepted: true, view: undefined });
    },
    feed(sequence, deliveries) {
      codes.push(...deliveries.flatMap(({ event }) => "code" in event ? [event] : []));
      taken.push(`${sequence} ${deliveries.map(({ to, event }) => `${to} ${event.type}`).join()}`);
      return Promise.resolve();
    },
  };
  const feed = createFeed({
    engine: engine as Engine,
    clock,
    random: { bytes: (length) => new Uint8Array(length) },
    log: (level, message) => void logged.push(`${level} ${message}`),
    gateway: "g",
    cursor,
    open: async (after, signal) =>
      feedItems(nodeVault, issuerKey.publicKey, await issuer.open(after), signal),
    onConnected: () => void connected++,
    onClockSet: () => void clock_set++,
  });
  feed.start();
  const counted = { connected: () => connected, clock_set: () => clock_set };
  return { clock, issuer, told, taken, codes, logged, trouble, feed, ...counted };
}

Deno.test("a feed whose connection hears no signal ends at once when it is stopped", async () => {
  const { clock, issuer, told, feed } = link();
  await clock.pass(1_000);
  assert.deepEqual(told, ["link.connected"]);
  await feed.stop();
  assert.equal(issuer.cancelled, 1);
});

Deno.test("a stop while the loss is being told waits for no pause", async () => {
  const { clock, issuer, told, trouble, feed } = link();
  await clock.pass(0);
  let stopped: Promise<void> | undefined;
  trouble.told = () => void (stopped = feed.stop());
  issuer.hangUp();
  await clock.pass(0);
  assert.deepEqual(told, ["link.connected", "link.lost"]);
  let over = false;
  stopped?.then(() => over = true);
  await clock.pass(0);
  assert.ok(over, "the clock stands still");
});

Deno.test("items are taken in order, and after a break from where they left off", async () => {
  const { clock, issuer, told, taken, feed, connected } = link(4);
  await clock.pass(0);
  issuer.item(5);
  issuer.item(6, { body: { type: "check_in.ended", check_in: "v", reason: "left" } });
  await clock.pass(0);
  issuer.hangUp();
  await clock.pass(1_000);
  issuer.item(6);
  issuer.item(7);
  await clock.pass(0);
  assert.deepEqual(issuer.asked, [4, 6]);
  assert.deepEqual(taken, [
    "5 beacon/b5 issuer.check_in_announced",
    "6 visit/v issuer.check_in_ended",
    "7 beacon/b7 issuer.check_in_announced",
  ]);
  assert.deepEqual(told, ["link.connected", "link.lost", "link.connected"]);
  assert.equal(connected(), 2, "the outbox is woken each time");
  await feed.stop();
});

Deno.test("what the issuer itself has forgotten is not waited for", async () => {
  const { clock, issuer, told, taken, logged, feed } = link(4);
  await clock.pass(0);
  issuer.item(9, { follows: 4 });
  issuer.item(10);
  await clock.pass(0);
  assert.deepEqual(taken, [
    "9 beacon/b9 issuer.check_in_announced",
    "10 beacon/b10 issuer.check_in_announced",
  ]);
  assert.deepEqual(logged, ["warn the issuer has forgotten items of the feed: this disk is old"]);
  issuer.item(13, { follows: 11 });
  await clock.pass(0);
  assert.deepEqual([taken.length, told.at(-1)], [2, "link.lost"]);
  await feed.stop();
});

Deno.test("an item that came too late moves the cursor and nothing else", async () => {
  const { clock, issuer, taken, logged, feed } = link();
  await clock.pass(0);
  issuer.item(1, { expires_ms: start_ms });
  issuer.item(2);
  await clock.pass(0);
  assert.deepEqual(taken, ["1 ", "2 beacon/b2 issuer.check_in_announced"]);
  assert.deepEqual(logged, ["info an item of the feed came too late"]);
  await feed.stop();
});

Deno.test("a code's period is told in the time of the actors", async () => {
  const { clock, issuer, codes, feed } = link();
  await clock.pass(0);
  const period = { from_ms: start_ms, until_ms: start_ms + 60_000 };
  const known = { code: "00".repeat(8), nonce: "bm9uY2U" };
  issuer.item(1, {
    body: { type: "beacon.code_set", hardware_id: "b1", ...known, ...period },
  });
  await clock.pass(0);
  const [from_ms, until_ms] = [start_ms + ahead_ms, start_ms + 60_000 + ahead_ms];
  assert.deepEqual(codes, [{ type: "issuer.code_set", ...known, from_ms, until_ms }]);
  await feed.stop();
});

Deno.test("a clock that is set, back or forward, is noticed with the next beat", async () => {
  const { clock, issuer, clock_set, feed } = link();
  await clock.pass(0);
  const beat = async () => {
    await clock.pass(5_000);
    issuer.say(": beat\n\n");
    await clock.pass(0);
  };
  for (const off_ms of [0, -3_600_000, 3_600_000, 0]) {
    const before = clock_set();
    clock.off_ms = off_ms;
    await beat();
    await beat();
    assert.equal(clock_set() - before, before === 0 && off_ms === 0 ? 0 : 1, `${off_ms}`);
  }
  await feed.stop();
});

const bad: [string, (issuer: FeedIssuer) => void][] = [
  ["for another gateway", (issuer) => issuer.item(1, { gateway: "other" })],
  ["signed by somebody else", (issuer) => issuer.item(1, {}, strangersKey)],
  ["after a gap", (issuer) => issuer.item(2)],
  ["that is no envelope at all", (issuer) => issuer.say("data: hello\n\n")],
];
for (const [what, say] of bad) {
  Deno.test(`an item ${what} is not taken, and the link is lost with growing pauses`, async () => {
    const { clock, issuer, told, taken, feed } = link();
    for (let second = 0; second < 60; second++) {
      if (issuer.asked.length > told.filter((type) => type === "link.lost").length) say(issuer);
      await clock.pass(1_000);
    }
    assert.deepEqual(taken, []);
    assert.ok(told.includes("link.lost"));
    assert.ok(issuer.asked.length > 3, "it tries again");
    assert.ok(issuer.asked.length < 20, `${issuer.asked.length} connections in a minute`);
    await feed.stop();
  });
}

Deno.test("silence for longer than the issuer's beat is a lost link", async () => {
  const { clock, issuer, told, feed } = link();
  await clock.pass(0);
  for (let beat = 0; beat < 5; beat++) {
    issuer.say(": beat\n\n");
    await clock.pass(5_000);
  }
  assert.deepEqual(told, ["link.connected"]);
  await clock.pass(15_000);
  assert.deepEqual(told.slice(0, 2), ["link.connected", "link.lost"]);
  assert.equal(issuer.cancelled, 1);
  await feed.stop();
});

Deno.test("a gateway that takes no more facts for a while comes back to its feed", async () => {
  const { clock, issuer, told, taken, trouble, feed } = link();
  await clock.pass(0);
  trouble.overloaded = true;
  issuer.hangUp();
  await clock.pass(30_000);
  assert.ok(issuer.asked.length > 2, "it goes on trying");
  trouble.overloaded = false;
  await clock.pass(15_000);
  issuer.item(1);
  await clock.pass(0);
  assert.deepEqual(taken, ["1 beacon/b1 issuer.check_in_announced"]);
  assert.equal(told.at(-1), "link.connected");
  await feed.stop();
});
