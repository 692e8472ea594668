/** Commands on their way to the issuer: in order for each payment, one key for all tries. */
// long because every way an answer may come is told of the one office
import assert from "node:assert/strict";
import { type HandClock, handClock } from "../../hardware/simulated/testing.ts";
import type { DurableCommand, IssuerAnswer } from "../../actors/messages.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { OutboxRow } from "../journal/journal.ts";
import { createOutbox, type Outbox } from "./outbox.ts";

interface Sent {
  readonly from: string;
  readonly type: string;
  readonly key: string;
}

type Sale = Extract<DurableCommand, { payment: string }>;
type Reply = (command: Sale, key: string) => Promise<IssuerAnswer>;

const capture = (payment: string): Sale => ({
  type: "issuer.capture",
  payment,
  authorisation: "a",
  amount_minor: 100,
  currency: "EUR",
});
const reverse = (payment: string): Sale => ({
  type: "issuer.reverse",
  payment,
  reason: "operator_cancelled",
});
const forward = (payment: string): Sale => ({
  type: "issuer.forward",
  payment,
  visit: "v",
  token: "t",
  lane: "1",
  amount_minor: 100,
  currency: "EUR",
  items: [],
  evidence: {
    kind: "face_at_pay_position",
    camera: "c",
    model: "m",
    frames: 1,
    outcome: "identified",
    liveness: "passed",
    seen_at_ms: 1,
  },
  operator: "olga",
  allowance: `al-${payment}`,
  proof: "p",
  accepted_at_ms: 1,
});
const unreachable = () =>
  Promise.reject(new RuntimeError("issuer_unreachable", "no answer from the issuer"));
const refuses = () => Promise.reject(new RuntimeError("issuer_refused", "that makes no sense"));
const answers: Reply = ({ type }) =>
  Promise.resolve(
    type === "issuer.reverse"
      ? { type: "issuer.reversed" }
      : { type: "issuer.captured", receipt: "r" },
  );

/** The time of the actors, of a clock that was set back. */
const ahead_ms = 7_000;

/** An outbox over rows that are in the journal until they are settled. */
const paymentOf = (command: DurableCommand) => "payment" in command ? command.payment : "";

class Office {
  readonly clock: HandClock = handClock(1_790_000_000_000);
  readonly sent: Sent[] = [];
  readonly settled: [number, EventLike][] = [];
  readonly logged: string[] = [];
  /** How often each was marked as sent before. */
  readonly repeats: number[] = [];
  readonly outbox: Outbox;
  reply: Reply = answers;
  /** The engine waits for no answer to a row that is there: a fault, if it ever happens. */
  forgets = false;
  #rows: OutboxRow[] = [];
  #added = () => {};
  #position = 0;

  constructor() {
    const engine: Pick<Engine, "outbox" | "settle" | "onOutbox" | "timeOf"> = {
      timeOf: (clock_ms) => clock_ms + ahead_ms,
      outbox: (after, limit) =>
        this.#rows.filter(({ position }) => position > after).slice(0, limit),
      settle: (position, answer) => {
        if (this.forgets) return Promise.resolve({ accepted: false, view: undefined });
        this.#rows = this.#rows.filter((row) => row.position !== position);
        this.settled.push([position, answer]);
        return Promise.resolve({ accepted: true, view: undefined });
      },
      onOutbox: (listener) => {
        this.#added = listener;
        return () => this.#added = () => {};
      },
    };
    this.outbox = createOutbox({
      engine: engine as Engine,
      clock: this.clock,
      random: { bytes: (length) => new Uint8Array(length) },
      log: (level, message) => void this.logged.push(`${level} ${message}`),
      takes: (command) => command.startsWith("issuer."),
      send: (asked, key, _signal, repeat) => {
        const command = asked as Sale;
        this.sent.push({ from: command.payment, type: command.type, key });
        this.repeats.push(repeat);
        return this.reply(command, key);
      },
    });
  }

  ask(command: Sale): void {
    const position = ++this.#position;
    const from = `payment/${paymentOf(command)}`;
    const at_ms = this.clock.now_ms();
    this.#rows.push({ position, from, command, key: `key-${position}`, at_ms });
    this.#added();
  }

  get waiting(): number {
    return this.#rows.length;
  }
}

Deno.test("one payment's commands go one after the other, payments side by side", async () => {
  const office = new Office();
  const gates = new Map<string, (answer: IssuerAnswer) => void>();
  office.reply = (_, key) => new Promise((resolve) => gates.set(key, resolve));
  office.ask(capture("a"));
  office.ask(reverse("a"));
  office.ask(capture("b"));
  office.outbox.start();
  await office.clock.pass(0);
  assert.deepEqual(office.sent.map(({ key }) => key), ["key-1", "key-3"]);
  gates.get("key-1")!({ type: "issuer.captured", receipt: "r" });
  await office.clock.pass(0);
  assert.deepEqual(office.sent.map(({ key }) => key), ["key-1", "key-3", "key-2"]);
  gates.get("key-2")!({ type: "issuer.reversed" });
  gates.get("key-3")!({ type: "issuer.captured", receipt: "r" });
  await office.clock.pass(0);
  assert.equal(office.waiting, 0);
  await office.outbox.stop();
});

Deno.test("while the issuer is away every try has the same key, and pauses grow", async () => {
  const office = new Office();
  office.reply = unreachable;
  office.outbox.start();
  office.ask(capture("a"));
  await office.clock.pass(60_000);
  const tries = office.sent.length;
  assert.ok(tries > 5 && tries < 30, `${tries} tries in a minute`);
  assert.deepEqual([...new Set(office.sent.map(({ key }) => key))], ["key-1"]);
  assert.deepEqual(office.settled, []);
  office.reply = answers;
  office.outbox.wake();
  await office.clock.pass(0);
  assert.equal(office.sent.length, tries + 1, "at once when the link is back");
  assert.deepEqual(office.settled, [[1, { type: "issuer.captured", receipt: "r" }]]);
  await office.outbox.stop();
});

Deno.test("a refused request ends as the payment's own refusal", async () => {
  const office = new Office();
  office.reply = refuses;
  office.outbox.start();
  office.ask(capture("a"));
  await office.clock.pass(0);
  const reason = "that makes no sense";
  assert.deepEqual(office.settled, [[1, { type: "issuer.capture_refused", reason }]]);
  await office.outbox.stop();
});

Deno.test("a refused reversal is tried for ever, and holds up nobody else", async () => {
  const office = new Office();
  office.reply = (command, key) =>
    paymentOf(command) === "stuck" ? refuses() : answers(command, key);
  office.outbox.start();
  office.ask(reverse("stuck"));
  await office.clock.pass(60_000);
  assert.ok(office.sent.length > 3, "it must come to be");
  assert.deepEqual([...new Set(office.sent.map(({ key }) => key))], ["key-1"]);
  for (const other of ["b", "c", "d"]) {
    office.ask(capture(other));
    await office.clock.pass(0);
  }
  assert.deepEqual(office.settled.map(([position]) => position), [2, 3, 4]);
  office.reply = answers;
  await office.clock.pass(20_000);
  assert.equal(office.waiting, 0);
  await office.outbox.stop();
});

Deno.test("a command that cannot be settled is asked again with pauses, and told of", async () => {
  const office = new Office();
  office.forgets = true;
  office.outbox.start();
  office.ask(capture("a"));
  await office.clock.pass(60_000);
  assert.ok(office.sent.length > 3 && office.sent.length < 30, `${office.sent.length} tries`);
  assert.equal(office.logged[0], "error a settled command still stands in the outbox");
  office.forgets = false;
  await office.clock.pass(20_000);
  assert.equal(office.waiting, 0);
  await office.outbox.stop();
});

Deno.test("what was accepted without the issuer goes one by one; the rest goes on", async () => {
  const office = new Office();
  const gates = new Map<string, (answer: IssuerAnswer) => void>();
  office.reply = (_, key) => new Promise((resolve) => gates.set(key, resolve));
  for (const payment of ["a", "b", "c"]) office.ask(forward(payment));
  office.ask(capture("d"));
  office.outbox.start();
  await office.clock.pass(0);
  assert.deepEqual(office.sent.map(({ key }) => key), ["key-1", "key-4"]);
  gates.get("key-1")!({ type: "issuer.captured", receipt: "r" });
  await office.clock.pass(0);
  assert.deepEqual(office.sent.map(({ key }) => key), ["key-1", "key-4", "key-2"]);
  for (const key of ["key-2", "key-3", "key-4"]) {
    gates.get(key)?.({ type: "issuer.forward_refused", reason: "declined" });
    await office.clock.pass(0);
  }
  gates.get("key-3")?.({ type: "issuer.captured", receipt: "r" });
  await office.clock.pass(0);
  assert.equal(office.waiting, 0);
  await office.outbox.stop();
});

Deno.test("one that is never answered holds up those behind it only for a while", async () => {
  const office = new Office();
  office.reply = (command, key) =>
    command.payment === "stuck" ? unreachable() : answers(command, key);
  office.outbox.start();
  office.ask(forward("stuck"));
  for (const payment of ["a", "b"]) office.ask(forward(payment));
  await office.clock.pass(120_000);
  assert.deepEqual(office.settled.map(([position]) => position), [2, 3]);
  assert.equal(office.waiting, 1);
  await office.outbox.stop();
});

Deno.test("one that is never answered delays no sale that begins after it", async () => {
  const office = new Office();
  office.reply = (command, key) =>
    command.payment === "stuck" ? unreachable() : answers(command, key);
  office.outbox.start();
  office.ask(capture("stuck"));
  await office.clock.pass(60_000);
  for (const other of ["b", "c"]) {
    office.ask(capture(other));
    office.ask(reverse("stuck"));
    await office.clock.pass(0);
  }
  assert.deepEqual(office.settled.map(([position]) => position), [2, 4]);
  const stuck = office.sent.filter(({ from }) => from === "payment/stuck" || from === "stuck");
  assert.deepEqual([...new Set(stuck.map(({ key }) => key))], ["key-1"], "in their order");
  await office.outbox.stop();
});

Deno.test("a request that was sent before is marked, also by the process after", async () => {
  const office = new Office();
  office.reply = unreachable;
  office.ask(forward("a"));
  office.outbox.start();
  await office.clock.pass(2_000);
  // What stood there at the start may have been sent by the process before.
  assert.deepEqual(office.repeats.slice(0, 3), [1, 2, 3]);
  office.reply = answers;
  office.outbox.wake();
  await office.clock.pass(0);
  office.ask(capture("b"));
  await office.clock.pass(0);
  assert.equal(office.repeats.at(-1), 0);
  assert.equal(new Set(office.sent.map(({ key }) => key)).size, 2);
  await office.outbox.stop();
});

Deno.test("a stop waits for what is under way and sends nothing more", async () => {
  const office = new Office();
  office.reply = unreachable;
  office.outbox.start();
  office.ask(capture("a"));
  await office.clock.pass(1_000);
  await office.outbox.stop();
  const { length } = office.sent;
  office.ask(capture("b"));
  await office.clock.pass(60_000);
  assert.equal(office.sent.length, length);
});

Deno.test("no key and no answer is in what is logged", async () => {
  const office = new Office();
  office.reply = refuses;
  office.outbox.start();
  office.ask(capture("a"));
  await office.clock.pass(0);
  assert.deepEqual(office.logged, ["warn a request was refused"]);
  await office.outbox.stop();
});

Deno.test("until when a phone is waited for is told in the time of the actors", async () => {
  const office = new Office();
  const asked = { type: "issuer.approval_needed", approval: "a", reason: "limit" } as const;
  office.reply = () => Promise.resolve({ ...asked, until_ms: 60_000 });
  office.ask(capture("a"));
  office.outbox.start();
  await office.clock.pass(0);
  assert.deepEqual(office.settled, [[1, { ...asked, until_ms: 60_000 + ahead_ms }]]);
  await office.outbox.stop();
});
