/**
 * A beacon on a Bluetooth adapter: the code of the period as an Eddystone-EID frame, and the frames
 * that never change beside it. A new code is on the air before the old one is taken off, and what
 * was on the air comes back after bluetoothd or the adapter were away.
 */
import { BusError } from "../dbus/connection.ts";
import { Variant } from "../dbus/wire.ts";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { Advertisement, BeaconPort } from "../ports.ts";
import { advertisementObject } from "./advertisement.ts";
import type { BeaconFrame } from "./adverts.ts";
import { type Adapter, type Bluez, bluez_name, interfaces, told } from "./bluez.ts";

export interface BluezBeaconOptions {
  readonly hardware_id: string;
  readonly bluez: Bluez;
  /** `hci0`, or the adapter's address. */
  readonly adapter: string;
  /** Of the EID frame, at no distance; -20 unless measured. */
  readonly power_dbm?: number;
  /** On the air beside the code, each in an instance of its own. */
  readonly fixed_frames?: readonly BeaconFrame[];
  /** How often it is made sure that the adapter still sends. */
  readonly watch_ms?: number;
  readonly now_ms?: () => number;
}

/** Between two tries to bring back what was on the air. */
const retry_ms = 2_000;

interface OnAir {
  readonly path: string;
  readonly adapter: Adapter;
}

let instances = 0;

export class BluezBeacon implements BeaconPort {
  readonly hardware_id: string;
  readonly #options: BluezBeaconOptions;
  readonly #root = `/saunter/beacon${++instances}`;
  readonly #unwatch: () => void;
  readonly #watchdog: ReturnType<typeof setInterval>;
  #wanted: Advertisement | undefined;
  #on_air: OnAir | undefined;
  #fixed: OnAir[] = [];
  /** Their time is over, and BlueZ would not let them go yet: tried again until they are off. */
  #over: OnAir[] = [];
  #serial = 0;
  #last: Promise<unknown> = Promise.resolve();
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: BluezBeaconOptions) {
    const { hardware_id, bluez, watch_ms = hardwareLimits.beacon_watch_ms } = options;
    // The name travels in the 31 bytes of the scan response, behind two of its own.
    if (new TextEncoder().encode(hardware_id).length > hardwareLimits.advertised_name_bytes) {
      throw new HardwareError(
        "format_unsupported",
        `beacon ${hardware_id} has a name too long for the air: ` +
          `${hardwareLimits.advertised_name_bytes} bytes are the most`,
      );
    }
    this.hardware_id = hardware_id;
    this.#options = options;
    this.#unwatch = bluez.watch((news) => {
      if (news.type === "gone") this.#forget(news.path);
      else if (news.interface === interfaces.advertising) this.#restore();
    });
    this.#watchdog = setInterval(() => this.#check(), watch_ms);
  }

  advertise(advertisement: Advertisement): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = advertisement;
      try {
        await this.#put(advertisement);
      } catch (error) {
        // The old code has had its time, whatever became of the new one.
        this.#wanted = undefined;
        await this.#takeOff().catch(triedAgain);
        throw error;
      }
      this.#expire(advertisement.until_ms);
    });
  }

  readNonce(): Promise<string | undefined> {
    const sounding = this.#on_air !== undefined && this.#live();
    return Promise.resolve(sounding ? this.#wanted?.nonce : undefined);
  }

  silence(): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = undefined;
      clearTimeout(this.#expiry);
      await this.#takeOff();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    clearInterval(this.#watchdog);
    clearTimeout(this.#retry);
    // What cannot be taken off now goes with the connection.
    this.#over.push(...this.#fixed.splice(0));
    await this.silence().catch(triedAgain);
  }

  #live(): boolean {
    const now_ms = this.#options.now_ms?.() ?? Date.now();
    return this.#wanted !== undefined && this.#wanted.until_ms > now_ms;
  }

  /** One after the other, each whatever became of the one before. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #put({ code }: Advertisement): Promise<void> {
    const { bluez, adapter: name, power_dbm = -20, fixed_frames = [] } = this.#options;
    const adapter = await bluez.adapter(name);
    const before = this.#on_air;
    const frame: BeaconFrame = { kind: "eddystone_eid", power_dbm, code };
    try {
      this.#on_air = await this.#register(adapter, frame, this.hardware_id);
    } catch (error) {
      const full = error instanceof HardwareError && error.kind === "device_busy";
      if (!full || before === undefined) throw error;
      // No instance is free for both: the old one makes room.
      await this.#takeOff();
      this.#on_air = await this.#register(adapter, frame, this.hardware_id);
    }
    if (before !== undefined && before.path !== this.#on_air.path) {
      this.#over.push(before);
      await this.#clear().catch(triedAgain);
    }
    for (const fixed of fixed_frames.slice(this.#fixed.length)) {
      this.#fixed.push(await this.#register(adapter, fixed));
    }
  }

  async #takeOff(): Promise<void> {
    if (this.#on_air !== undefined) this.#over.push(this.#on_air);
    this.#on_air = undefined;
    await this.#clear();
  }

  /** Takes off what is over; throws when something is still there, which is tried again later. */
  async #clear(): Promise<void> {
    const trouble: unknown[] = [];
    for (const one of this.#over.splice(0)) {
      try {
        await this.#unregister(one);
      } catch (error) {
        if (isUnknown(error)) continue;
        this.#over.push(one);
        trouble.push(error);
      }
    }
    if (trouble.length > 0) throw trouble[0];
  }

  async #register(adapter: Adapter, frame: BeaconFrame, name?: string): Promise<OnAir> {
    const path = `${this.#root}/a${++this.#serial}`;
    const { connection } = adapter;
    connection.objects.set(path, advertisementObject(frame, name, () => this.#forget(path)));
    try {
      await told("advertise", () =>
        connection.call({
          destination: bluez_name,
          path: adapter.path,
          interface: interfaces.advertising,
          member: "RegisterAdvertisement",
          signature: "oa{sv}",
          body: [path, new Map()],
        }));
    } catch (error) {
      connection.objects.delete(path);
      throw error;
    }
    return { path, adapter };
  }

  async #unregister({ path, adapter }: OnAir): Promise<void> {
    try {
      await told("take an advertisement off the air", () =>
        adapter.connection.call({
          destination: bluez_name,
          path: adapter.path,
          interface: interfaces.advertising,
          member: "UnregisterAdvertisement",
          signature: "o",
          body: [path],
        }));
    } finally {
      adapter.connection.objects.delete(path);
    }
  }

  /** BlueZ let an advertisement go, or the adapter with it. */
  #forget(path: string): void {
    const isGone = (one: OnAir | undefined) => one?.path === path || one?.adapter.path === path;
    if (isGone(this.#on_air)) this.#on_air = undefined;
    this.#fixed = this.#fixed.filter((one) => !isGone(one));
    this.#over = this.#over.filter((one) => !isGone(one));
  }

  /** Puts what should be on the air there again, until it is. */
  #restore(): void {
    clearTimeout(this.#retry);
    this.#inTurn(async () => {
      if (this.#closed || this.#on_air !== undefined || !this.#live()) return;
      await this.#put(this.#wanted!);
    }).catch(() => {
      if (!this.#closed) this.#retry = setTimeout(() => this.#restore(), retry_ms);
    });
  }

  /** What is over and still there, an adapter that has forgotten its advertisement, and one that
   * came back unnoticed. */
  #check(): void {
    this.#inTurn(async () => {
      await this.#clear().catch(triedAgain);
      const { path, adapter } = this.#on_air ?? {};
      if (path === undefined || adapter === undefined) return;
      const [active] = await adapter.connection.call({
        destination: bluez_name,
        path: adapter.path,
        interface: interfaces.properties,
        member: "Get",
        signature: "ss",
        body: [interfaces.advertising, "ActiveInstances"],
      });
      if (active instanceof Variant && active.value === 0) this.#forget(adapter.path);
    }).catch((error: unknown) => {
      if (!(error instanceof BusError)) throw error;
      this.#on_air = undefined;
    }).then(() => this.#restore());
  }

  #expire(until_ms: number): void {
    clearTimeout(this.#expiry);
    const now_ms = this.#options.now_ms?.() ?? Date.now();
    const delay_ms = Math.min(Math.max(0, until_ms - now_ms), 2 ** 31 - 1);
    this.#expiry = setTimeout(() => {
      if (this.#live()) this.#expire(until_ms);
      else this.silence().catch(triedAgain);
    }, delay_ms);
  }
}

/** The watchdog tries again; whatever is no trouble of BlueZ's is a fault of ours. */
function triedAgain(error: unknown): void {
  if (!(error instanceof HardwareError)) throw error;
}

/** BlueZ knows no such advertisement: it is off the air. */
function isUnknown(error: unknown): boolean {
  return error instanceof HardwareError && error.cause instanceof BusError &&
    /\.(DoesNotExist|UnknownObject)$/.test(error.cause.kind);
}
