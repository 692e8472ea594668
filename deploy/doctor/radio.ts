/**
 * The doctor's look at Bluetooth: every adapter of the machine with what it can advertise, and what
 * each beacon of the store wants of its own.
 */
import { type Adapter, Bluez, bluez_name, interfaces } from "../../hardware/bluez/bluez.ts";
import { Variant } from "../../hardware/dbus/wire.ts";
import { HardwareError } from "../../hardware/errors.ts";
import type { Libc } from "../../hardware/ffi/libc.ts";
import type { BeaconConfig, Config } from "../../runtime/config.ts";
import { hasRadio } from "../start/needs.ts";
import { explained, type Finding, note, reasonOf, well, wrong } from "./findings.ts";

/** Adapters, then beacons. `address` is another bus than the system's. */
export async function radioFindings(
  { beacons, ...config }: Config,
  libc: Libc,
  address?: string,
): Promise<Finding[]> {
  const simulated = beacons.filter(({ device }) => device.kind !== "bluez").map(simulatedFinding);
  if (!hasRadio({ beacons, ...config })) return simulated;
  const bluez = new Bluez(address === undefined ? { libc } : { libc, address });
  try {
    const found = await adapterFindings(bluez);
    for (const beacon of beacons) found.push(...await beaconFindings(beacon, bluez));
    return [...found, ...simulated];
  } finally {
    await bluez.close();
  }
}

function simulatedFinding({ hardware_id }: BeaconConfig): Finding {
  const mend = 'set its device to { "kind": "bluez" }';
  return note(`beacon ${hardware_id}`, "simulated, nobody can check in", mend);
}

/** Every adapter, whoever uses it; none is switched on for being looked at. */
async function adapterFindings(bluez: Bluez): Promise<Finding[]> {
  try {
    const adapters = await bluez.adapters();
    if (adapters.length === 0) {
      const mend = "plug one in, or `rfkill unblock bluetooth`";
      return [wrong("bluetooth", "BlueZ has no adapter", mend)];
    }
    return await Promise.all(adapters.map(async ({ name, address, powered, ...adapter }) => {
      const what = `adapter ${name}`;
      const power = powered ? "on" : "off";
      const slots = await slotsOf(adapter).catch(() => undefined);
      const free = slots === undefined
        ? "cannot advertise"
        : `${slots.free} of ${slots.all} advertisements free`;
      return note(what, `${address}, ${power}, ${free}`);
    }));
  } catch (error) {
    if (error instanceof HardwareError) return [explained("bluetooth", error)];
    throw error;
  }
}

interface Slots {
  readonly free: number;
  readonly all: number;
}

async function slotsOf({ connection, path }: Adapter): Promise<Slots> {
  const get = async (property: string) => {
    const [value] = await connection.call({
      destination: bluez_name,
      path,
      interface: interfaces.properties,
      member: "Get",
      signature: "ss",
      body: [interfaces.advertising, property],
    });
    return value instanceof Variant ? Number(value.value) : 0;
  };
  const free = await get("SupportedInstances");
  return { free, all: free + await get("ActiveInstances") };
}

async function beaconFindings(
  { hardware_id, device }: BeaconConfig,
  bluez: Bluez,
): Promise<Finding[]> {
  if (device.kind !== "bluez") return [];
  const what = `beacon ${hardware_id}`;
  const found: Finding[] = [];
  try {
    const adapter = await bluez.adapter(device.adapter);
    const { free, all } = await slotsOf(adapter);
    const needed = 1 + (device.fixed_frames?.length ?? 0);
    const detail = `${device.adapter} has ${free} of ${all} advertisements free`;
    if (free < needed) {
      const mend = `${needed} are needed: end the program that uses them, or drop fixed_frames`;
      found.push(wrong(what, detail, mend));
    } else if (free === needed) {
      found.push(note(what, `${detail}, so a code is off the air while it changes`));
    } else found.push(well(what, detail));
  } catch (error) {
    if (error instanceof HardwareError) found.push(explained(what, error));
    else {
      const mend = "an adapter with Bluetooth LE and a BlueZ of 5.50 or later are needed";
      found.push(wrong(what, `cannot advertise (${reasonOf(error)})`, mend));
    }
  }
  if (device.nonce_adapter !== undefined) {
    found.push(await readerFinding(`nonce of ${hardware_id}`, device.nonce_adapter, bluez));
  }
  return found;
}

/** The adapter through which the gateway reads at its own beacon. */
async function readerFinding(what: string, name: string, bluez: Bluez): Promise<Finding> {
  try {
    await bluez.adapter(name);
    return well(what, `${name} is there to read it`);
  } catch (error) {
    if (error instanceof HardwareError) return explained(what, error);
    throw error;
  }
}
