/** Beacon frames against bytes that others published, and the parser against anything. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { advertOf, type BeaconFrame, framesOf, readAdvert } from "./adverts.ts";

const frames: BeaconFrame[] = [
  { kind: "eddystone_eid", power_dbm: -20, code: "4144413e45fefa58" },
  {
    kind: "eddystone_uid",
    power_dbm: 4,
    namespace: "00112233445566778899",
    instance: "aabbccddeeff",
  },
  { kind: "eddystone_tlm", battery_mv: 3_000, temperature_c: -1.5, adverts: 7, uptime_s: 12.5 },
  {
    kind: "eddystone_tlm",
    battery_mv: 0,
    temperature_c: undefined,
    adverts: 0xffffffff,
    uptime_s: 0,
  },
  {
    kind: "ibeacon",
    power_dbm: -59,
    uuid: "e2c56db5dffb48d2b060d0f5a71096e0",
    major: 1,
    minor: 65_535,
  },
  {
    kind: "altbeacon",
    power_dbm: -59,
    company: 0x0118,
    id: "00112233445566778899aabbccddeeff00112233",
  },
];

Deno.test("a frame is read as it was written", () => {
  for (const frame of frames) assert.deepEqual(framesOf(advertOf(frame)), [frame], frame.kind);
});

Deno.test("frames on the air have the bytes of their specifications", () => {
  // An advertisement of the AltBeacon specification's shape, and of Apple's.
  const ibeacon = "0201061aff4c000215e2c56db5dffb48d2b060d0f5a71096e00000ffffc5";
  assert.deepEqual(framesOf(readAdvert(Uint8Array.fromHex(ibeacon))), [{
    kind: "ibeacon",
    power_dbm: -59,
    uuid: "e2c56db5dffb48d2b060d0f5a71096e0",
    major: 0,
    minor: 65_535,
  }]);
  const eddystone = "0201060303aafe0d16aafe30ec4144413e45fefa58";
  assert.deepEqual(framesOf(readAdvert(Uint8Array.fromHex(eddystone))), [
    { kind: "eddystone_eid", power_dbm: -20, code: "4144413e45fefa58" },
  ]);
  // Eddystone-TLM, field after field: 3.2 V, 22.5 degrees, 43 200 sendings in a day.
  const telemetry = "0201060303aafe1116aafe20000c8016800000a8c0000d2f00";
  assert.deepEqual(framesOf(readAdvert(Uint8Array.fromHex(telemetry))), [{
    kind: "eddystone_tlm",
    battery_mv: 3_200,
    temperature_c: 22.5,
    adverts: 43_200,
    uptime_s: 86_400,
  }]);
  const altbeacon = "02011a1bff1801beac2f234454cf6d4a0fadf2f4911ba9ffa600010002c509";
  assert.deepEqual(framesOf(readAdvert(Uint8Array.fromHex(altbeacon))), [{
    kind: "altbeacon",
    power_dbm: -59,
    company: 0x0118,
    id: "2f234454cf6d4a0fadf2f4911ba9ffa600010002",
  }]);
});

Deno.test("what does not fit is refused before it is on the air", () => {
  const eid = { kind: "eddystone_eid", power_dbm: 0, code: "41" } as const;
  assert.throws(() => advertOf(eid), RangeError);
  assert.throws(() => advertOf({ ...eid, code: "zz44413e45fefa58" }), RangeError);
});

Deno.test("any bytes at all are read without harm", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const advert = readAdvert(new Uint8Array(bytes));
      for (const frame of framesOf(advert)) {
        if (frame.kind === "eddystone_eid") assert.match(frame.code, /^[0-9a-f]{16}$/);
      }
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("every way of being malformed: too short, too long, cut, of another kind", () => {
  const whole = Uint8Array.fromHex("0201060303aafe0d16aafe30ec4144413e45fefa58");
  for (let length = 0; length < whole.length; length++) {
    assert.deepEqual(framesOf(readAdvert(whole.slice(0, length))), [], `${length} bytes`);
  }
  for (const frame of frames) {
    const advert = advertOf(frame);
    for (const change of [(data: Uint8Array) => data.slice(0, -1), longer, otherKind]) {
      const altered = {
        service_data: new Map([...advert.service_data].map(([key, data]) => [key, change(data)])),
        manufacturer_data: new Map(
          [...advert.manufacturer_data].map(([key, data]) => [key, change(data)]),
        ),
      };
      const found = framesOf(altered);
      assert.ok(!found.some((one) => one.kind === frame.kind), frame.kind);
    }
  }
});

const longer = (data: Uint8Array) => new Uint8Array([...data, 0]);
const otherKind = (data: Uint8Array) => new Uint8Array([0x77, ...data.slice(1)]);
