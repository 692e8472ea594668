/**
 * A phone's way to letterboxes through its own adapter: finds the beacon by its name, connects,
 * hands the letter over, takes the answer and lets go.
 */
import type { Connection } from "../dbus/connection.ts";
import { BusError } from "../dbus/connection.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { HardwareError } from "../errors.ts";
import { refused } from "../letterbox/desk.ts";
import { deliver, type LetterLink, lost } from "../letterbox/courier.ts";
import { hardwareLimits } from "../limits.ts";
import type { PhoneLettersPort } from "../ports.ts";
import {
  type Bluez,
  bluez_name,
  type BluezNews,
  interfaces,
  mapOf,
  propertiesOf,
} from "./bluez.ts";
import { letterbox_uuids } from "./letterbox.ts";
import type { BluezScanner } from "./scanner.ts";

export interface BluezLettersOptions {
  readonly bluez: Bluez;
  readonly adapter: string;
  /** Listens on the same adapter, and has to pause while that connects. */
  readonly scanner?: BluezScanner;
}

const pause = (delay_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, delay_ms));
const look_every_ms = 50;
/** How long a beacon's services may take to be known after connecting. */
const patience_ms = 10_000;

/** What goes in one write on most connections. BlueZ spreads longer ones over its enhanced
 * channels, which know nothing of each other's pieces. */
const whole_write_bytes = 182;
/** A connection is kept for so long: a letter seldom comes alone. */
const kept_ms = 1_500;

interface Found {
  readonly connection: Connection;
  readonly path: string;
}

export class BluezLetters implements PhoneLettersPort {
  readonly #options: BluezLettersOptions;
  readonly #unwatch: () => void;
  /** Names of devices by their paths, those heard last behind. */
  readonly #names = new Map<string, string>();
  #exchange = Math.floor(Math.random() * 256);
  #last: Promise<unknown> = Promise.resolve();
  #kept: (Found & { readonly link: LetterLink }) | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(options: BluezLettersOptions) {
    this.#options = options;
    this.#unwatch = options.bluez.watch((news) => this.#take(news));
  }

  /** One letter at a time: a phone has one radio. */
  hand(
    hardware_id: string,
    letter: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const turn = this.#last.then(() => this.#hand(hardware_id, letter, signal));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#last;
    await this.#letGo();
  }

  #take(news: BluezNews): void {
    if (news.type === "gone") {
      for (const path of [...this.#names.keys()]) {
        if (path === news.path || path.startsWith(`${news.path}/`)) this.#names.delete(path);
      }
    } else if (news.interface === interfaces.device) {
      const over = news.properties.get("Connected") === false;
      if (over && news.path === this.#kept?.path) this.#kept = undefined;
      const name = news.properties.get("Name") ?? this.#names.get(news.path);
      if (typeof name !== "string") return;
      this.#names.delete(news.path);
      this.#names.set(news.path, name);
      if (this.#names.size <= hardwareLimits.devices_heard) return;
      for (const oldest of this.#names.keys()) return void this.#names.delete(oldest);
    }
  }

  async #hand(
    hardware_id: string,
    letter: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const adapter = await this.#options.bluez.adapter(this.#options.adapter);
    const heard = [...this.#names].findLast(([path, name]) =>
      name === hardware_id && path.startsWith(`${adapter.path}/`)
    );
    if (heard === undefined) {
      throw new HardwareError(
        "device_missing",
        `beacon ${hardware_id} is not heard here: go nearer, or look whether it is on the air`,
      );
    }
    clearTimeout(this.#idle);
    this.#exchange = (this.#exchange + 1) & 0xff;
    const exchange = this.#exchange;
    try {
      const link = await this.#connect(hardware_id, adapter.connection, heard[0]);
      return await deliver(link, { hardware_id, letter, exchange, signal, pause });
    } catch (error) {
      await this.#letGo();
      if (!(error instanceof BusError)) throw error;
      if (/NotPermitted$/.test(error.kind)) throw refused(hardware_id, "busy");
      if (/Invalid(Offset|ValueLength)$/.test(error.kind)) throw refused(hardware_id, "length");
      throw lost(hardware_id, { cause: error });
    } finally {
      if (this.#kept !== undefined) this.#idle = setTimeout(() => void this.#letGo(), kept_ms);
    }
  }

  async #connect(hardware_id: string, connection: Connection, path: string): Promise<LetterLink> {
    if (this.#kept?.path === path && this.#kept.connection === connection) return this.#kept.link;
    await this.#letGo();
    const found = { connection, path };
    // What is half connected is let go of as well.
    this.#kept = { ...found, link: { value_bytes: 0, write: unconnected, read: unconnected } };
    const resume = await this.#options.scanner?.pause();
    try {
      await this.#call(found, path, interfaces.device, "Connect");
    } finally {
      resume?.();
    }
    const link = await this.#link(hardware_id, found);
    this.#kept = { ...found, link };
    return link;
  }

  async #letGo(): Promise<void> {
    clearTimeout(this.#idle);
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined) return;
    await this.#call(kept, kept.path, interfaces.device, "Disconnect").catch(passedOver);
  }

  /** The two characteristics, once BlueZ has found them. */
  async #link(hardware_id: string, found: Found): Promise<LetterLink> {
    for (let waited_ms = 0; waited_ms < patience_ms; waited_ms += look_every_ms) {
      const paths = await this.#characteristics(found);
      if (paths?.size === 0) break;
      const letter = paths?.get(letterbox_uuids.letter);
      const answer = paths?.get(letterbox_uuids.answer);
      if (letter !== undefined && answer !== undefined) return this.#over(found, letter, answer);
      await pause(look_every_ms);
    }
    throw lost(hardware_id);
  }

  #over(found: Found, letter: string, answer: string): LetterLink {
    const characteristic = interfaces.characteristic;
    return {
      value_bytes: whole_write_bytes,
      write: async (value) => {
        const how = new Map<Value, Value>([["type", new Variant("s", "request")]]);
        await this.#call(found, letter, characteristic, "WriteValue", "aya{sv}", [value, how]);
      },
      read: async () => {
        const body = [new Map<Value, Value>()];
        const [value] = await this.#call(
          found,
          answer,
          characteristic,
          "ReadValue",
          "a{sv}",
          body,
        );
        return value instanceof Uint8Array ? value : new Uint8Array(0);
      },
    };
  }

  /** Undefined until BlueZ knows the beacon's services. */
  async #characteristics({ connection, path }: Found): Promise<Map<string, string> | undefined> {
    const [objects] = await connection.call({
      destination: bluez_name,
      path: "/",
      interface: interfaces.objects,
      member: "GetManagedObjects",
    });
    const known = mapOf(objects);
    const device = propertiesOf(mapOf(known.get(path)).get(interfaces.device));
    // What is left of an earlier connection may be gone from the beacon by now.
    if (device.get("ServicesResolved") !== true) return undefined;
    const found = new Map<string, string>();
    for (const [object, of] of known) {
      if (!String(object).startsWith(`${path}/`)) continue;
      const uuid = propertiesOf(mapOf(of).get(interfaces.characteristic)).get("UUID");
      if (typeof uuid === "string") found.set(uuid, String(object));
    }
    return found;
  }

  #call(
    { connection }: Found,
    path: string,
    interface_name: string,
    member: string,
    signature = "",
    body: readonly Value[] = [],
  ): Promise<readonly Value[]> {
    return connection.call({
      destination: bluez_name,
      path,
      interface: interface_name,
      member,
      signature,
      body,
    });
  }
}

const unconnected = () => Promise.reject(new BusError("NotConnected", "not connected yet"));

function passedOver(error: unknown): void {
  if (!(error instanceof BusError)) throw error;
}
