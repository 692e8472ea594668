/** The promises of beacons and of phones' radios, held by BlueZ's on a bus of their own, whose
 * org.bluez lets one adapter hear what the other sends. */
import { type Value, Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { beaconSuite } from "../testing/beacon_suite.ts";
import { openAir } from "../testing/bus_air.ts";
import { Bluez } from "./bluez.ts";
import { BluezScanner } from "./scanner.ts";

const interval_ms = 100;

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
