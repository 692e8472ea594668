/** The promises of beacons and of phones' radios, held by a real bluetoothd: one controller sends,
 * the other listens. */
import { openLibc } from "../ffi/libc.ts";
import { beaconSuite } from "../testing/beacon_suite.ts";
import { BluezBeacon } from "./beacon.ts";
import { Bluez } from "./bluez.ts";
import { BluezScanner } from "./scanner.ts";

beaconSuite("BlueZ", () => {
  const libc = openLibc();
  const [sending, listening] = [new Bluez({ libc }), new Bluez({ libc })];
  const beacon = new BluezBeacon({ hardware_id: "riverside-b1", bluez: sending, adapter: "hci0" });
  const scanner = new BluezScanner({ bluez: listening, adapter: "hci1" });
  return Promise.resolve({
    beacon,
    phone: scanner,
    now_ms: () => Date.now(),
    pass: (duration_ms: number) => new Promise((resolve) => setTimeout(resolve, duration_ms)),
    // BlueZ's own, and some patience with a machine that is emulated.
    interval_ms: 1_500,
    async close() {
      await scanner.close();
      await beacon.close();
      for (const one of [sending, listening]) await one.close();
      libc[Symbol.dispose]();
    },
  });
});
