/** Putting one advertisement on the air of an adapter, and taking it off again. */
import { BusError } from "../dbus/connection.ts";
import { HardwareError } from "../errors.ts";
import { advertisementObject } from "./advertisement.ts";
import type { BeaconFrame } from "./adverts.ts";
import { type Adapter, bluez_name, interfaces, told } from "./bluez.ts";

export interface OnAir {
  readonly path: string;
  readonly adapter: Adapter;
}

export interface Airing {
  /** Of the object that BlueZ reads. */
  readonly path: string;
  readonly frame: BeaconFrame;
  /** Given to whoever can connect. */
  readonly name?: string;
  /** Called when BlueZ lets it go by itself. */
  readonly released: () => void;
}

/** Rejects with `HardwareError`: `device_busy` when no instance is free. */
export async function register(adapter: Adapter, airing: Airing): Promise<OnAir> {
  const { path, frame, name, released } = airing;
  const { connection } = adapter;
  connection.objects.set(path, advertisementObject(frame, name, released));
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

export async function unregister({ path, adapter }: OnAir): Promise<void> {
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

/** No instance of the adapter is free. */
export const isFull = (error: unknown): boolean =>
  error instanceof HardwareError && error.kind === "device_busy";

/** BlueZ knows no such advertisement: it is off the air. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof HardwareError && error.cause instanceof BusError &&
  /\.(DoesNotExist|UnknownObject)$/.test(error.cause.kind);
