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
import type { BeaconFrame } from "./adverts.ts";
import { type Adapter, type Bluez, bluez_name, interfaces } from "./bluez.ts";
import { isFull, isUnknown, type OnAir, register, unregister } from "./on_air.ts";

export interface BluezBeaconOptions {
  readonly hardware_id: string;
  readonly bluez: Bluez;
  /** `hci0`, or the adapter's address. */
  readonly adapter: string;
  /** Of the EID frame, at no distance; -20 unless measured. */
  readonly power_dbm?: number;
  /** On the air beside the code, each in an instance of its own. */
  readonly fixed_frames?: readonly BeaconFrame[];
  /** An Eddystone-TLM frame beside them, told anew at each look; it takes turns with the last of
   * the fixed frames where no instance is free for it, and makes room for the code. */
  readonly telemetry?: boolean;
  /** How often it is made sure that the adapter still sends. */
  readonly watch_ms?: number;
  readonly now_ms?: () => number;
}

/** Between two tries to bring back what was on the air. */
const retry_ms = 2_000;

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
  #telemetry: OnAir | undefined;
  /** Since when there has been something on the air. */
  #since_ms: number | undefined;
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
    if (this.#telemetry !== undefined) this.#over.push(this.#telemetry);
    this.#telemetry = undefined;
    await this.silence().catch(triedAgain);
  }

  #now_ms(): number {
    return this.#options.now_ms?.() ?? Date.now();
  }

  #live(): boolean {
    return this.#wanted !== undefined && this.#wanted.until_ms > this.#now_ms();
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
    // The code and the fixed frames come first: its turn is at the next look.
    await this.#dropTelemetry().catch(triedAgain);
    const frame: BeaconFrame = { kind: "eddystone_eid", power_dbm, code };
    try {
      this.#on_air = await this.#register(adapter, frame, this.hardware_id);
    } catch (error) {
      if (!isFull(error) || before === undefined) throw error;
      // No instance is free for both: the old one makes room.
      await this.#takeOff();
      this.#on_air = await this.#register(adapter, frame, this.hardware_id);
    }
    if (before !== undefined && before.path !== this.#on_air.path) {
      this.#over.push(before);
      await this.#clear().catch(triedAgain);
    }
    this.#since_ms ??= this.#now_ms();
    await this.#fix(adapter, fixed_frames);
  }

  /** The fixed frames that are not on the air. */
  async #fix(adapter: Adapter, fixed_frames: readonly BeaconFrame[]): Promise<void> {
    for (const fixed of fixed_frames.slice(this.#fixed.length)) {
      this.#fixed.push(await this.#register(adapter, fixed));
    }
  }

  async #dropTelemetry(): Promise<void> {
    if (this.#telemetry === undefined) return;
    this.#over.push(this.#telemetry);
    this.#telemetry = undefined;
    await this.#clear();
  }

  /** The telemetry of now, in place of that before; or the fixed frame whose turn it is. */
  async #tell(adapter: Adapter): Promise<void> {
    const { telemetry, fixed_frames = [] } = this.#options;
    if (telemetry !== true || this.#since_ms === undefined) return;
    await this.#dropTelemetry();
    if (this.#fixed.length < fixed_frames.length) return await this.#fix(adapter, fixed_frames);
    const frame = telemetryAfter(this.#now_ms() - this.#since_ms, 1 + fixed_frames.length);
    try {
      this.#telemetry = await this.#register(adapter, frame);
    } catch (error) {
      const last = this.#fixed.pop();
      if (!isFull(error) || last === undefined) throw error;
      this.#over.push(last);
      await this.#clear();
      this.#telemetry = await this.#register(adapter, frame);
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
        await unregister(one);
      } catch (error) {
        if (isUnknown(error)) continue;
        this.#over.push(one);
        trouble.push(error);
      }
    }
    if (trouble.length > 0) throw trouble[0];
  }

  #register(adapter: Adapter, frame: BeaconFrame, name?: string): Promise<OnAir> {
    const path = `${this.#root}/a${++this.#serial}`;
    const released = () => this.#forget(path);
    return register(adapter, { path, frame, released, ...name === undefined ? {} : { name } });
  }

  /** BlueZ let an advertisement go, or the adapter with it. */
  #forget(path: string): void {
    const isGone = (one: OnAir | undefined) => one?.path === path || one?.adapter.path === path;
    if (isGone(this.#on_air)) this.#on_air = undefined;
    this.#fixed = this.#fixed.filter((one) => !isGone(one));
    if (isGone(this.#telemetry)) this.#telemetry = undefined;
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
      else await this.#tell(adapter).catch(triedAgain);
    }).catch((error: unknown) => {
      if (!(error instanceof BusError)) throw error;
      this.#on_air = undefined;
    }).then(() => this.#restore());
  }

  #expire(until_ms: number): void {
    clearTimeout(this.#expiry);
    const delay_ms = Math.min(Math.max(0, until_ms - this.#now_ms()), 2 ** 31 - 1);
    this.#expiry = setTimeout(() => {
      // Another code may be on its way by now: its time counts, not that of the one before.
      if (this.#live()) this.#expire(this.#wanted!.until_ms);
      else this.silence().catch(triedAgain);
    }, delay_ms);
  }
}

/** The watchdog tries again; whatever is no trouble of BlueZ's is a fault of ours. */
function triedAgain(error: unknown): void {
  if (!(error instanceof HardwareError)) throw error;
}

/** What BlueZ waits between two sendings of an advertisement, whatever it is asked for. */
const interval_ms = 1_280;

/** Of a beacon on a machine's adapter, which has no battery and no thermometer. Nobody counts what
 * the controller sends: the number is what so many advertisements make in the time. */
function telemetryAfter(on_air_ms: number, advertisements: number): BeaconFrame {
  const adverts = Math.floor(on_air_ms / interval_ms) * advertisements;
  return {
    kind: "eddystone_tlm",
    battery_mv: 0,
    temperature_c: undefined,
    adverts: adverts % 2 ** 32,
    uptime_s: Math.floor(on_air_ms / 100) % 2 ** 32 / 10,
  };
}
