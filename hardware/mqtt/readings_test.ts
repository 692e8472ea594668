/** Messages as they may come from a broker: some hold readings, others are nothing to us. */
import assert from "node:assert/strict";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import { readingsIn } from "./readings.ts";
import { WaitingReadings } from "./waiting.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a message holds its readings; of anything else it is said why it holds none", () => {
  const why = (payload: Uint8Array) =>
    readingsIn(payload).map((one) => one instanceof HardwareError ? one.kind : one);
  assert.deepEqual(readingsIn(bytes('{"readings":[{"type":"x"},2]}')), [{ type: "x" }, 2]);
  for (const text of ["", "{", "null", "[]", '{"readings":{}}', '{"other":[1]}']) {
    assert.deepEqual(why(bytes(text)), ["message_unreadable"], text);
  }
  assert.deepEqual(why(new Uint8Array([0xff, 0xfe])), ["message_unreadable"]);
  const long = `{"readings":["${"x".repeat(hardwareLimits.mqtt_message_bytes)}"]}`;
  assert.deepEqual(why(bytes(long)), ["message_unreadable"]);
  assert.match(String(readingsIn(bytes(long))[0]), /a message of 262161 bytes: 262144 at most/);
});

const sense = (at_ms: number) => ({ type: "plate.weighed", at_ms });
const passed = (at_ms: number) => ({ type: "gate.passed", at_ms });
const nothing = () => {};

Deno.test("a slow reader loses the oldest senses, and nobody who went through a gate", () => {
  const all = (waiting: WaitingReadings) =>
    Array.from({ length: waiting.size }, () => waiting.next()?.reading);
  const waiting = new WaitingReadings(4);
  waiting.add([sense(1), passed(2), sense(3), sense(4)], nothing);
  waiting.add([sense(5), passed(6)], nothing);
  assert.deepEqual(all(waiting), [passed(2), sense(4), sense(5), passed(6)]);
  waiting.add(
    [1, null, passed(7), passed(8), passed(9), passed(10), passed(11), sense(12)],
    nothing,
  );
  assert.deepEqual(all(waiting), [7, 8, 9, 10, 11].map(passed));
  waiting.add([sense(13)], nothing);
  assert.deepEqual(all(waiting), [sense(13)]);
  assert.equal(waiting.next(), undefined);
});

Deno.test("a message is taken with its last word of a gate; one of senses as it comes", () => {
  const waiting = new WaitingReadings(2);
  let taken = "";
  waiting.add([sense(1), sense(2), sense(3)], () => taken += "senses ");
  assert.equal(taken, "senses ");
  waiting.add([passed(4), sense(5), passed(6), sense(7)], () => taken += "passages ");
  const told: unknown[] = [];
  for (let next = waiting.next(); next !== undefined; next = waiting.next()) {
    told.push([next.reading, taken]);
    next.taken?.();
  }
  assert.deepEqual(told, [[passed(4), "senses "], [passed(6), "senses "]]);
  assert.equal(taken, "senses passages ");
});
