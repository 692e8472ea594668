/** A scale below a plate: what it weighs becomes readings of that plate. */
import type { ScalePort } from "../../hardware/ports.ts";
import type { Sensed } from "./readings.ts";

/** Follows the scale until the signal. */
export async function watchScale(
  plate: string,
  scale: ScalePort,
  signal: AbortSignal,
  take: (reading: Sensed) => void,
): Promise<void> {
  for await (const { grams, at_ms } of scale.weights(signal)) {
    if (signal.aborted) return;
    take({ type: "plate.weighed", plate, at_ms: Math.round(at_ms), weight_g: grams });
  }
}
