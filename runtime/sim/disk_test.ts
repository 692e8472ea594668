/** The simulated disk: what a crash before, within and after a commit leaves behind. */
import assert from "node:assert/strict";
import type { Batch } from "../journal/journal.ts";
import { openSimulatedJournal, SimulatedDisk } from "./disk.ts";

const calm = { before: () => undefined, written: () => {}, after: () => undefined };

function batch(position: number, state: string): Batch {
  return {
    actors: [{
      address: "payment/p",
      value: state,
      context: { nothing: undefined, position },
      timers: [],
      done: state === "captured",
      sent: 0,
      heard: [],
    }],
    history: [{
      position,
      turn: position,
      at_ms: 1_000 + position,
      address: "payment/p",
      from: "outside",
      event: { type: "stepped" },
      before: undefined,
      after: state,
      commands: [],
    }],
    outbox_added: [{
      position: position + 100,
      key: `k${position}`,
      from: "payment/p",
      command: { type: "issuer.capture" },
      at_ms: 0,
    }],
    outbox_settled: [],
    messages_added: [],
    messages_delivered: [],
  };
}

Deno.test("rows outlive the process and come back as JSON keeps them", () => {
  const disk = new SimulatedDisk();
  openSimulatedJournal(disk, calm).commit(batch(1, "awaiting_capture"));
  const journal = openSimulatedJournal(disk, calm);
  assert.equal(journal.head.starts, 2);
  assert.equal(journal.head.position, 101);
  assert.deepEqual(journal.actor("payment/p")?.context, { position: 1 });
  assert.deepEqual([...journal.liveActors()].map(({ value }) => value), ["awaiting_capture"]);
  assert.deepEqual(journal.outbox(0, 10).map(({ key }) => key), ["k1"]);
  journal.commit({ ...batch(2, "captured"), outbox_added: [], outbox_settled: [101] });
  assert.deepEqual([...journal.liveActors()], []);
  assert.equal(journal.actor("payment/p")?.value, "captured");
  assert.deepEqual(journal.outbox(0, 10), []);
  assert.deepEqual(
    journal.history("payment/p", { limit: 5 }).map(({ after }) => after),
    ["captured", "awaiting_capture"],
  );
});

Deno.test("a failed commit leaves nothing, and the journal takes no other", () => {
  const disk = new SimulatedDisk();
  const trouble = new Error("full");
  let fails = true;
  const journal = openSimulatedJournal(disk, {
    ...calm,
    before: () => fails ? trouble : undefined,
  });
  assert.throws(() => journal.commit(batch(1, "a")), trouble);
  fails = false;
  assert.throws(() => journal.commit(batch(1, "a")), trouble);
  assert.equal(disk.live.size, 0);
});

Deno.test("a crash after the write is on the disk, though nobody was told", () => {
  const disk = new SimulatedDisk();
  const crash = new Error("killed");
  const journal = openSimulatedJournal(disk, { ...calm, after: () => crash });
  assert.throws(() => journal.commit(batch(1, "a")), crash);
  assert.equal(disk.actor("payment/p")?.value, "a");
});

Deno.test("an old copy knows nothing of what came later", () => {
  const disk = new SimulatedDisk();
  const journal = openSimulatedJournal(disk, calm);
  journal.commit(batch(1, "a"));
  const copy = disk.copy();
  journal.commit(batch(2, "captured"));
  assert.equal(copy.actor("payment/p")?.value, "a");
  assert.equal(copy.keys.has("k2"), false);
  assert.throws(() => disk.write({ ...batch(3, "b"), outbox_added: batch(2, "b").outbox_added }));
});

Deno.test("quiet actors rest on it until they are due, and those that ended are forgotten", () => {
  const disk = new SimulatedDisk();
  const journal = openSimulatedJournal(disk, calm);
  const due = (due_ms: number) => [{ id: "t", event: { type: "late" }, due_ms, sequence: 1 }];
  const put = (position: number, address: string, due_ms: number, done = false) => {
    const [row] = batch(position, "there").actors;
    const [step] = batch(position, "there").history;
    journal.commit({
      ...batch(position, "there"),
      actors: row ? [{ ...row, address, timers: done ? [] : due(due_ms), done }] : [],
      history: step ? [{ ...step, address }] : [],
    });
  };
  put(1, "visit/a", 500);
  put(2, "visit/b", 300);
  put(3, "payment/p", 900);
  put(4, "visit/gone", 0, true);
  const { shelf } = journal;
  assert.ok(shelf);
  assert.deepEqual(shelf.live(), { visit: 2, payment: 1 });
  assert.deepEqual(shelf.due(600, 9).map(({ address }) => address), ["visit/b", "visit/a"]);
  assert.deepEqual(shelf.due(600, 1).map(({ address }) => address), ["visit/b"]);
  assert.deepEqual([shelf.nextDue(300), shelf.nextDue(900)], [500, undefined]);
  assert.equal(shelf.forget(1_004, 9), 0, "not old enough");
  assert.equal(shelf.forget(1_005, 9), 1);
  assert.equal(journal.actor("visit/gone"), undefined);
  assert.deepEqual(shelf.live(), { visit: 2, payment: 1 });
});
