/**
 * A radio that listens: hears the codes of beacons through an adapter, as a phone does. Adapters
 * that fall silent are started anew, and in the end switched off and on.
 */
import type { Value } from "../dbus/wire.ts";
import { Variant } from "../dbus/wire.ts";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { PhoneRadioPort, Sighting } from "../ports.ts";
import { type BeaconFrame, framesOf } from "./adverts.ts";
import {
  type Adapter,
  type Bluez,
  bluez_name,
  type BluezNews,
  interfaces,
  mapOf,
  type Properties,
  told,
} from "./bluez.ts";

export interface BluezScannerOptions {
  readonly bluez: Bluez;
  readonly adapter: string;
  /** Every frame of every device, for those who want more than codes. */
  readonly heard?: (address: string, frame: BeaconFrame) => void;
  /** What goes wrong; it is tried again. */
  readonly trouble?: (error: HardwareError) => void;
  /** Silence after which the adapter is thought to hang. */
  readonly silence_ms?: number;
}

interface HeardDevice {
  name: string | undefined;
  rssi_dbm: number;
}

/** Bluetooth's word for a strength that was not measured. */
const not_measured = 127;
const retry_ms = 2_000;
/** `0000feaa-0000-1000-8000-00805f9b34fb`. */
const base_uuid = /^0000([0-9a-f]{4})-0000-1000-8000-00805f9b34fb$/;

export class BluezScanner implements PhoneRadioPort {
  readonly #options: BluezScannerOptions;
  readonly #listeners = new Set<(sighting: Sighting) => void>();
  readonly #devices = new Map<string, HeardDevice>();
  readonly #unwatch: () => void;
  #adapter: Adapter | undefined;
  #starting = false;
  #pauses = 0;
  #silences = 0;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: BluezScannerOptions) {
    this.#options = options;
    this.#unwatch = options.bluez.watch((news) => this.#take(news));
  }

  listen(listener: (sighting: Sighting) => void): () => void {
    this.#listeners.add(listener);
    void this.#start();
    return () => void this.#listeners.delete(listener);
  }

  /** Hears nothing until the result is called: an adapter that listens connects to nobody. */
  async pause(): Promise<() => void> {
    this.#pauses++;
    const adapter = this.#adapter;
    this.#adapter = undefined;
    clearTimeout(this.#watchdog);
    // What it says against it, it says again when it is to connect.
    if (adapter) await this.#call(adapter, "StopDiscovery").catch(() => {});
    let paused = true;
    return () => {
      if (!paused) return;
      paused = false;
      this.#pauses--;
      void this.#start();
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#unwatch();
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
    const adapter = this.#adapter;
    this.#adapter = undefined;
    if (adapter) await this.#call(adapter, "StopDiscovery").catch(() => {});
  }

  /** Discovers for as long as anybody listens. */
  async #start(): Promise<void> {
    if (this.#starting || this.#adapter !== undefined || this.#listeners.size === 0) return;
    if (this.#pauses > 0) return;
    this.#starting = true;
    clearTimeout(this.#retry);
    try {
      const adapter = await this.#options.bluez.adapter(this.#options.adapter);
      // Every advertisement counts, not only the first of a device.
      const filter = new Map<Value, Value>([
        ["Transport", new Variant("s", "le")],
        ["DuplicateData", new Variant("b", true)],
      ]);
      await this.#call(adapter, "SetDiscoveryFilter", "a{sv}", [filter]);
      // Whoever wanted to listen may have gone meanwhile, or want the radio for something else.
      if (this.#pauses > 0 || this.#listeners.size === 0) return;
      // What it hears counts from now on, also what comes before its answer is taken up.
      this.#adapter = adapter;
      await this.#call(adapter, "StartDiscovery").catch(async (error: unknown) => {
        // Somebody else discovers already, which serves as well; an adapter that is still waking up
        // says the same and hears nothing.
        const busy = error instanceof HardwareError && error.kind === "device_busy";
        if (!busy || !await this.#discovers(adapter)) throw error;
      });
      this.#listenForSilence();
    } catch (error) {
      this.#adapter = undefined;
      clearTimeout(this.#watchdog);
      if (!(error instanceof HardwareError)) throw error;
      this.#options.trouble?.(error);
      this.#later();
    } finally {
      this.#starting = false;
    }
  }

  async #discovers({ connection, path }: Adapter): Promise<boolean> {
    const [value] = await told("tell whether it listens", () =>
      connection.call({
        destination: bluez_name,
        path,
        interface: interfaces.properties,
        member: "Get",
        signature: "ss",
        body: [interfaces.adapter, "Discovering"],
      }));
    return value instanceof Variant && value.value === true;
  }

  #later(): void {
    clearTimeout(this.#retry);
    if (this.#listeners.size > 0) this.#retry = setTimeout(() => void this.#start(), retry_ms);
  }

  #call(adapter: Adapter, member: string, signature = "", body: Value[] = []) {
    const { path, connection } = adapter;
    const call = { destination: bluez_name, path, interface: interfaces.adapter, member };
    return told(`listen (${member})`, () => connection.call({ ...call, signature, body }));
  }

  #listenForSilence(): void {
    clearTimeout(this.#watchdog);
    const { silence_ms = hardwareLimits.radio_silence_ms } = this.#options;
    if (this.#listeners.size === 0) return;
    this.#watchdog = setTimeout(() => {
      this.#wake().catch((error: unknown) => {
        if (!(error instanceof HardwareError)) throw error;
        this.#options.trouble?.(error);
      }).finally(() => this.#later());
    }, silence_ms);
  }

  /** The first silence restarts the discovery, those after it the adapter. */
  async #wake(): Promise<void> {
    const adapter = this.#adapter;
    this.#adapter = undefined;
    if (adapter === undefined) return;
    this.#silences++;
    if (this.#silences === 1) {
      await this.#call(adapter, "StopDiscovery");
      return;
    }
    await this.#options.bluez.power(adapter.path, false);
    await this.#options.bluez.power(adapter.path, true);
  }

  #take(news: BluezNews): void {
    if (news.type === "gone") {
      this.#devices.delete(news.path);
      if (news.path !== this.#adapter?.path) return;
      this.#adapter = undefined;
      clearTimeout(this.#watchdog);
      return this.#later();
    }
    if (news.interface === interfaces.adapter && this.#adapter === undefined) {
      return void this.#start();
    }
    if (news.interface === interfaces.device) this.#hear(news.path, news.properties);
  }

  #hear(path: string, properties: Properties): void {
    if (this.#adapter === undefined || !path.startsWith(`${this.#adapter.path}/`)) {
      // Known from before: no more than a name.
      this.#know(path, properties);
      return;
    }
    this.#silences = 0;
    this.#listenForSilence();
    const device = this.#know(path, properties);
    const address = path.split("/dev_").at(-1)!.replaceAll("_", ":");
    for (const frame of framesOf(advertIn(properties))) {
      this.#options.heard?.(address, frame);
      if (frame.kind !== "eddystone_eid" || device.name === undefined) continue;
      const sighting: Sighting = {
        hardware_id: device.name,
        code: frame.code,
        rssi_dbm: device.rssi_dbm,
        heard_at_ms: Date.now(),
      };
      for (const listener of [...this.#listeners]) listener(sighting);
    }
  }

  #know(path: string, properties: Properties): HeardDevice {
    const device = this.#devices.get(path) ?? { name: undefined, rssi_dbm: -not_measured };
    if (!this.#devices.has(path) && this.#devices.size >= hardwareLimits.devices_heard) {
      // The one known longest makes room: a street full of phones passes by.
      const [oldest] = this.#devices.keys();
      if (oldest !== undefined) this.#devices.delete(oldest);
    }
    this.#devices.set(path, device);
    const name = properties.get("Name");
    if (typeof name === "string" && name.length <= hardwareLimits.heard_name_characters) {
      device.name = name;
    }
    device.rssi_dbm = strengthOf(properties.get("RSSI")) ?? device.rssi_dbm;
    return device;
  }
}

/** In a signed byte on the air, whatever type it has on the bus. */
function strengthOf(rssi: Value | undefined): number | undefined {
  if (typeof rssi !== "number" || !(Math.abs(rssi) <= not_measured)) return undefined;
  return rssi === not_measured ? -not_measured : rssi;
}

function advertIn(properties: Properties) {
  const service_data = new Map<number, Uint8Array>();
  for (const [uuid, value] of mapOf(properties.get("ServiceData"))) {
    const short = base_uuid.exec(String(uuid))?.[1];
    const data = value instanceof Variant ? value.value : value;
    if (short !== undefined && data instanceof Uint8Array) {
      service_data.set(parseInt(short, 16), data);
    }
  }
  const manufacturer_data = new Map<number, Uint8Array>();
  for (const [company, value] of mapOf(properties.get("ManufacturerData"))) {
    const data = value instanceof Variant ? value.value : value;
    if (data instanceof Uint8Array) manufacturer_data.set(Number(company), data);
  }
  return { service_data, manufacturer_data };
}
