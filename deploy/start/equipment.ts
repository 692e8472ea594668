/** The devices of a real store, made of its configuration: each behind its port, none opened. */
import { type Libc, openLibc } from "../../hardware/ffi/libc.ts";
import { AlsaMicrophone } from "../../hardware/alsa/microphone.ts";
import type { BeaconPort, CameraPort, Devices } from "../../hardware/ports.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { layOut } from "../../hardware/simulated/plan.ts";
import { Radio, shopAir } from "../../hardware/simulated/radio.ts";
import { V4l2Camera } from "../../hardware/v4l2/camera.ts";
import type { CameraConfig, Config, MicrophoneConfig } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock } from "../../runtime/main.ts";
import { openAisle } from "./aisle_equipment.ts";
import { given } from "./given.ts";
import { hasRadio } from "./needs.ts";
import { openRadios } from "./radios.ts";

/** Throws `RuntimeError` `config_invalid` where simulated equipment stands beside real. */
export function openEquipment(config: Config): Devices {
  const libc = openLibc();
  const aisle = openAisle(config, libc);
  const radio = new Radio({
    beacons: layOut(config).beacons,
    air: shopAir,
    chance: chanceOf("nobody hears"),
    clock: realClock,
    where: () => undefined,
  });
  const real = hasRadio(config) ? openRadios(config, libc) : undefined;
  const cameras = new Map(config.cameras.map((camera) => [camera.id, cameraOf(camera, libc)]));
  const microphones = new Map(config.microphones.map((one) => [one.id, microphoneOf(one)]));
  return {
    ...aisle,
    cameras,
    microphones,
    beacons: new Map<string, BeaconPort>([...radio.beacons, ...real?.beacons ?? []]),
    letterboxes: real?.letterboxes ?? new Map(),
    nonce_ways: real?.nonce_ways ?? new Map(),
    async close() {
      radio.close();
      await aisle.close();
      await real?.close();
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
