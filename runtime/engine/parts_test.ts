/** The small parts of the engine: deadlines, time that never falls, masking. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openMemoryJournal } from "../journal/memory.ts";
import { Actors } from "./actors.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import { mask, Masks, secretMark } from "./mask.ts";
import { MonotoneTime } from "./monotone.ts";
import { ManualClock, testKinds } from "./testing.ts";

Deno.test("deadlines come up in order, ties by sequence, however they were put in", () => {
  const due = fc.array(fc.option(fc.nat({ max: 20 }), { freq: 3 }), { maxLength: 60 });
  fc.assert(fc.property(due, (list) => {
    const deadlines = new Deadlines();
    let model: Deadline[] = [];
    let sequence = 0;
    for (const due_ms of list) {
      if (due_ms === null) {
        assert.deepEqual(deadlines.pop(), model.shift());
      } else {
        const deadline = { due_ms, sequence: sequence++, address: "a/b" };
        deadlines.add(deadline);
        model = [...model, deadline]
          .sort((a, b) => a.due_ms - b.due_ms || a.sequence - b.sequence);
      }
      assert.deepEqual(deadlines.peek(), model[0]);
      assert.equal(deadlines.size, model.length);
    }
    deadlines.replace(model.toReversed());
    for (const deadline of model) assert.deepEqual(deadlines.pop(), deadline);
    assert.equal(deadlines.pop(), undefined);
  }));
});

Deno.test("timers that are set and cancelled for ever leave a bounded heap", () => {
  const actors = new Actors(testKinds, openMemoryJournal(), new Set());
  const kind = actors.kindOf("till/1");
  assert.ok(kind);
  const record = {
    address: "till/1",
    kind,
    value: {},
    context: {},
    done: false,
    sent: 0,
    heard: [],
    last_ms: 0,
    last_type: "x",
  };
  for (let sequence = 1; sequence <= 1_000; sequence++) {
    const timers = [{ id: "bell", event: { type: "x" }, due_ms: 5_000 - sequence, sequence }];
    actors.publish([{ ...record, timers }], []);
    assert.ok(actors.deadlines.size <= 67);
  }
  assert.equal(actors.nextDeadline()?.sequence, 1_000);
  actors.publish([{ ...record, timers: [] }], []);
  assert.equal(actors.nextDeadline(), undefined);
});

Deno.test("time never falls, goes on while the clock is behind, and meets it again", () => {
  const clock = new ManualClock(10_000);
  const time = new MonotoneTime(clock, 4_000);
  assert.equal(time.read(), 10_000);
  clock.set(9_000);
  assert.equal(time.read(), 10_000);
  clock.set(9_400);
  assert.equal(time.read(), 10_200);
  clock.set(11_000);
  assert.equal(time.read(), 11_000);
  clock.set(20_000);
  assert.equal(time.read(), 20_000);
  assert.equal(new MonotoneTime(clock, 30_000).read(), 30_000);
  const jumps = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 50 });
  fc.assert(fc.property(jumps, (list) => {
    const jumping = new ManualClock(1_000_000);
    const told = new MonotoneTime(jumping, 0);
    let last = told.read();
    for (const jump of list) {
      jumping.set(jumping.now_ms() + jump);
      const now = told.read();
      assert.ok(now >= last && now >= jumping.now_ms() && Number.isInteger(now));
      last = now;
    }
  }));
});

Deno.test("a moment by the clock is told where time will be then", () => {
  const clock = new ManualClock(100_000);
  const time = new MonotoneTime(clock, 0);
  assert.equal(time.at(160_000), 160_000);
  clock.set(40_000);
  assert.equal(time.at(60_000), 110_000, "at half speed until they meet");
  assert.equal(time.at(180_000), 180_000, "and with the clock afterwards");
  assert.equal(time.at(30_000), 95_000, "what is over stays over");
  const whole = fc.nat({ max: 100_000 });
  fc.assert(fc.property(whole, whole, whole, (back, since, until) => {
    const set = new ManualClock(1_000_000);
    const told = new MonotoneTime(set, 0);
    set.set(1_000_000 - back);
    set.set(set.now_ms() + since);
    const at_ms = set.now_ms() + until;
    const then_ms = told.at(at_ms);
    set.set(at_ms);
    assert.equal(told.read(), then_ms);
  }));
});

Deno.test("secrets are masked at any depth, and what has none is not copied", () => {
  const keys = new Set(["token", "nonce"]);
  const open = { a: [{ b: 1 }, null, "token"], tokens: 1 };
  assert.equal(mask(open, keys), open);
  const secret = { open, list: [1, { token: "t" }], nonce: { deep: 1 }, token: null };
  const shown = mask<Record<string, unknown>>(secret, keys);
  assert.deepEqual(shown, {
    open,
    list: [1, { token: secretMark }],
    nonce: secretMark,
    token: null,
  });
  assert.equal(shown.open, open);
  assert.equal((secret.list[1] as { token: string }).token, "t");
  for (const plain of [null, undefined, 1, "token"]) assert.equal(mask(plain, keys), plain);
});

Deno.test("what never changes is masked once", () => {
  const masks = new Masks(new Set(["token"]));
  const record = { token: "t", sales: 1 };
  const shown = masks.of(record);
  assert.deepEqual(shown, { token: secretMark, sales: 1 });
  assert.equal(masks.of(record), shown);
  assert.deepEqual(masks.of({ ...record, sales: 2 }), { token: secretMark, sales: 2 });
  assert.equal(masks.of(null), null);
});
