/** The devices of a real store, made of its configuration: each behind its port, none opened. */
import { type Libc, openLibc } from "../../hardware/ffi/libc.ts";
import type { LibraryName } from "../../hardware/ffi/libraries.ts";
import type { BeaconPort, CameraPort, Devices } from "../../hardware/ports.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { layOut } from "../../hardware/simulated/plan.ts";
import { Radio, shopAir } from "../../hardware/simulated/radio.ts";
import { V4l2Camera } from "../../hardware/v4l2/camera.ts";
import type { CameraConfig, Config } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock } from "../../runtime/main.ts";

/** True when something in the configuration is no play. */
export const isReal = (config: Config): boolean =>
  config.cameras.some((camera) => camera.device.kind === "v4l2");

/** The system's libraries that the store's drivers use. */
export function librariesOf(config: Config): LibraryName[] {
  return isReal(config) ? ["libc.so.6"] : [];
}

/** Device nodes that the store's drivers open; by them the system decides who may. */
export function nodesOf(config: Config): string[] {
  return config.cameras.flatMap(({ device }) => device.kind === "v4l2" ? [device.path] : []);
}

/** Throws `RuntimeError` `config_invalid` where simulated equipment stands beside real. */
export function openEquipment(config: Config): Devices {
  const libc = openLibc();
  const radio = new Radio({
    beacons: layOut(config).beacons,
    air: shopAir,
    chance: chanceOf("nobody hears"),
    clock: realClock,
    where: () => undefined,
  });
  const beacons = new Map<string, BeaconPort>(radio.beacons);
  const cameras = new Map(config.cameras.map((camera) => [camera.id, cameraOf(camera, libc)]));
  return {
    cameras,
    beacons,
    close() {
      radio.close();
      libc[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

function cameraOf({ id, device }: CameraConfig, libc: Libc): CameraPort {
  if (device.kind !== "v4l2") {
    throw new RuntimeError(
      "config_invalid",
      `camera ${id} is ${device.kind} beside real ones: make all of the store's cameras real, or ` +
        "none",
    );
  }
  const { kind: _, path, controls = {}, ...options } = device;
  return new V4l2Camera({ id, libc, path, ...given(options), controls: given(controls) });
}

/** Without the keys that are undefined. */
function given<T extends object>(
  options: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
