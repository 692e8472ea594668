/**
 * An org.bluez for tests, on a bus of their own: adapters, devices that they hear, and as many
 * advertisements as they have room for. It asks advertisements what they are, as bluetoothd does.
 */
import { bus_name, BusError, type BusObject, Connection, type Reply } from "../dbus/connection.ts";
import type { Message } from "../dbus/message.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { interfaces } from "../bluez/bluez.ts";
import type { Libc } from "../ffi/libc.ts";
import { run } from "./compile.ts";
import { FakeGatt } from "./fake_gatt.ts";

/** A bus that only this test knows. */
export interface PrivateBus extends AsyncDisposable {
  readonly address: string;
}

export async function startBus(): Promise<PrivateBus> {
  const folder = await Deno.makeTempDir({ prefix: "bus" });
  const address = `unix:path=${folder}/bus`;
  const doctype = "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN";
  await Deno.writeTextFile(
    `${folder}/bus.conf`,
    `<!DOCTYPE busconfig PUBLIC "${doctype}"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow send_type="method_call"/>
    <allow send_requested_reply="true"/>
    <allow receive_sender="*"/>
    <allow receive_requested_reply="true"/>
  </policy>
</busconfig>
`,
  );
  const daemon = new Deno.Command("dbus-daemon", {
    args: [`--config-file=${folder}/bus.conf`, "--nofork", "--nopidfile", "--print-address"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // It prints its address when it listens.
  const reader = daemon.stdout.getReader();
  await reader.read();
  return {
    address,
    async [Symbol.asyncDispose]() {
      daemon.kill("SIGKILL");
      await daemon.status;
      await reader.cancel();
      await run("rm", ["-r", folder]);
    },
  };
}

interface FakeAdapter {
  readonly properties: Map<string, Value>;
  /** Registered advertisements by owner and path, with what they said they are. */
  readonly adverts: Map<string, ReadonlyMap<Value, Value>>;
  readonly devices: Map<string, Map<Value, Value>>;
  discovering: boolean;
}

const variants = (of: ReadonlyMap<string, Value>): Map<Value, Value> =>
  new Map([...of].map(([name, value]) => [name, new Variant(signatureOf(value), value)]));
const signatureOf = (value: Value) =>
  typeof value === "boolean" ? "b" : typeof value === "string" ? "s" : "y";

export class FakeBluez implements AsyncDisposable {
  /** Every call that came, as `member path`. */
  readonly calls: string[] = [];
  /** Members that answer with this error. */
  readonly failing = new Map<string, string>();
  /** Members that answer with this, whatever it means. */
  readonly answering = new Map<string, Reply>();
  readonly #connection: Connection;
  readonly #adapters = new Map<string, FakeAdapter>();
  readonly #slots: number;
  readonly #gatt: FakeGatt;

  private constructor(connection: Connection, slots: number) {
    this.#connection = connection;
    this.#slots = slots;
    this.#gatt = new FakeGatt(connection);
    connection.objects.set("/", (call) => this.#root(call));
  }

  static async start(libc: Libc, address: string, slots = 3): Promise<FakeBluez> {
    const connection = await Connection.open({ libc, address });
    const fake = new FakeBluez(connection, slots);
    fake.addAdapter("hci0", "AA:BB:CC:00:00:00");
    await connection.call({
      destination: bus_name,
      path: "/org/freedesktop/DBus",
      interface: bus_name,
      member: "RequestName",
      signature: "su",
      body: ["org.bluez", 0],
    });
    return fake;
  }

  /** What is on the air of an adapter: the properties of each advertisement. */
  onAir(name = "hci0"): ReadonlyMap<Value, Value>[] {
    return [...this.#adapters.get(`/org/bluez/${name}`)?.adverts.values() ?? []];
  }

  get discovering(): boolean {
    return [...this.#adapters.values()].some((adapter) => adapter.discovering);
  }

  addAdapter(name: string, address: string): void {
    const path = `/org/bluez/${name}`;
    const properties = new Map<string, Value>([["Address", address], ["Powered", false]]);
    const adapter = { properties, adverts: new Map(), devices: new Map(), discovering: false };
    this.#adapters.set(path, adapter);
    this.#connection.objects.set(path, (call) => this.#adapter(path, adapter, call));
    const told = this.#described(adapter);
    this.#signal("InterfacesAdded", "oa{sa{sv}}", [path, told]);
  }

  removeAdapter(name: string): void {
    const path = `/org/bluez/${name}`;
    this.#adapters.delete(path);
    this.#connection.objects.delete(path);
    const names = [interfaces.adapter, interfaces.advertising, interfaces.gatt];
    this.#gatt.removed(path);
    this.#signal("InterfacesRemoved", "oas", [path, names]);
  }

  /** A device is heard: the first time with everything, then with what it sends. */
  hear(address: string, properties: ReadonlyMap<Value, Value>, name = "hci0"): void {
    const adapter = this.#adapters.get(`/org/bluez/${name}`);
    const path = `/org/bluez/${name}/dev_${address.replaceAll(":", "_")}`;
    if (adapter?.devices.has(path)) {
      return this.#connection.signal({
        path,
        interface: interfaces.properties,
        member: "PropertiesChanged",
        signature: "sa{sv}as",
        body: [interfaces.device, properties, []],
      });
    }
    adapter?.devices.set(path, new Map(properties));
    const own = adapter?.properties.get("Address");
    this.#gatt.device(path, `dev_${String(own).replaceAll(":", "_")}`, properties);
    const device = new Map<Value, Value>([[interfaces.device, properties]]);
    this.#signal("InterfacesAdded", "oa{sa{sv}}", [path, device]);
  }

  /** Tells any signal, as org.bluez would. */
  tell(signal: Omit<Message, "type" | "serial">): void {
    this.#connection.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #signal(member: string, signature: string, body: Value[]): void {
    const signal = { path: "/", interface: interfaces.objects, member };
    this.#connection.signal({ ...signal, signature, body });
  }

  #described({ properties }: FakeAdapter): Map<Value, Value> {
    return new Map<Value, Value>([
      [interfaces.adapter, variants(properties)],
      [interfaces.advertising, new Map()],
      [interfaces.gatt, new Map()],
    ]);
  }

  #root({ member }: Message): Reply | undefined {
    if (member !== "GetManagedObjects") return undefined;
    const told = this.answering.get(member);
    if (told !== undefined) return told;
    const objects = new Map<Value, Value>();
    for (const [path, adapter] of this.#adapters) {
      objects.set(path, this.#described(adapter));
      for (const [device, properties] of adapter.devices) {
        objects.set(device, new Map<Value, Value>([[interfaces.device, properties]]));
      }
    }
    for (const [path, described] of this.#gatt.objects()) objects.set(path, described);
    return { signature: "a{oa{sa{sv}}}", body: [objects] };
  }

  #adapter(
    path: string,
    adapter: FakeAdapter,
    call: Message,
  ): Reply | undefined | Promise<Reply | undefined> {
    const { member = "", body, sender = "" } = call;
    this.calls.push(`${member} ${path}`);
    const failure = this.failing.get(member);
    if (failure !== undefined) throw new BusError(`org.bluez.Error.${failure}`, "as told");
    const told = this.answering.get(member);
    if (told !== undefined) return told;
    switch (member) {
      case "Set":
        if (body[2] instanceof Variant) adapter.properties.set(String(body[1]), body[2].value);
        return {};
      case "Get":
        return { signature: "v", body: [this.#property(adapter, body[1])] };
      case "SetDiscoveryFilter":
        return {};
      case "StartDiscovery":
        if (adapter.discovering) throw new BusError("org.bluez.Error.InProgress", "already");
        adapter.discovering = true;
        return {};
      case "StopDiscovery":
        adapter.discovering = false;
        return {};
      case "RegisterAdvertisement":
        return this.#register(adapter, sender, String(body[0]));
      case "UnregisterAdvertisement":
        if (!adapter.adverts.delete(`${sender}${body[0]}`)) {
          throw new BusError("org.bluez.Error.DoesNotExist", "no such advertisement");
        }
        return {};
    }
    return this.#gatt.manager(path, call);
  }

  #property({ discovering, adverts: { size } }: FakeAdapter, name: Value | undefined): Variant {
    if (name === "Discovering") return new Variant("b", discovering);
    return new Variant("y", name === "SupportedInstances" ? this.#slots - size : size);
  }

  #register(adapter: FakeAdapter, sender: string, path: string): Reply {
    if (adapter.adverts.size >= this.#slots) {
      throw new BusError("org.bluez.Error.NotPermitted", "Maximum advertisements reached");
    }
    const key = `${sender}${path}`;
    adapter.adverts.set(key, new Map());
    this.#connection.call({
      destination: sender,
      path,
      interface: interfaces.properties,
      member: "GetAll",
      signature: "s",
      body: [interfaces.advertisement],
    }).then(([properties]) => {
      if (properties instanceof Map && adapter.adverts.has(key)) {
        adapter.adverts.set(key, properties);
      }
    }, () => adapter.adverts.delete(key));
    return {};
  }
}

/** True for objects that answer at all; for tests of the connection itself. */
export const echo: BusObject = ({ signature, body }) => ({
  ...(signature === undefined ? {} : { signature }),
  body,
});
