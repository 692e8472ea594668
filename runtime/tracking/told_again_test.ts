/** Messages that are told again, and readings that come late, make no other cart. */
import assert from "node:assert/strict";
import type { Reading } from "./readings.ts";
import { SmallShop } from "./testing.ts";

/** All that is told while somebody takes two things and puts one back. */
function told(people: readonly string[]): Reading[] {
  const shop = new SmallShop();
  const readings: Reading[] = [];
  const { carts } = shop;
  const take = carts.take.bind(carts);
  carts.take = (reading) => {
    readings.push(reading);
    take(reading);
  };
  for (const [place, cart] of people.entries()) shop.enter(cart, 0.8 * place - 0.2, 0.4);
  shop.move("tea", -300, "anna");
  shop.wait(3);
  shop.move("tea", -500, "anna");
  shop.count("tea", { "20000001": 7, "20000002": 7 });
  shop.wait(3);
  shop.move("tea", 300, "anna");
  shop.wait(20);
  return readings;
}

/** What Anna is thought to hold after these. */
function held(readings: readonly Reading[]) {
  const { carts } = new SmallShop();
  for (const reading of readings) carts.take(reading);
  const { lines, confidence } = carts.preview("anna")!;
  return { lines: lines.map(({ gtin, units }) => `${units} ${gtin}`), confidence };
}

/** Parts of so much time each. */
function messages(readings: readonly Reading[], length_ms: number): Reading[][] {
  const parts: Reading[][] = [];
  for (const reading of readings) {
    const first = parts.at(-1)?.[0];
    if (first === undefined || reading.at_ms - first.at_ms > length_ms) parts.push([reading]);
    else parts.at(-1)!.push(reading);
  }
  return parts;
}

for (const people of [["anna"], ["anna", "ben"]]) {
  Deno.test(`a message that is told again counts once, with ${people.length} at the plate`, () => {
    const readings = told(people);
    const once = held(readings);
    assert.deepEqual(once.lines, ["1 20000002"]);
    const same = (parts: readonly Reading[][], how: string) => {
      const { lines, confidence } = held(parts.flat());
      assert.deepEqual(lines, once.lines, how);
      // A hand that is the last news of a message may be a second one.
      assert.ok(Math.abs(confidence - once.confidence) < 0.005, `${how}: ${confidence}`);
    };
    for (const length_ms of [500, 1_000, 2_000, 4_000, 8_000]) {
      const again = messages(readings, length_ms).flatMap((part) => [part, part, part]);
      same(again, `messages of ${length_ms} ms`);
    }
    const parts = messages(readings, 1_000);
    same(parts.flatMap((part, at) => [part, parts[at - 5] ?? []]), "five seconds later");
  });

  Deno.test(`weights that come late are no movement, with ${people.length} at the plate`, () => {
    const readings = told(people);
    const arriving = readings.map((reading, at) => {
      const late_ms = reading.type === "plate.weighed" && at % 7 === 0 ? 300 + 370 * (at % 8) : 0;
      return { reading, at_ms: reading.at_ms + late_ms };
    }).sort((a, b) => a.at_ms - b.at_ms).map(({ reading }) => reading);
    const { lines, confidence } = held(arriving);
    assert.deepEqual(lines, ["1 20000002"]);
    assert.ok(confidence > 0.98, `${confidence}`);
  });
}

Deno.test("a camera that tells one reach again and again makes nothing of what was taken", () => {
  for (const times of [4, 20, 1_000]) {
    const shop = new SmallShop();
    shop.enter("anna", 0, 0.4);
    for (let time = 1; time < times; time++) shop.reach("tea", "anna");
    shop.move("tea", -300, "anna");
    shop.wait(20);
    const { lines, confidence } = shop.carts.preview("anna")!;
    assert.deepEqual(lines.map(({ gtin, units }) => [gtin, units]), [["20000001", 1]]);
    assert.ok(confidence > 0.99, `${confidence}`);
  }
});
