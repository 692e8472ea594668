/** A store whose gateway's clock is set: shoppers come in again within seconds. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { tripFilesOf } from "./aisle/files.ts";
import { TripsBook } from "./audit/trips.ts";
import type { Person } from "./person.ts";
import { Record } from "./record.ts";
import { SimulatedStore } from "./store.ts";

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));
const hours_ms = 2 * 3_600_000;
const beat_ms = 2_000;
/** A beat of the feed, and some words there and back. */
const seconds_ms = 8_000;

/** A store in which nobody does anything by himself. */
async function openedStore() {
  const wrong: string[] = [];
  const report = (rule: string, detail: string) => void wrong.push(`${rule}: ${detail}`);
  const now_ms = (): number => store.scheduler.now_ms();
  const store: SimulatedStore = new SimulatedStore({
    trips: new TripsBook(report, now_ms, () => tripFilesOf(store), () => true),
    seed: 1,
    people: 3,
    wire: "http",
    witness: new Record(() => 0, () => 0, () => undefined, undefined),
    settle,
    broken: (error) => wrong.push(String(error)),
    log: () => {},
  });
  await store.open();
  const inside: Person[] = [];
  /** Time passes, and phones inside hear the beacon of the north hall. */
  const pass = async (duration_ms: number) => {
    for (let beat = 0; beat < duration_ms / beat_ms; beat++) {
      await store.scheduler.run(now_ms() + beat_ms);
      const code = store.beacons.get("beacon-north")?.heard();
      const heard = { hardware_id: "beacon-north", rssi_dbm: -60, heard_at_ms: now_ms() };
      if (code === undefined) continue;
      for (const { own } of inside) own[0]?.phone.hear({ ...heard, code });
    }
  };
  /** Those who could pay now. */
  const present = () =>
    store.gateway.running?.engine.views("visit").filter(({ state }) => state === "present").length;
  await pass(seconds_ms);
  return { store, wrong, pass, inside, present };
}

for (const restarts of [false, true]) {
  const how = restarts ? ", and the gateway started meanwhile" : "";
  Deno.test(`the clock was two hours ahead and is set right${how}`, async () => {
    const { store, wrong, pass, inside, present } = await openedStore();
    const [ada, ben] = store.people;
    inside.push(ada!);
    await pass(seconds_ms);
    assert.equal(present(), 1);
    store.gateway.offset_ms = hours_ms;
    await pass(seconds_ms);
    if (restarts) store.gateway.restart();
    await pass(20_000);
    assert.equal(present(), 0, "nothing is valid by such a clock");
    store.gateway.offset_ms = 0;
    await pass(seconds_ms);
    inside.push(ben!);
    await pass(seconds_ms);
    assert.equal(present(), 2, "who was here, and who has come");
    for (let minute = 0; minute < 10; minute++) {
      await pass(60_000);
      assert.equal(present(), 2, "nor does anybody drop out while the clock is caught up with");
    }
    assert.deepEqual(wrong, []);
    store.close();
  });
}

for (const off_ms of [-100_000, -hours_ms]) {
  Deno.test(`the clock was ${-off_ms / 1_000} s behind and is set right`, async () => {
    const { store, wrong, pass, inside, present } = await openedStore();
    const [ada, ben] = store.people;
    inside.push(ada!);
    await pass(seconds_ms);
    store.gateway.offset_ms = off_ms;
    await pass(20_000);
    store.gateway.offset_ms = 0;
    inside.push(ben!);
    await pass(seconds_ms);
    assert.equal(present(), 2, "who was here, and who has come");
    assert.deepEqual(wrong, []);
    store.close();
  });
}
