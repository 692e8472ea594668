/**
 * The Bluetooth of a real store: beacons with their letterboxes, and the other radios through which
 * nonces are read at them.
 */
import { BluezBeacon } from "../../hardware/bluez/beacon.ts";
import { Bluez } from "../../hardware/bluez/bluez.ts";
import { BluezLetterbox } from "../../hardware/bluez/letterbox.ts";
import { BluezLetters } from "../../hardware/bluez/letters.ts";
import { BluezScanner } from "../../hardware/bluez/scanner.ts";
import type { Libc } from "../../hardware/ffi/libc.ts";
import type { PhoneLettersPort } from "../../hardware/ports.ts";
import type { Config } from "../../runtime/config.ts";
import { given } from "./given.ts";

export interface Radios {
  readonly beacons: ReadonlyMap<string, BluezBeacon>;
  readonly letterboxes: ReadonlyMap<string, BluezLetterbox>;
  readonly nonce_ways: ReadonlyMap<string, PhoneLettersPort>;
  close(): Promise<void>;
}

export function openRadios(config: Config, libc: Libc): Radios {
  const bluez = new Bluez({ libc });
  const beacons = new Map<string, BluezBeacon>();
  const letterboxes = new Map<string, BluezLetterbox>();
  const nonce_ways = new Map<string, PhoneLettersPort>();
  /** One for each adapter, however many beacons are read through it. */
  const readers = new Map<string, Reader>();
  for (const { hardware_id, device } of config.beacons) {
    if (device.kind !== "bluez") continue;
    const { adapter, power_dbm, fixed_frames, telemetry, letterbox, nonce_adapter } = device;
    const options = given({ power_dbm, fixed_frames, telemetry });
    beacons.set(hardware_id, new BluezBeacon({ hardware_id, bluez, adapter, ...options }));
    if (letterbox) {
      letterboxes.set(hardware_id, new BluezLetterbox({ hardware_id, bluez, adapter }));
    }
    if (nonce_adapter === undefined) continue;
    const reader = readers.get(nonce_adapter) ?? openReader(libc, nonce_adapter);
    readers.set(nonce_adapter, reader);
    nonce_ways.set(hardware_id, reader.letters);
  }
  return {
    beacons,
    letterboxes,
    nonce_ways,
    async close() {
      for (const reader of readers.values()) await reader.close();
      for (const letterbox of letterboxes.values()) await letterbox.close();
      for (const beacon of beacons.values()) await beacon.close();
      await bluez.close();
    },
  };
}

type Reader = ReturnType<typeof openReader>;

/** A connection of its own: what it asks of BlueZ waits for nothing that the beacons ask. */
function openReader(libc: Libc, adapter: string) {
  const bluez = new Bluez({ libc });
  const scanner = new BluezScanner({ bluez, adapter });
  const letters = new BluezLetters({ bluez, adapter, scanner });
  // Only a beacon that was heard can be connected to.
  const deaf = scanner.listen(() => {});
  return {
    letters,
    async close() {
      deaf();
      await letters.close();
      await scanner.close();
      await bluez.close();
    },
  };
}
