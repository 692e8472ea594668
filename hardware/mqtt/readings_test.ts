/** Messages as they may come from a broker: some hold readings, others are nothing to us. */
import assert from "node:assert/strict";
import { hardwareLimits } from "../limits.ts";
import { readingsIn } from "./readings.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a message holds its readings; anything else holds none", () => {
  assert.deepEqual(readingsIn(bytes('{"readings":[{"type":"x"},2]}')), [{ type: "x" }, 2]);
  for (const text of ["", "{", "null", "[]", '{"readings":{}}', '{"other":[1]}']) {
    assert.deepEqual(readingsIn(bytes(text)), [], text);
  }
  assert.deepEqual(readingsIn(new Uint8Array([0xff, 0xfe])), []);
  const long = `{"readings":["${"x".repeat(hardwareLimits.mqtt_message_bytes)}"]}`;
  assert.deepEqual(readingsIn(bytes(long)), []);
});
