/** The devices of a real store, made of its configuration: each behind its port, none opened. */
import { type Libc, openLibc } from "../../hardware/ffi/libc.ts";
import { AlsaMicrophone } from "../../hardware/alsa/microphone.ts";
import { BluezBeacon } from "../../hardware/bluez/beacon.ts";
import { Bluez } from "../../hardware/bluez/bluez.ts";
import { BluezLetterbox } from "../../hardware/bluez/letterbox.ts";
import type { BeaconPort, CameraPort, Devices, ReadingsPort } from "../../hardware/ports.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { layOut } from "../../hardware/simulated/plan.ts";
import { Radio, shopAir } from "../../hardware/simulated/radio.ts";
import { V4l2Camera } from "../../hardware/v4l2/camera.ts";
import {
  aisleSecret,
  type CameraConfig,
  type Config,
  type MicrophoneConfig,
} from "../../runtime/config.ts";
import { MqttReadings } from "../../hardware/mqtt/readings.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock } from "../../runtime/main.ts";
import { hasRadio } from "./needs.ts";

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
  const bluez = hasRadio(config) ? new Bluez({ libc }) : undefined;
  const beacons = new Map<string, BeaconPort>(radio.beacons);
  const adverts: BluezBeacon[] = [];
  const letterboxes = new Map<string, BluezLetterbox>();
  for (const { hardware_id, device } of config.beacons) {
    if (device.kind !== "bluez" || bluez === undefined) continue;
    const { adapter, power_dbm, fixed_frames, letterbox } = device;
    const beacon = new BluezBeacon({
      hardware_id,
      bluez,
      adapter,
      ...given({ power_dbm, fixed_frames }),
    });
    adverts.push(beacon);
    if (letterbox) {
      letterboxes.set(hardware_id, new BluezLetterbox({ hardware_id, bluez, adapter }));
    }
    beacons.set(hardware_id, beacon);
  }
  const cameras = new Map(config.cameras.map((camera) => [camera.id, cameraOf(camera, libc)]));
  const microphones = new Map(config.microphones.map((one) => [one.id, microphoneOf(one)]));
  return {
    cameras,
    beacons,
    microphones,
    letterboxes,
    readings: brokersOf(config),
    async close() {
      radio.close();
      for (const letterbox of letterboxes.values()) await letterbox.close();
      for (const advert of adverts) await advert.close();
      await bluez?.close();
      libc[Symbol.dispose]();
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

function microphoneOf({ id, device }: MicrophoneConfig): AlsaMicrophone {
  if (device.kind !== "alsa") {
    throw new RuntimeError(
      "config_invalid",
      `microphone ${id} is ${device.kind} in a store of real equipment: give it an ALSA device, ` +
        "or leave it out",
    );
  }
  const { pcm, rate_hz } = device;
  return new AlsaMicrophone({ id, pcm, ...given({ rate_hz }) });
}

/** Without the keys that are undefined. */
function given<T extends object>(
  options: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Where trackers and shelves of the store's own publish what they see. */
function brokersOf({ aisle }: Config): ReadingsPort[] {
  if (aisle?.mqtt === undefined) return [];
  const { url, topic, username, password_file } = aisle.mqtt;
  const password = aisleSecret(password_file, (path) => Deno.readTextFileSync(path));
  return [new MqttReadings({ id: "mqtt", url, topic, ...given({ username, password }) })];
}
