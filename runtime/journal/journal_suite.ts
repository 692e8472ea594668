// long because every promise of a journal stands here once, for all that keep it
/**
 * What every journal promises, as tests: run over SQLite and over memory, so that neither can
 * promise less than the other.
 */
import assert from "node:assert/strict";
import { InvariantError, RuntimeError } from "../errors.ts";
import type { ActorRow, Batch, HistoryRow, Journal, OutboxRow } from "./journal.ts";

/** A place that keeps one journal: opened again, it has what was committed. */
export interface Place {
  open(options?: { readonly max_bytes?: number }): Journal;
  /** The place as a crash at this moment would leave it. */
  crashed(): Place;
}

export const emptyBatch: Batch = {
  actors: [],
  history: [],
  outbox_added: [],
  outbox_settled: [],
  messages_added: [],
  messages_delivered: [],
};

export function actorRow(address: string, more: Partial<ActorRow> = {}): ActorRow {
  return {
    address,
    value: { sale: "awaiting_selection" },
    context: { amount_minor: 499, note: 'ü "quoted"' },
    timers: [{ id: "t", event: { type: "xstate.after.t" }, due_ms: 1_000, sequence: 1 }],
    done: false,
    sent: 2,
    heard: ["lane/1", 7],
    ...more,
  };
}

export function historyRow(position: number, more: Partial<HistoryRow> = {}): HistoryRow {
  return {
    position,
    turn: position,
    at_ms: 1_000 + position,
    address: "lane/1",
    from: "outside",
    event: { type: "pos.sale_requested", sale: { amount_minor: 499 } },
    before: "idle",
    after: "selling",
    commands: [{ type: "tell", to: "payment/p" }],
    ...more,
  };
}

const outboxRow = (position: number): OutboxRow => ({
  position,
  key: `gateway:00:${position}`,
  from: "payment/p",
  command: { type: "issuer.capture", payment: "p" },
  at_ms: 5,
});

const message = (from: string, sequence: number) => ({
  from,
  sequence,
  to: "lane/1",
  event: { type: "payment.captured", receipt: "r" },
});

function keepsWhatWasCommitted(place: Place): void {
  const first = place.open();
  assert.deepEqual(first.head, { position: 0, turn: 0, at_ms: 0, feed_cursor: 0, starts: 1 });
  const row = actorRow("payment/p");
  const born = historyRow(1, { address: "payment/p", before: undefined });
  first.commit({
    actors: [row, actorRow("lane/1")],
    history: [born, historyRow(2)],
    outbox_added: [outboxRow(3)],
    outbox_settled: [],
    messages_added: [message("payment/p", 1)],
    messages_delivered: [],
    feed_cursor: 9,
  });
  const head = { position: 3, turn: 2, at_ms: 1_002, feed_cursor: 9, starts: 1 };
  assert.deepEqual(first.head, head);
  first.close();

  const second = place.open();
  assert.deepEqual(second.head, { ...head, starts: 2 });
  assert.deepEqual(second.actor("payment/p"), row);
  assert.deepEqual(second.history("payment/p", { limit: 10 }), [born]);
  assert.deepEqual(second.history("lane/1", { limit: 10 }), [historyRow(2)]);
  assert.deepEqual(second.outbox(0, 10), [outboxRow(3)]);
  assert.deepEqual(second.messages(), [message("payment/p", 1)]);
  second.close();
}

function survivesACrash(place: Place): void {
  const journal = place.open();
  journal.commit({ ...emptyBatch, actors: [actorRow("lane/1")], history: [historyRow(1)] });
  const after = place.crashed().open();
  assert.deepEqual(after.actor("lane/1"), actorRow("lane/1"));
  assert.equal(after.head.position, 1);
  after.close();
  journal.close();
}

function commitsWhollyOrNotAtAll(place: Place): void {
  const journal = place.open();
  journal.commit({ ...emptyBatch, actors: [actorRow("lane/1")], history: [historyRow(1)] });
  const twice: Batch = {
    ...emptyBatch,
    actors: [actorRow("lane/1", { value: "changed" }), actorRow("lane/2")],
    history: [historyRow(2), historyRow(1)],
    outbox_added: [outboxRow(3)],
  };
  assert.throws(() => journal.commit(twice), InvariantError);
  assert.throws(() => journal.commit(emptyBatch), InvariantError, "no commit after a failure");
  assert.equal(journal.head.position, 1);
  journal.close();

  const again = place.open();
  assert.deepEqual(again.actor("lane/1"), actorRow("lane/1"));
  assert.equal(again.actor("lane/2"), undefined);
  assert.deepEqual(again.history("lane/1", { limit: 9 }), [historyRow(1)]);
  assert.deepEqual(again.outbox(0, 9), []);
  again.commit({ ...emptyBatch, history: [historyRow(2)] });
  again.close();
}

function knowsWhoseHistoryItIs(place: Place): void {
  const journal = place.open();
  const orphan = { ...emptyBatch, history: [historyRow(1)] };
  assert.throws(() => journal.commit(orphan), { message: /history of lane\/1, which has no row/ });
  journal.close();
}

function keepsNoAlias(place: Place): void {
  const journal = place.open();
  const context = { amount_minor: 1 };
  journal.commit({ ...emptyBatch, actors: [actorRow("lane/1", { context })] });
  context.amount_minor = 2;
  const read = journal.actor("lane/1");
  assert.deepEqual(read?.context, { amount_minor: 1 });
  (read?.context as { amount_minor: number }).amount_minor = 3;
  assert.deepEqual(journal.actor("lane/1")?.context, { amount_minor: 1 });
  journal.close();
}

function pagesHistory(place: Place): void {
  const journal = place.open();
  const rows = [1, 2, 3, 4, 5, 6].map((position) =>
    historyRow(position, { address: position % 2 ? "lane/1" : "lane/2" })
  );
  const actors = [actorRow("lane/1"), actorRow("lane/2")];
  journal.commit({ ...emptyBatch, actors, history: rows.slice(0, 3) });
  journal.commit({ ...emptyBatch, history: rows.slice(3) });
  const positions = (options: { before?: number; limit: number }) =>
    journal.history("lane/1", options).map((row) => row.position);
  assert.deepEqual(positions({ limit: 2 }), [5, 3]);
  assert.deepEqual(positions({ before: 3, limit: 2 }), [1]);
  assert.deepEqual(positions({ before: 4, limit: 9 }), [3, 1], "from a row of somebody else");
  assert.deepEqual(positions({ before: 1, limit: 2 }), []);
  journal.close();
}

const due = (due_ms: number) => ({
  timers: [{ id: "t", event: { type: "xstate.after.t" }, due_ms, sequence: due_ms }],
});

function keepsAShelf(place: Place): void {
  const journal = place.open();
  const { shelf } = journal;
  assert.ok(shelf);
  const rows = [
    actorRow("visit/late", due(300)),
    actorRow("visit/early", due(100)),
    actorRow("lane/1", { timers: [] }),
    actorRow("payment/p", { ...due(50), done: true, timers: [] }),
  ];
  journal.commit({ ...emptyBatch, actors: rows });
  const dueBy = (until_ms: number, limit: number) =>
    shelf.due(until_ms, limit).map((row) => row.address);
  assert.deepEqual(dueBy(99, 9), []);
  assert.deepEqual(dueBy(300, 9), ["visit/early", "visit/late"]);
  assert.deepEqual(dueBy(300, 1), ["visit/early"]);
  assert.deepEqual([shelf.nextDue(0), shelf.nextDue(100), shelf.nextDue(300)], [
    100,
    300,
    undefined,
  ]);
  assert.deepEqual(shelf.live(), { lane: 1, visit: 2 });
  journal.commit({ ...emptyBatch, actors: [actorRow("visit/early", due(400))] });
  assert.deepEqual(dueBy(500, 9), ["visit/late", "visit/early"]);
  journal.close();
}

function forgetsTheOldest(place: Place): void {
  const journal = place.open();
  const rows = [1, 2, 3, 4].map((position) =>
    historyRow(position, { address: position % 2 ? "lane/1" : "payment/p" })
  );
  const actors = [actorRow("lane/1"), actorRow("payment/p", { done: true, timers: [] })];
  journal.commit({ ...emptyBatch, actors, history: rows });
  const kept = (address: string) =>
    journal.history(address, { limit: 9 }).map((row) => row.position);
  assert.equal(journal.shelf?.forget(1_004, 2), 2, "no more than it is told");
  assert.deepEqual([kept("lane/1"), kept("payment/p")], [[3], [4]]);
  assert.equal(journal.shelf?.forget(1_004, 9), 1, "nothing that is young");
  assert.deepEqual([kept("lane/1"), kept("payment/p")], [[], [4]]);
  assert.ok(journal.actor("lane/1"), "an actor that lives goes on without its past");
  assert.ok(journal.actor("payment/p"));
  assert.equal(journal.shelf?.forget(9_999, 9), 1);
  assert.equal(journal.actor("payment/p"), undefined);
  assert.equal(journal.shelf?.forget(9_999, 9), 0);
  journal.commit({ ...emptyBatch, history: [historyRow(5)] });
  assert.deepEqual(kept("lane/1"), [5]);
  journal.close();
}

function ordersTheOutbox(place: Place): void {
  const journal = place.open();
  journal.commit({ ...emptyBatch, outbox_added: [outboxRow(1), outboxRow(2), outboxRow(10)] });
  const positions = (after: number, limit: number) =>
    journal.outbox(after, limit).map((row) => row.position);
  assert.deepEqual(positions(0, 2), [1, 2]);
  assert.deepEqual(positions(2, 9), [10]);
  journal.commit({ ...emptyBatch, outbox_settled: [2] });
  assert.deepEqual(positions(0, 9), [1, 10]);
  const same = { ...outboxRow(11), key: outboxRow(1).key };
  assert.throws(() => journal.commit({ ...emptyBatch, outbox_added: [same] }), InvariantError);
  journal.close();
}

function ordersMessages(place: Place): void {
  const journal = place.open();
  const added = [message("payment/z", 4), message("payment/a", 1), message("payment/z", 5)];
  journal.commit({ ...emptyBatch, messages_added: added });
  assert.deepEqual(journal.messages(), added, "in the order in which they were written");
  journal.commit({ ...emptyBatch, messages_delivered: [{ from: "payment/a", sequence: 1 }] });
  assert.deepEqual(journal.messages(), [added[0], added[2]]);
  journal.close();
}

function tellsTheLiveFromTheDone(place: Place): void {
  const journal = place.open();
  const rows = ["payment/a", "lane/1", "payment/b", "payment/c"].map((it) => actorRow(it));
  journal.commit({ ...emptyBatch, actors: rows });
  const done = actorRow("payment/b", { done: true, timers: [] });
  journal.commit({ ...emptyBatch, actors: [done, actorRow("payment/a", { sent: 3 })] });
  const live = [...journal.liveActors()].map((row) => row.address);
  assert.deepEqual(live, ["payment/a", "lane/1", "payment/c"]);
  assert.deepEqual(journal.actor("payment/b"), done);
  assert.deepEqual(journal.addresses("payment", 2), ["payment/c", "payment/b"]);
  assert.deepEqual(journal.addresses("payment", 9), ["payment/c", "payment/b", "payment/a"]);
  assert.deepEqual(journal.addresses("visit", 9), []);
  journal.close();
}

function stopsWhenThereIsNoRoom(place: Place): void {
  const journal = place.open({ max_bytes: 256 * 1024 });
  const full = { kind: "disk_full", name: "RuntimeError" };
  let committed = 0;
  assert.throws(() => {
    for (let i = 1; i < 1_000; i++) {
      const context = { text: "x".repeat(4_000) };
      journal.commit({
        ...emptyBatch,
        actors: [actorRow(`payment/${i}`, { context })],
        history: [historyRow(i, { address: `payment/${i}` })],
      });
      committed = i;
    }
  }, full);
  assert.ok(committed > 10);
  assert.throws(() => journal.commit(emptyBatch), full, "no commit after a failure");
  journal.close();

  const more = place.open();
  assert.equal(more.head.position, committed);
  assert.equal(more.addresses("payment", 9_999).length, committed);
  const row = historyRow(committed + 1, { address: "payment/1" });
  more.commit({ ...emptyBatch, history: [row] });
  more.close();
}

function letsOneGatewayIn(place: Place): void {
  const journal = place.open();
  assert.throws(
    () => place.open(),
    (error) => error instanceof RuntimeError && error.kind === "busy" && oneLine(error),
  );
  journal.commit({ ...emptyBatch, actors: [actorRow("lane/1")], history: [historyRow(1)] });
  journal.close();
  const next = place.open();
  assert.equal(next.head.position, 1);
  next.close();
}

/** Whether an error can stand in a terminal by itself. */
export function oneLine(error: Error): boolean {
  return !error.message.includes("\n") && error.message.length < 300;
}

/** Registers the tests for one kind of journal. */
export function journalSuite(name: string, newPlace: () => Place & Disposable): void {
  const promises: Record<string, (place: Place) => void> = {
    "keeps what was committed, and counts its starts": keepsWhatWasCommitted,
    "has after a crash what was committed": survivesACrash,
    "commits wholly or not at all, and no more after a failure": commitsWhollyOrNotAtAll,
    "takes no history of an actor that it does not know": knowsWhoseHistoryItIs,
    "keeps no alias of a row": keepsNoAlias,
    "pages history, newest first": pagesHistory,
    "finds those that are due, and counts the living": keepsAShelf,
    "forgets the oldest history, and the done with it": forgetsTheOldest,
    "gives the outbox in order of position, each key once": ordersTheOutbox,
    "gives messages in the order written, until delivered": ordersMessages,
    "tells the live from the done": tellsTheLiveFromTheDone,
    "stops when there is no room, and has all that was committed": stopsWhenThereIsNoRoom,
    "lets one gateway in": letsOneGatewayIn,
  };
  for (const [promise, test] of Object.entries(promises)) {
    Deno.test(`journal ${name}: ${promise}`, () => {
      using place = newPlace();
      test(place);
    });
  }
}
