/** What every store of the issuer must do, as tests to be run over each of them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { InvariantError } from "../../../runtime/errors.ts";
import type { CheckInRow, FeedRow, PaymentRow } from "./rows.ts";
import type { IssuerStore } from "./store.ts";

const bytes = (...values: number[]) => new Uint8Array(values);
const account = (name: string) => ({
  account: name,
  device_public_key: `key of ${name}`,
  first_name: name,
  initials: "A",
  instrument: "test_ok",
  limit_minor: 100,
  opened_at_ms: 1,
});
const checkIn = (check_in: string, more: Partial<CheckInRow> = {}): CheckInRow => ({
  check_in,
  account: "ada",
  hardware_id: "b",
  store: "s",
  period: 1,
  opened_at_ms: 1,
  lease_expires_ms: 10,
  revision: 1,
  template_revision: 1,
  ended: null,
  ...more,
});
const payment = (name: string, more: Partial<PaymentRow> = {}): PaymentRow => ({
  position: 0,
  store: "s",
  payment: name,
  gateway: "g",
  state: "pending",
  undo: 0,
  tries: 1,
  check_in: null,
  account: null,
  instrument: null,
  lane: null,
  operator: null,
  token: null,
  amount_minor: 100,
  currency: "EUR",
  items: null,
  evidence: null,
  confirmed_by: null,
  refunded_minor: 0,
  authorisation: null,
  authorised_until_ms: null,
  captures: 0,
  captured_minor: 0,
  receipt: null,
  reason: null,
  accepted_at_ms: null,
  allowance: null,
  at_ms: 1,
  ...more,
});
const item = (sequence: number): FeedRow => ({
  gateway: "g",
  sequence,
  issued_at_ms: sequence,
  expires_ms: 99,
  body: `{"${sequence}":1}`,
});

/** A shop with a gateway, a beacon and two shoppers. */
function furnished(store: IssuerStore): IssuerStore {
  const { tables } = store;
  store.transaction(() => {
    tables.merchant.insert({ merchant: "m", name: "Market" });
    tables.store.insert({
      store: "s",
      merchant: "m",
      name: "S",
      currency: "EUR",
      accept_liveness: "[]",
      place: null,
    });
    tables.gateway.insert({
      gateway: "g",
      store: "s",
      enrolment_hash: bytes(1, 2),
      enrolment_used: 0,
      signing_public_key: null,
      sealing_public_key: null,
      next_signing_public_key: null,
      next_sealing_public_key: null,
      feed_sequence: 0,
      feed_read: 0,
    });
    const beacon = {
      hardware_id: "b",
      gateway: "g",
      store: "s",
      identity_key: bytes(3),
      revision: 0,
    };
    tables.beacon.insert(beacon);
    tables.account.insert(account("ada"));
    tables.account.insert(account("bo"));
  });
  return store;
}

export function storeSuite(name: string, open: () => IssuerStore): void {
  const story = (title: string, tell: (store: IssuerStore) => void) =>
    Deno.test(`${name}: ${title}`, async () => {
      const store = furnished(open());
      try {
        tell(store);
      } finally {
        await store.close();
      }
    });
  rowStories(story);
  ruleStories(story);
  transactionStories(story);
}

type Story = (title: string, tell: (store: IssuerStore) => void) => void;

function rowStories(story: Story): void {
  story("rows come back as they were given, found by key and by index", (store) => {
    const { tables } = store;
    assert.deepEqual({ ...tables.account.get("ada") }, account("ada"));
    assert.equal(tables.account.get("nobody"), undefined);
    assert.equal(tables.account.first("of_device", "key of bo")?.account, "bo");
    assert.deepEqual([...tables.gateway.get("g")?.enrolment_hash ?? []], [1, 2]);
    assert.equal(tables.gateway.get("g")?.sealing_public_key, null);
    assert.equal(tables.account.count("everyone"), 2);
  });
  story("ranges of an index are in its order, within their bounds", (store) => {
    const { feed } = store.tables;
    store.transaction(() => {
      for (const sequence of [4, 1, 3, 2, 5]) feed.insert(item(sequence));
    });
    const of = (...range: Parameters<typeof feed.all>) =>
      feed.all(...range).map(({ sequence }) => sequence);
    assert.deepEqual(of("of_gateway", ["g"]), [1, 2, 3, 4, 5]);
    assert.deepEqual(of("of_gateway", ["g"], { above: 2 }), [3, 4, 5]);
    assert.deepEqual(of("of_gateway", ["g"], { above: 1, up_to: 4, limit: 2 }), [2, 3]);
    assert.deepEqual(of("of_gateway", ["g"], { below: 3 }), [1, 2]);
    assert.deepEqual(of("of_gateway", ["other"]), []);
    assert.equal(feed.first("of_gateway", "g")?.sequence, 1);
    assert.equal(feed.last("of_gateway", "g")?.sequence, 5);
  });
  story("pages of an index leave out nobody, whoever goes and whoever is as old", (store) => {
    const { payment: payments } = store.tables;
    store.transaction(() => {
      for (const [at, name] of ["a", "b", "c", "d", "e"].entries()) {
        payments.insert(payment(name, { at_ms: at < 4 ? 7 : 9 }));
      }
    });
    const page = (range: Parameters<typeof payments.all>[2]) =>
      payments.all("asked", [], { limit: 2, ...range });
    const names = (rows: readonly PaymentRow[]) => rows.map((row) => row.payment).join("");
    const [first, second] = page({});
    assert.equal(names(page({ after: second! })), "cd");
    store.transaction(() => payments.change(second!, { state: "expired" }));
    assert.equal(names(page({ after: second! })), "cd", "behind one that is gone");
    assert.equal(names(page({ after: first!, limit: 9 })), "cde");
    assert.equal(names(page({ after: first!, limit: 9, up_to: 8 })), "cd");
    assert.equal(names(page({ after: payments.last("asked")! })), "");
  });
  story("a row stands in the indexes that its columns say, as they change", (store) => {
    const { check_in } = store.tables;
    const live = () => check_in.all("by_lease", []).map((row) => row.check_in);
    store.transaction(() => {
      check_in.insert(checkIn("1", { lease_expires_ms: 30 }));
      check_in.insert(checkIn("2", { account: "bo", lease_expires_ms: 20 }));
    });
    assert.deepEqual(live(), ["2", "1"]);
    const before = check_in.get("2");
    store.transaction(() => check_in.change(checkIn("2"), { lease_expires_ms: 40 }));
    assert.deepEqual(live(), ["1", "2"]);
    assert.equal(before?.lease_expires_ms, 20);
    store.transaction(() => check_in.change(checkIn("1"), { ended: "left" }));
    assert.deepEqual(live(), ["2"]);
    assert.equal(check_in.first("live_of", "ada"), undefined);
    assert.equal(check_in.count("live_at", "b"), 1);
    assert.equal(check_in.get("1")?.ended, "left");
    store.transaction(() => check_in.remove(checkIn("2")));
    assert.deepEqual([live(), check_in.get("2")], [[], undefined]);
  });
  story("counted keys go on counting, and putting replaces", (store) => {
    const { payment: payments, merchant } = store.tables;
    store.transaction(() => {
      const first = payments.insert(payment("a"));
      payments.remove(first);
      assert.deepEqual([first.position, payments.insert(payment("b")).position], [1, 2]);
      merchant.put({ merchant: "m", name: "New" });
    });
    assert.equal(payments.first("by_name", "s", "b")?.position, 2);
    assert.equal(merchant.get("m")?.name, "New");
  });
}

function ruleStories(story: Story): void {
  story("each rule of the tables holds", (store) => {
    const { tables } = store;
    store.transaction(() => {
      tables.check_in.insert(checkIn("1"));
      tables.payment.insert(payment("a", { authorisation: "x" }));
    });
    const broken: Record<string, () => void> = {
      "a key twice": () => tables.account.insert(account("ada")),
      "a device twice": () =>
        tables.account.insert({ ...account("eve"), device_public_key: "key of ada" }),
      "two live check-ins": () => tables.check_in.insert(checkIn("2")),
      "a payment twice": () => tables.payment.insert(payment("a")),
      "an authorisation twice": () => tables.payment.insert(payment("b", { authorisation: "x" })),
      "captured twice": () => tables.payment.change(payment("a", { position: 1 }), { captures: 2 }),
      "more than authorised": () =>
        tables.payment.change(payment("a", { position: 1 }), { captured_minor: 101 }),
      "nobody's check-in": () => tables.check_in.insert(checkIn("3", { account: "nobody" })),
      "a shopper who is there": () => tables.account.remove(account("ada")),
    };
    for (const [what, breakIt] of Object.entries(broken)) {
      assert.throws(() => store.transaction(breakIt), InvariantError, what);
    }
    assert.throws(() => tables.account.insert(account("eve")), InvariantError);
    store.transaction(() => {
      tables.check_in.change(checkIn("1"), { ended: "left" });
      tables.check_in.insert(checkIn("2"));
      tables.payment.insert(payment("b"));
    });
  });
}

function transactionStories(story: Story): void {
  story("what throws undoes all of it, and tells nobody", (store) => {
    const { tables } = store;
    const told: string[] = [];
    assert.throws(() =>
      store.transaction(() => {
        tables.account.change(account("ada"), { limit_minor: 1 });
        store.transaction(() => tables.account.insert(account("eve")));
        tables.account.remove(account("bo"));
        store.afterCommit(() => told.push("undone"));
        throw new RangeError("on purpose");
      }), RangeError);
    assert.equal(tables.account.get("ada")?.limit_minor, 100);
    assert.equal(tables.account.count("everyone"), 2);
    store.transaction(() => {
      store.afterCommit(() => told.push(`kept ${tables.account.get("ada")?.limit_minor}`));
      tables.account.change(account("ada"), { limit_minor: 2 });
      assert.deepEqual(told, []);
    });
    assert.deepEqual(told, ["kept 2"]);
  });
  story("any mix of changes and undone changes leaves the indexes right", (store) => {
    const { feed } = store.tables;
    const act = fc.record({
      sequence: fc.integer({ min: 1, max: 12 }),
      act: fc.constantFrom("put", "change", "remove"),
      undone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const model = new Map<number, number>(
          feed.all("of_gateway", ["g"]).map(({ sequence, expires_ms }) => [sequence, expires_ms]),
        );
        acts.forEach(({ sequence, act, undone }, at) => {
          const make = () => {
            if (act === "put") feed.put({ ...item(sequence), expires_ms: at });
            else if (act === "change") feed.change(item(sequence), { expires_ms: 100 + at });
            else feed.remove(item(sequence));
            if (undone) throw new RangeError();
          };
          if (undone) return assert.throws(() => store.transaction(make), RangeError);
          store.transaction(make);
          if (act === "put") model.set(sequence, at);
          else if (act === "remove") model.delete(sequence);
          else if (model.has(sequence)) model.set(sequence, 100 + at);
        });
        const rows = feed.all("of_gateway", ["g"]);
        const expected = [...model].sort(([a], [b]) => a - b);
        assert.deepEqual(rows.map(({ sequence, expires_ms }) => [sequence, expires_ms]), expected);
      }),
      { numRuns: 50 },
    );
  });
}
