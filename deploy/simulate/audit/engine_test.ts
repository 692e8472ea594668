/** The book of the engine's promises: each is broken once, and found. */
import assert from "node:assert/strict";
import type { ActorRow, Batch } from "../../../runtime/journal/journal.ts";
import { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import { EngineBook } from "./engine.ts";

const address = "visit/v";

function book() {
  const found: string[] = [];
  return { found, engine: new EngineBook((rule) => void found.push(rule)) };
}

function rowWith(more: Partial<ActorRow> = {}): ActorRow {
  return {
    address,
    value: "here",
    context: {},
    timers: [],
    done: false,
    sent: 0,
    heard: [],
    ...more,
  };
}

const due = (due_ms: number) => ({
  timers: [{ id: "lease", event: { type: "xstate.after.lease" }, due_ms, sequence: 1 }],
});

/** A commit at a time, of one row, with steps that these senders caused. */
function commit(at_ms: number, row: ActorRow | undefined, ...senders: string[]): Batch {
  const to = row?.address ?? "lane/1";
  return {
    actors: row ? [row] : [],
    history: (senders.length === 0 ? ["outside"] : senders).map((from, index) => ({
      position: index + 1,
      turn: 1,
      at_ms,
      address: to,
      from,
      event: { type: "told" },
      before: "here",
      after: "here",
      commands: [],
    })),
    outbox_added: [],
    outbox_settled: [],
    messages_added: [],
    messages_delivered: [],
  };
}

Deno.test("a timer that was due before the last thing happened is one that was lost", () => {
  const { found, engine } = book();
  engine.committed(commit(100, rowWith(due(500))));
  engine.committed(commit(499, undefined));
  assert.deepEqual(found, []);
  engine.committed(commit(500, undefined));
  assert.deepEqual(found, ["a timer goes off"]);
});

Deno.test("a timer that goes off, is cancelled or is put off in time is none that was lost", () => {
  const { found, engine } = book();
  engine.committed(commit(100, rowWith(due(500))));
  engine.committed(commit(500, rowWith(due(600)), "timer"));
  engine.committed(commit(550, rowWith(due(900))));
  engine.committed(commit(899, undefined));
  engine.committed(commit(900, rowWith({ done: true }), "timer"));
  engine.committed(commit(5_000, undefined));
  assert.deepEqual(found, []);
});

Deno.test("a timer that is due at once goes off in the next commit", () => {
  const { found, engine } = book();
  engine.committed(commit(100, rowWith(due(100))));
  assert.deepEqual(found, []);
  engine.committed(commit(100, undefined));
  assert.deepEqual(found, ["a timer goes off"]);
});

Deno.test("each message that is taken moves the count of its sender", () => {
  const { found, engine } = book();
  const heard = (sequence: number) => rowWith({ heard: ["payment/p", sequence] });
  engine.committed(commit(1, heard(1), "payment/p"));
  engine.committed(commit(2, heard(5), "payment/p", "payment/p"));
  engine.committed(commit(3, heard(6)));
  assert.deepEqual(found, []);
  engine.committed(commit(4, heard(6), "payment/p"));
  assert.deepEqual(found, ["a message counts once"]);
  engine.committed(commit(5, heard(4), "outside"));
  assert.equal(found.length, 2, "an older one is taken");
});

Deno.test("one that is born anew counts from one, under another name", () => {
  const { found, engine } = book();
  const heard = ["link/issuer#first", 9];
  engine.committed(commit(1, rowWith({ heard }), "link/issuer"));
  engine.committed(commit(2, rowWith({ heard: ["link/issuer#second", 1] }), "link/issuer"));
  assert.deepEqual(found, []);
});

Deno.test("after an old disk is put back, what is on that disk counts", () => {
  const { found, engine } = book();
  const disk = new SimulatedDisk();
  disk.write(commit(1, rowWith({ heard: ["payment/p", 1], ...due(900) }), "payment/p"));
  engine.committed(commit(1, rowWith({ heard: ["payment/p", 8], ...due(200) })));
  engine.restored(disk);
  engine.committed(commit(300, undefined));
  engine.committed(commit(301, rowWith({ heard: ["payment/p", 2], ...due(900) }), "payment/p"));
  assert.deepEqual(found, []);
  engine.committed(commit(901, undefined));
  assert.deepEqual(found, ["a timer goes off"]);
});
