/** Tests' air: a bus of its own, with an org.bluez on it that can be told to misbehave, and the
 * beacons and radios of a test. */
import { BluezBeacon, type BluezBeaconOptions } from "../bluez/beacon.ts";
import { Bluez } from "../bluez/bluez.ts";
import { BluezScanner, type BluezScannerOptions } from "../bluez/scanner.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { FakeBluez, startBus } from "./fake_bluez.ts";

export const feaa = "0000feaa-0000-1000-8000-00805f9b34fb";
export const far_ms = 9_000_000_000_000;
export const code = (number: number) => number.toString(16).padStart(16, "0");

/** Until it is so; a test that waits for nothing ends with the runner's patience. */
export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface Air extends AsyncDisposable {
  readonly address: string;
  readonly bluez: Bluez;
  fake: FakeBluez;
  restart(): Promise<void>;
  beacon(options?: Partial<BluezBeaconOptions>): BluezBeacon;
  scanner(options?: Partial<BluezScannerOptions>): BluezScanner;
}

export async function openAir(slots?: number): Promise<Air> {
  const libc = openLibc();
  const bus = await startBus();
  const { address } = bus;
  const bluez = new Bluez({ libc, address });
  const made: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    made.push(one);
    return one;
  };
  const air: Air = {
    address,
    bluez,
    fake: await FakeBluez.start(libc, address, slots),
    async restart() {
      await air.fake[Symbol.asyncDispose]();
      air.fake = await FakeBluez.start(libc, address, slots);
    },
    beacon: (options) =>
      keep(new BluezBeacon({ hardware_id: "b-1", bluez, adapter: "hci0", ...options })),
    scanner: (options) => keep(new BluezScanner({ bluez, adapter: "hci0", ...options })),
    async [Symbol.asyncDispose]() {
      for (const one of made) await one.close();
      await bluez.close();
      await air.fake[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      libc[Symbol.dispose]();
    },
  };
  return air;
}

/** An Eddystone-EID frame as BlueZ tells it of a device. */
export function eid(of: string, more: readonly [string, Value][] = []): Map<Value, Value> {
  const bytes = new Uint8Array([0x30, 0xec, ...Uint8Array.fromHex(of)]);
  const data = new Map<Value, Value>([[feaa, new Variant("ay", bytes)]]);
  return new Map<Value, Value>([
    ["ServiceData", new Variant("a{sv}", data)],
    ["RSSI", new Variant("n", -60)],
    ...more,
  ]);
}
