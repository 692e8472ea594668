/** The doctor's look at what of a walk-out aisle hangs on this machine: relays and lamps of gates,
 * cameras for codes, and the scales below plates. */
import type { Libc } from "../../hardware/ffi/libc.ts";
import type { CameraConfig, Config } from "../../runtime/config.ts";
import type { Finding } from "./findings.ts";
import { lineFinding, scaleFinding } from "./wired.ts";

export async function aisleFindings(
  { aisle }: Config,
  libc: Libc,
  look: (camera: CameraConfig, libc: Libc) => Promise<Finding[]>,
): Promise<Finding[]> {
  if (aisle === undefined) return [];
  const found: Finding[] = [];
  for (const { id, zone, device, lamp, camera } of aisle.gates) {
    if (device.kind === "gpio") {
      const { chip, line } = device;
      found.push(lineFinding(`gate ${id}`, { chip, lines: [line] }, libc));
    }
    if (lamp !== undefined) {
      const lines = Object.values(lamp.lights).filter((line) => line !== undefined);
      found.push(lineFinding(`lamp ${id}`, { chip: lamp.chip, lines }, libc));
    }
    if (camera !== undefined) {
      found.push(...await look({ id: `gate-${id}`, zone, device: camera }, libc));
    }
  }
  const scales = aisle.shelves.flatMap(({ plates }) => plates).map(({ id, scale }) =>
    scale === undefined ? [] : scaleFinding(`scale ${id}`, scale, libc)
  ).flat();
  // A silent one takes its time to be told: all are waited for at once.
  return [...found, ...await Promise.all(scales)];
}
