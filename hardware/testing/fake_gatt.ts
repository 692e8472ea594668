/**
 * The GATT part of the tests' org.bluez: services that programs register on one adapter, seen below
 * the devices of another once they are connected. Long values cross it in pieces, as on the air.
 */
import { BusError, type Connection, type Reply } from "../dbus/connection.ts";
import type { Message } from "../dbus/message.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { interfaces, mapOf } from "../bluez/bluez.ts";

interface Application {
  readonly adapter: string;
  readonly owner: string;
  readonly root: string;
  readonly objects: ReadonlyMap<Value, Value>;
}

interface Peer {
  /** As the other side names this one. */
  readonly seen_as: string;
  readonly properties: Map<Value, Value>;
  /** Characteristics while connected, by their paths here. */
  readonly mirrored: Map<string, { readonly at: Application; readonly path: string }>;
}

/** Of a value that a connection carries at once: the least that there is, less its head. */
const read_bytes = 22;
const write_bytes = 18;

export class FakeGatt {
  readonly #connection: Connection;
  #applications: Application[] = [];
  readonly #peers = new Map<string, Peer>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A device that an adapter hears, and can connect to. */
  device(path: string, seen_as: string, properties: ReadonlyMap<Value, Value>): void {
    const peer = { seen_as, properties: new Map(properties), mirrored: new Map() };
    this.#peers.set(path, peer);
    this.#connection.objects.set(path, (call) => this.#device(path, peer, call));
  }

  /** Everything below devices that are connected, as it is managed. */
  objects(): [string, Map<Value, Value>][] {
    return [...this.#peers].flatMap(([device, peer]): [string, Map<Value, Value>][] => [
      [device, new Map([[interfaces.device, peer.properties]])],
      ...[...peer.mirrored].map(([path, { at, path: original }]): [string, Map<Value, Value>] => [
        path,
        new Map(mapOf(at.objects.get(original))),
      ]),
    ]);
  }

  removed(adapter: string): void {
    this.#applications = this.#applications.filter((one) => one.adapter !== adapter);
  }

  manager(adapter: string, { member, sender = "", body }: Message) {
    const root = String(body[0]);
    if (member === "RegisterApplication") return this.#register(adapter, sender, root);
    if (member !== "UnregisterApplication") return undefined;
    this.#applications = this.#applications.filter((one) => one.root !== root);
    return {};
  }

  async #register(adapter: string, owner: string, root: string): Promise<Reply> {
    const [objects] = await this.#connection.call({
      destination: owner,
      path: root,
      interface: interfaces.objects,
      member: "GetManagedObjects",
    });
    this.#applications.push({ adapter, owner, root, objects: mapOf(objects) });
    return {};
  }

  #device(path: string, peer: Peer, { member }: Message): Reply | undefined {
    if (member === "Connect") this.#mirror(path, peer);
    else if (member !== "Disconnect") return undefined;
    const connected = member === "Connect";
    for (const name of ["Connected", "ServicesResolved"]) {
      peer.properties.set(name, new Variant("b", connected));
    }
    if (!connected) {
      for (const object of peer.mirrored.keys()) this.#connection.objects.delete(object);
      peer.mirrored.clear();
    }
    return {};
  }

  #mirror(path: string, peer: Peer): void {
    const adapter = path.slice(0, path.lastIndexOf("/"));
    for (const at of this.#applications.filter((one) => one.adapter !== adapter)) {
      for (const original of at.objects.keys()) {
        const own = `${path}/service0001${String(original).replaceAll("/", "_")}`;
        peer.mirrored.set(own, { at, path: String(original) });
        const from = `${at.adapter}/${peer.seen_as}`;
        this.#connection.objects.set(own, (call) => this.#cross(at, String(original), from, call));
      }
    }
  }

  /** A read or write of a value, across the air. */
  async #cross(
    { owner }: Application,
    path: string,
    from: string,
    { member = "", body, interface: name = "" }: Message,
  ): Promise<Reply | undefined> {
    const on = (offset: number) =>
      new Map<Value, Value>([["device", new Variant("o", from)], [
        "offset",
        new Variant("q", offset),
      ]]);
    const call = { destination: owner, path, interface: name, member };
    if (member === "WriteValue") {
      const [value] = body;
      if (!(value instanceof Uint8Array)) throw new BusError("org.bluez.Error.Failed", "no value");
      for (let offset = 0; offset < value.length; offset += write_bytes) {
        const piece = value.slice(offset, offset + write_bytes);
        await this.#connection.call({ ...call, signature: "aya{sv}", body: [piece, on(offset)] });
      }
      return {};
    }
    if (member !== "ReadValue") return undefined;
    const all: number[] = [];
    for (;;) {
      const asked = { ...call, signature: "a{sv}", body: [on(all.length)] };
      const [value] = await this.#connection.call(asked);
      const piece = value instanceof Uint8Array ? value.subarray(0, read_bytes) : new Uint8Array(0);
      all.push(...piece);
      if (piece.length < read_bytes) return { signature: "ay", body: [new Uint8Array(all)] };
    }
  }
}
