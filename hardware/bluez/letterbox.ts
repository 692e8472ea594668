/**
 * A letterbox as a GATT service of an adapter: phones connect, write letters in pieces and read
 * their answers. BlueZ names the phone of each read and write, so that no phone reads another's.
 * The service comes back after bluetoothd or the adapter were away.
 */
import { BusError, type Connection, type Reply } from "../dbus/connection.ts";
import type { Message } from "../dbus/message.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { LetterDesk, LetterRefusal } from "../letterbox/desk.ts";
import type { Clerk, LetterboxPort } from "../ports.ts";
import { type Adapter, type Bluez, bluez_name, interfaces, mapOf, told } from "./bluez.ts";

/** The service, and in it where letters are written and answers are read. */
export const letterbox_uuids = {
  service: "5a8e0001-9c3b-4f0a-8d57-2f6b1c7e94d3",
  letter: "5a8e0002-9c3b-4f0a-8d57-2f6b1c7e94d3",
  answer: "5a8e0003-9c3b-4f0a-8d57-2f6b1c7e94d3",
} as const;

export interface BluezLetterboxOptions {
  readonly hardware_id: string;
  readonly bluez: Bluez;
  /** The beacon's own: `hci0`, or the adapter's address. */
  readonly adapter: string;
  readonly now_ms?: () => number;
}

/** Between two tries to bring back the service. */
const retry_ms = 2_000;

let instances = 0;

export class BluezLetterbox implements LetterboxPort {
  readonly hardware_id: string;
  readonly #options: BluezLetterboxOptions;
  readonly #root = `/saunter/letterbox${++instances}`;
  #desk: LetterDesk | undefined;
  #registered: Adapter | undefined;
  #unwatch: () => void = () => {};
  #retry: ReturnType<typeof setTimeout> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BluezLetterboxOptions) {
    this.hardware_id = options.hardware_id;
    this.#options = options;
  }

  async open(clerk: Clerk): Promise<void> {
    const { bluez, now_ms = Date.now } = this.#options;
    this.#desk = new LetterDesk({ clerk, now_ms });
    this.#unwatch();
    this.#unwatch = bluez.watch((news) => {
      if (news.type === "gone") {
        if (news.path === this.#registered?.path) this.#registered = undefined;
        this.#desk?.gone(news.path);
      } else if (news.interface === interfaces.gatt) this.#restore();
      else if (news.interface === interfaces.device && news.properties.get("Connected") === false) {
        this.#desk?.gone(news.path);
      }
    });
    try {
      await this.#inTurn(() => this.#register());
    } catch (error) {
      this.#again();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#desk = undefined;
    this.#unwatch();
    clearTimeout(this.#retry);
    await this.#inTurn(async () => {
      const registered = this.#registered;
      this.#registered = undefined;
      if (registered === undefined) return;
      const { connection, path } = registered;
      // What cannot be taken back now goes with the connection.
      await connection.call({
        destination: bluez_name,
        path,
        interface: interfaces.gatt,
        member: "UnregisterApplication",
        signature: "o",
        body: [this.#root],
      }).catch((error: unknown) => {
        if (!(error instanceof BusError)) throw error;
      });
      for (const object of this.#objects.keys()) connection.objects.delete(object);
    });
  }

  async #register(): Promise<void> {
    if (this.#desk === undefined || this.#registered !== undefined) return;
    const adapter = await this.#options.bluez.adapter(this.#options.adapter);
    const { connection } = adapter;
    this.#serve(connection);
    // Whoever has connected takes the adapter's own name for the beacon's: both must be the same.
    await told("name the adapter", () =>
      connection.call({
        destination: bluez_name,
        path: adapter.path,
        interface: interfaces.properties,
        member: "Set",
        signature: "ssv",
        body: [interfaces.adapter, "Alias", new Variant("s", this.hardware_id)],
      }));
    await told("offer a service to phones", () =>
      connection.call({
        destination: bluez_name,
        path: adapter.path,
        interface: interfaces.gatt,
        member: "RegisterApplication",
        signature: "oa{sv}",
        body: [this.#root, new Map()],
      }));
    this.#registered = adapter;
  }

  #restore(): void {
    clearTimeout(this.#retry);
    this.#inTurn(() => this.#register()).catch(() => this.#again());
  }

  #again(): void {
    clearTimeout(this.#retry);
    if (this.#desk !== undefined) this.#retry = setTimeout(() => this.#restore(), retry_ms);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Path, interface and properties of each object of the service. */
  get #objects(): Map<string, [name: string, properties: Map<Value, Value>]> {
    const service = `${this.#root}/s`;
    const characteristic = (uuid: string, flag: string): [string, Map<Value, Value>] => [
      interfaces.characteristic,
      new Map<Value, Value>([
        ["UUID", new Variant("s", uuid)],
        ["Service", new Variant("o", service)],
        ["Flags", new Variant("as", [flag])],
      ]),
    ];
    return new Map([
      [service, [
        interfaces.service,
        new Map<Value, Value>([
          ["UUID", new Variant("s", letterbox_uuids.service)],
          ["Primary", new Variant("b", true)],
        ]),
      ]],
      [`${service}/letter`, characteristic(letterbox_uuids.letter, "write")],
      [`${service}/answer`, characteristic(letterbox_uuids.answer, "read")],
    ]);
  }

  #serve(connection: Connection): void {
    const objects = this.#objects;
    connection.objects.set(this.#root, ({ interface: name, member }) => {
      if (name !== interfaces.objects || member !== "GetManagedObjects") return undefined;
      const all = [...objects].map(([path, [name, properties]]): [Value, Value] => [
        path,
        new Map<Value, Value>([[name, properties]]),
      ]);
      return { signature: "a{oa{sa{sv}}}", body: [new Map(all)] };
    });
    for (const [path, [name, properties]] of objects) {
      connection.objects.set(path, (call) => {
        if (call.interface === interfaces.properties && call.member === "GetAll") {
          return call.body[0] === name ? { signature: "a{sv}", body: [properties] } : undefined;
        }
        return call.interface === interfaces.characteristic ? this.#attend(call) : undefined;
      });
    }
  }

  #attend({ member, path = "", body }: Message): Reply | undefined {
    const desk = this.#desk;
    if (desk === undefined) throw new BusError("org.bluez.Error.Failed", "the letterbox is closed");
    try {
      if (member === "WriteValue" && path.endsWith("/letter")) {
        const [value] = body;
        if (!(value instanceof Uint8Array)) return undefined;
        const { from, offset, asked_first } = optionsOf(body[1]);
        // BlueZ asks whether a long value may be written before it brings it.
        if (!asked_first) desk.write(from, value, offset);
        return {};
      }
      if (member === "ReadValue" && path.endsWith("/answer")) {
        const { from, offset } = optionsOf(body[0]);
        return { signature: "ay", body: [desk.read(from, offset)] };
      }
    } catch (error) {
      if (!(error instanceof LetterRefusal)) throw error;
      throw new BusError(`org.bluez.Error.${errors[error.kind]}`, "not taken");
    }
    return undefined;
  }
}

const errors = {
  offset: "InvalidOffset",
  length: "InvalidValueLength",
  busy: "NotPermitted",
} as const;

/** Throws `LetterRefusal` for what BlueZ never sends. */
function optionsOf(options: Value | undefined) {
  const of = (name: string) => {
    const value = mapOf(options).get(name);
    return value instanceof Variant ? value.value : value;
  };
  const [from, offset] = [of("device") ?? "nobody", of("offset") ?? 0];
  if (typeof from !== "string") throw new LetterRefusal("busy");
  if (typeof offset !== "number" || !Number.isInteger(offset) || offset < 0) {
    throw new LetterRefusal("offset");
  }
  return {
    from,
    offset,
    asked_first: of("prepare-authorize") === true,
  };
}
