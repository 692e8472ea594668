/** The equipment of a real walk-out aisle, made of its configuration: relays and lamps on GPIO
 * lines, scales on serial lines, cameras that read codes, and brokers of the store's own. */
import type { Libc } from "../../hardware/ffi/libc.ts";
import { GpioGate, GpioLamp } from "../../hardware/gpio/gate.ts";
import type { Devices } from "../../hardware/ports.ts";
import { SerialScale } from "../../hardware/scale/serial.ts";
import { V4l2Camera } from "../../hardware/v4l2/camera.ts";
import type { AisleConfig, Config } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { brokersOf } from "./brokers.ts";
import { given } from "./given.ts";

export type AisleEquipment = Required<
  Pick<Devices, "gates" | "lamps" | "gate_cameras" | "scales" | "readings" | "close">
>;
type GateConfig = AisleConfig["gates"][number];

/** None of it is opened yet. Throws `RuntimeError` `config_invalid` for simulated equipment. */
export function openAisle(
  config: Pick<Config, "aisle" | "store" | "gateway">,
  libc: Libc,
): AisleEquipment {
  const { gates: all = [], shelves = [] } = config.aisle ?? {};
  const played = [...all, ...shelves].find(({ device }) => device.kind === "simulated");
  if (played !== undefined) {
    throw new RuntimeError(
      "config_invalid",
      `${played.id} of the aisle is simulated beside real equipment: say what stands there, or ` +
        "`outside` for equipment of the store's own",
    );
  }
  const gates = new Map(all.flatMap((gate) => relayOf(gate, libc)));
  const lamps = new Map(all.flatMap((gate) => lampOf(gate, libc)));
  const gate_cameras = new Map(all.flatMap((gate) => cameraOf(gate, libc)));
  const scales = new Map(
    shelves.flatMap(({ plates }) => plates).flatMap(({ id, scale }) =>
      scale === undefined
        ? []
        : [[id, new SerialScale({ id, libc, path: scale.path, baud: scale.baud })] as const]
    ),
  );
  return {
    gates,
    lamps,
    gate_cameras,
    scales,
    readings: brokersOf(config),
    async close() {
      for (const device of [...gates.values(), ...lamps.values()]) await device.close();
    },
  };
}

function relayOf({ id, device }: GateConfig, libc: Libc): [string, GpioGate][] {
  if (device.kind !== "gpio") return [];
  const { chip, line, open_ms, active_low } = device;
  return [[id, new GpioGate({ id, libc, chip, line, open_ms, active_low })]];
}

function lampOf({ id, lamp }: GateConfig, libc: Libc): [string, GpioLamp][] {
  if (lamp === undefined) return [];
  const { chip, active_low } = lamp;
  const lights = given(lamp.lights) as Record<string, number>;
  return [[id, new GpioLamp({ id, libc, chip, lights, active_low })]];
}

function cameraOf({ id, camera }: GateConfig, libc: Libc): [string, V4l2Camera][] {
  if (camera === undefined) return [];
  const { kind: _, path, controls = {}, ...options } = camera;
  const set = { ...given(options), controls: given(controls) };
  return [[id, new V4l2Camera({ id: `gate ${id}`, libc, path, ...set })]];
}
