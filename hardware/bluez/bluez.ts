/**
 * BlueZ as the gateway sees it over the bus: its adapters, and the devices they hear. It outlives a
 * restart of bluetoothd, an adapter that is pulled out, and the bus itself.
 */
import { bus_name, BusError, Connection } from "../dbus/connection.ts";
import type { BusOptions } from "../dbus/libdbus.ts";
import type { Message } from "../dbus/message.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { HardwareError } from "../errors.ts";

export const bluez_name = "org.bluez";
export const interfaces = {
  adapter: "org.bluez.Adapter1",
  device: "org.bluez.Device1",
  advertising: "org.bluez.LEAdvertisingManager1",
  advertisement: "org.bluez.LEAdvertisement1",
  gatt: "org.bluez.GattManager1",
  service: "org.bluez.GattService1",
  characteristic: "org.bluez.GattCharacteristic1",
  properties: `${bus_name}.Properties`,
  objects: `${bus_name}.ObjectManager`,
} as const;

/** Properties of one interface of one object, without their variants. */
export type Properties = ReadonlyMap<string, Value>;

export type BluezNews =
  /** Properties of an object's interface, all of them or those that changed. */
  | {
    readonly type: "told";
    readonly path: string;
    readonly interface: string;
    readonly properties: Properties;
  }
  | { readonly type: "gone"; readonly path: string };

/** An adapter, and how it was when it was last heard of. */
export interface AdapterState extends Adapter {
  /** e.g. `hci0` */
  readonly name: string;
  readonly address: string;
  readonly powered: boolean;
}

/** An adapter that is there and has power. */
export interface Adapter {
  readonly connection: Connection;
  readonly path: string;
}

export class Bluez {
  readonly #options: BusOptions;
  readonly #listeners = new Set<(news: BluezNews) => void>();
  readonly #adapters = new Map<string, Map<string, Value>>();
  #connecting: Promise<Connection> | undefined;
  /** Who has the name of BlueZ: a signal of anybody else's is none of its. */
  #owner: string | undefined;
  #closed = false;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /** Calls with what BlueZ tells, once connected; the result stops it. */
  watch(listener: (news: BluezNews) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** By `hci0`, or by its address; switched on if it was off. Throws `HardwareError`. */
  async adapter(name: string): Promise<Adapter> {
    const connection = await this.#connected();
    const wanted = name.toUpperCase();
    const found = [...this.#adapters].find(([path, properties]) =>
      path.endsWith(`/${name}`) || properties.get("Address") === wanted
    );
    if (found === undefined) {
      const known = [...this.#adapters.keys()].map((path) => path.split("/").at(-1));
      throw new HardwareError(
        "device_missing",
        `there is no Bluetooth adapter ${name} (there is ${known.join(", ") || "none"}): plug it ` +
          "in, start bluetoothd, or correct the configuration",
      );
    }
    const [path, properties] = found;
    if (properties.get("Powered") !== true) await this.power(path, true);
    return { connection, path };
  }

  /** Every adapter there is, as it is. Throws `HardwareError`. */
  async adapters(): Promise<AdapterState[]> {
    const connection = await this.#connected();
    return [...this.#adapters].map(([path, properties]) => ({
      connection,
      path,
      name: path.split("/").at(-1)!,
      address: String(properties.get("Address")),
      powered: properties.get("Powered") === true,
    }));
  }

  /** Switches an adapter on or off. */
  async power(path: string, on: boolean): Promise<void> {
    const connection = await this.#connected();
    await told(`switch ${path.split("/").at(-1)} ${on ? "on" : "off"}`, () =>
      connection.call({
        destination: bluez_name,
        path,
        interface: interfaces.properties,
        member: "Set",
        signature: "ssv",
        body: [interfaces.adapter, "Powered", new Variant("b", on)],
      }));
    this.#adapters.get(path)?.set("Powered", on);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connecting = this.#connecting;
    this.#connecting = undefined;
    this.#listeners.clear();
    await connecting?.then((connection) => connection[Symbol.asyncDispose](), () => {});
  }

  #connected(): Promise<Connection> {
    if (this.#closed) {
      return Promise.reject(new HardwareError("device_lost", "the Bluetooth driver was closed"));
    }
    return this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
  }

  async #connect(): Promise<Connection> {
    const connection = await Connection.open(this.#options);
    connection.ended.then(() => {
      if (this.#closed) return;
      this.#connecting = undefined;
      this.#lose();
    });
    connection.listen((signal) => this.#heard(signal, connection));
    try {
      await connection.match(`type='signal',sender='${bluez_name}'`);
      await connection.match(
        `type='signal',sender='${bus_name}',member='NameOwnerChanged',arg0='${bluez_name}'`,
      );
      this.#owner = await ownerOf(connection);
      await this.#look(connection);
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw explained("look at BlueZ", error);
    }
    return connection;
  }

  /** What is there already raises no signal. */
  async #look(connection: Connection): Promise<void> {
    const [objects] = await connection.call({
      destination: bluez_name,
      path: "/",
      interface: interfaces.objects,
      member: "GetManagedObjects",
    });
    for (const [path, ofObject] of mapOf(objects)) this.#told(String(path), mapOf(ofObject));
  }

  #told(path: string, ofObject: ReadonlyMap<Value, Value>): void {
    for (const [name, values] of ofObject) {
      this.#take(path, String(name), propertiesOf(values));
    }
  }

  #take(path: string, interface_name: string, properties: Properties): void {
    if (interface_name === interfaces.adapter) {
      const known = this.#adapters.get(path) ?? new Map<string, Value>();
      this.#adapters.set(path, known);
      for (const [name, value] of properties) known.set(name, value);
    }
    this.#tell({ type: "told", path, interface: interface_name, properties });
  }

  #heard(signal: Message, connection: Connection): void {
    const { body, member, sender, path = "" } = signal;
    // Anybody may send a signal to this connection alone, whatever was asked for.
    const ofBus = sender === bus_name && member === "NameOwnerChanged" && body[0] === bluez_name;
    if (sender !== this.#owner && !ofBus) return;
    switch (member) {
      case "InterfacesAdded":
        return this.#told(String(body[0]), mapOf(body[1]));
      case "InterfacesRemoved": {
        const gone = String(body[0]);
        const names = Array.isArray(body[1]) ? body[1] : [];
        if (names.includes(interfaces.adapter)) this.#adapters.delete(gone);
        if (names.includes(interfaces.adapter) || names.includes(interfaces.device)) {
          this.#tell({ type: "gone", path: gone });
        }
        return;
      }
      case "PropertiesChanged":
        return this.#take(path, String(body[0]), propertiesOf(body[1]));
      case "NameOwnerChanged":
        if (!ofBus) return;
        this.#owner = ownerIn(body[2]);
        this.#lose();
        // A new bluetoothd: what it has so far is told like news.
        if (this.#owner !== undefined) this.#look(connection).catch(() => {});
        return;
    }
  }

  #lose(): void {
    for (const path of [...this.#adapters.keys()]) {
      this.#adapters.delete(path);
      this.#tell({ type: "gone", path });
    }
  }

  #tell(news: BluezNews): void {
    for (const listener of [...this.#listeners]) listener(news);
  }
}

/** A name that nobody has is owned by nobody, "". */
const ownerIn = (name: Value | undefined) =>
  typeof name === "string" && name !== "" ? name : undefined;

/** Undefined where bluetoothd does not run, or is started by the first call. */
async function ownerOf(connection: Connection): Promise<string | undefined> {
  try {
    const [name] = await connection.call({
      destination: bus_name,
      path: "/org/freedesktop/DBus",
      interface: bus_name,
      member: "GetNameOwner",
      signature: "s",
      body: [bluez_name],
    });
    return ownerIn(name);
  } catch (error) {
    if (error instanceof BusError && error.kind.endsWith(".NameHasNoOwner")) return undefined;
    throw error;
  }
}

/** Acts, and makes whatever BlueZ says an error for operators. */
export async function told<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explained(what, error);
  }
}

const busy = /\.(NotPermitted|InProgress|AlreadyExists)$/;

function explained(what: string, error: unknown): unknown {
  if (!(error instanceof BusError)) return error;
  if (busy.test(error.kind)) {
    return new HardwareError(
      "device_busy",
      `BlueZ would not ${what} (${error.message}): another program uses the adapter`,
      { cause: error },
    );
  }
  if (/AccessDenied$/.test(error.kind)) {
    return new HardwareError(
      "device_forbidden",
      `the bus would not let the gateway ${what} (${error.message}): install ` +
        "deploy/system/saunter-bluez.conf into /etc/dbus-1/system.d",
      { cause: error },
    );
  }
  return new HardwareError(
    "device_lost",
    `BlueZ could not ${what} (${error.message}): look at bluetoothd and the adapter`,
    { cause: error },
  );
}

export function mapOf(value: Value | undefined): ReadonlyMap<Value, Value> {
  return value instanceof Map ? value : new Map();
}

export function propertiesOf(value: Value | undefined): Properties {
  const found = new Map<string, Value>();
  for (const [name, of] of mapOf(value)) {
    found.set(String(name), of instanceof Variant ? of.value : of);
  }
  return found;
}
