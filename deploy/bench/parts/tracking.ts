/**
 * Does the tracker of a walk-out store keep up? 10 000 products on 500 shelves of four plates, 300
 * shoppers at once: a minute of such a store, fed as fast as it is taken, against the minute.
 */
import process from "node:process";
import { beliefs } from "../../../runtime/tracking/beliefs.ts";
import { Carts } from "../../../runtime/tracking/carts.ts";
import type { Reading } from "../../../runtime/tracking/readings.ts";
import { usual, WalkOutFloor } from "../../walkout/floor.ts";
import { planogramOfShop } from "../../walkout/trial.ts";
import type { Part } from "../main.ts";

const size = { aisles: 25, bays: 10, levels: 4, kinds: 5, units: 8 };
const crowd = 300;
/** Seconds until the store is full, and those that are measured. */
const filling_s = 150, measured_s = 60;

/** Readings until then, and those of the minute after. */
function readingsOf(floor: WalkOutFloor): [Reading[], Reading[]] {
  const before: Reading[] = [];
  const during: Reading[] = [];
  let start_ms: number | undefined;
  for (const reading of floor.readings()) {
    start_ms ??= reading.at_ms;
    const since_s = (reading.at_ms - start_ms) / 1_000;
    if (since_s > filling_s + measured_s) break;
    (since_s < filling_s ? before : during).push(reading);
  }
  return [before, during];
}

function spentUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export const part: Part = (report) => {
  const floor = new WalkOutFloor("bench", { ...usual, trips: 10_000, crowd }, size);
  const [before, during] = readingsOf(floor);
  const carts = new Carts(planogramOfShop(floor.shop, beliefs), beliefs, () => {});
  for (const reading of before) carts.take(reading);
  const took_us: number[] = [];
  const start_us = spentUs();
  // What a reading costs the processor: others on the machine take no part in it.
  let from_us = start_us;
  for (const reading of during) {
    carts.take(reading);
    const until_us = spentUs();
    took_us.push(until_us - from_us);
    from_us = until_us;
  }
  const cpu_s = (from_us - start_us) / 1e6;
  took_us.sort((a, b) => a - b);
  const real = during.length / measured_s;
  report.value("tracking/store", "products", floor.shop.goods.size, "products");
  report.value("tracking/store", "people", floor.shoppers.length, "people");
  report.add({
    bench: "tracking/readings",
    case: "a second of CPU",
    value: during.length / cpu_s,
    unit: "readings/s",
    baseline: "as they come",
    baseline_value: real,
    ratio: during.length / cpu_s / real,
  });
  report.value("tracking/store", "plates", floor.shop.plates.length, "plates");
  report.value("tracking/readings", "p50", took_us[Math.floor(took_us.length / 2)]!, "us");
  report.value("tracking/readings", "p99", took_us[Math.floor(took_us.length * 0.99)]!, "us");
  report.value("tracking/readings", "longest", took_us.at(-1)! / 1_000, "ms");
  return Promise.resolve();
};
