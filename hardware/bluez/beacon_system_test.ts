/** The promises of beacons and of phones' radios, held by BlueZ's on a bus of their own, whose
 * org.bluez lets one adapter hear what the other sends. */
import assert from "node:assert/strict";
import { type Value, Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { beaconSuite } from "../testing/beacon_suite.ts";
import { code, openAir } from "../testing/bus_air.ts";
import { Bluez } from "./bluez.ts";
import { BluezScanner } from "./scanner.ts";

const interval_ms = 100;

Deno.test("a beacon whose next code is long in coming on the air waits for it", async () => {
  await using air = await openAir();
  let looks = 0;
  const now_ms = () => (looks++, Date.now());
  const beacon = air.beacon({ now_ms });
  await beacon.advertise({
    code: code(1),
    nonce: "n",
    until_ms: Date.now() + 50,
  });
  const adapter = air.bluez.adapter.bind(air.bluez);
  const held = Promise.withResolvers<void>();
  air.bluez.adapter = (name) => held.promise.then(() => adapter(name));
  const next = { code: code(2), nonce: "n", until_ms: Date.now() + 60_000 };
  const coming = beacon.advertise(next);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const looked = looks;
  held.resolve();
  await coming;
  assert.ok(looked < 20, `looked at the clock ${looked} times meanwhile`);
  assert.equal(await beacon.readNonce(), "n");
});

beaconSuite("BlueZ on a bus of its own", async () => {
  const air = await openAir();
  const { fake } = air;
  fake.addAdapter("hci1", "AA:BB:CC:00:00:01");
  const libc = openLibc();
  const bluez = new Bluez({ libc, address: air.address });
  const scanner = new BluezScanner({ bluez, adapter: "hci1" });
  const carrying = setInterval(() => {
    if (!fake.discovering) return;
    for (const advert of fake.onAir("hci0")) {
      const [name, data] = [advert.get("LocalName"), advert.get("ServiceData")];
      // It was registered, and has not said yet what it is.
      if (name === undefined || data === undefined) continue;
      const properties: [string, Value][] = [
        ["Name", name],
        ["ServiceData", data],
        ["RSSI", new Variant("n", -50)],
      ];
      fake.hear("AA:BB:CC:00:00:00", new Map(properties), "hci1");
    }
  }, interval_ms / 10);
  return {
    beacon: air.beacon(),
    phone: scanner,
    now_ms: () => Date.now(),
    pass: (duration_ms) => new Promise((resolve) => setTimeout(resolve, duration_ms)),
    interval_ms,
    unplug: () => fake.removeAdapter("hci0"),
    async close() {
      clearInterval(carrying);
      await scanner.close();
      await bluez.close();
      libc[Symbol.dispose]();
      await air[Symbol.asyncDispose]();
    },
  };
});
