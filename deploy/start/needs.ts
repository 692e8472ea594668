/**
 * What a configuration's equipment needs of the machine: the system's libraries. Apart from the
 * drivers, so that whoever only asks loads none of them.
 */
import type { LibraryName } from "../../hardware/ffi/libraries.ts";
import type { Config } from "../../runtime/config.ts";

/** True when something in the configuration is no play. */
export const isReal = (config: Config): boolean =>
  config.cameras.some((camera) => camera.device.kind === "v4l2") || hasRadio(config) ||
  listens(config) || hasAisleDevices(config);

const listens = (config: Config): boolean =>
  config.microphones.some((microphone) => microphone.device.kind === "alsa");

/** Relays, lamps, cameras and scales of a walk-out aisle that this machine drives itself. */
function hasAisleDevices({ aisle }: Config): boolean {
  if (aisle === undefined) return false;
  return aisle.gates.some(({ device, lamp, camera }) =>
    device.kind === "gpio" || lamp !== undefined || camera !== undefined
  ) || aisle.shelves.some(({ plates }) => plates.some(({ scale }) => scale !== undefined));
}

export const hasRadio = (config: Config): boolean =>
  config.beacons.some((beacon) => beacon.device.kind === "bluez");

/** The system's libraries that the store's drivers use. */
export function librariesOf(config: Config): LibraryName[] {
  return [
    ...listens(config) ? ["libasound.so.2" as const] : [],
    ...isReal(config) ? ["libc.so.6" as const] : [],
    ...hasRadio(config) ? ["libdbus-1.so.3" as const] : [],
  ];
}
