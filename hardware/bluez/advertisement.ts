/**
 * An advertisement as an object on the bus: BlueZ reads what to send from it, and says when it lets
 * it go (org.bluez.LEAdvertisement1).
 */
import type { Reply } from "../dbus/connection.ts";
import type { Message } from "../dbus/message.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { advertOf, type BeaconFrame, eddystone_uuid } from "./adverts.ts";
import { interfaces } from "./bluez.ts";

const service_uuid = (short: number) =>
  `0000${short.toString(16).padStart(4, "0")}-0000-1000-8000-00805f9b34fb`;

/** What it answers; `name` is given to whoever can connect, `released` is called at the end. */
export function advertisementObject(
  frame: BeaconFrame,
  name: string | undefined,
  released: () => void,
): (call: Message) => Reply | undefined {
  const { service_data, manufacturer_data } = advertOf(frame);
  const properties = new Map<Value, Value>([
    // Only what can be connected to is asked for its name.
    ["Type", new Variant("s", name === undefined ? "broadcast" : "peripheral")],
  ]);
  if (name !== undefined) properties.set("LocalName", new Variant("s", name));
  const services = [...service_data].map(([uuid, data]): [Value, Value] => [
    service_uuid(uuid),
    new Variant("ay", data),
  ]);
  if (services.length > 0) {
    properties.set("ServiceUUIDs", new Variant("as", [service_uuid(eddystone_uuid)]));
    properties.set("ServiceData", new Variant("a{sv}", new Map(services)));
  }
  const manufacturers = [...manufacturer_data].map(([company, data]): [Value, Value] => [
    company,
    new Variant("ay", data),
  ]);
  if (manufacturers.length > 0) {
    properties.set("ManufacturerData", new Variant("a{qv}", new Map(manufacturers)));
  }
  return ({ interface: name, member, body }) => {
    if (name === interfaces.properties && member === "GetAll") {
      return body[0] === interfaces.advertisement
        ? { signature: "a{sv}", body: [properties] }
        : undefined;
    }
    if (name !== interfaces.advertisement || member !== "Release") return undefined;
    released();
    return {};
  };
}
