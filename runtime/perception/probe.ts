/** The face of whoever stands at the pay position, taken for somebody else to compare. */
import type { CameraOrigin } from "../../hardware/ports.ts";
import type { Perception, Probe } from "../world.ts";
import { type DecisionRule, livenessOf } from "./decide.ts";
import type { Track } from "./track.ts";

/** Without values: nobody can be told yet, or several stand there. */
export interface ProbeAnswer {
  readonly frames: number;
  readonly liveness: Probe["liveness"];
  readonly seen_at_ms: number;
  readonly values?: Float32Array<ArrayBuffer>;
}

/** The middle of the frames of the one person among these tracks, once they have shown life. */
export function probeOf(
  present: readonly Track[],
  { origin, rule }: { readonly origin: CameraOrigin; readonly rule: DecisionRule },
  seen_at_ms: number,
): ProbeAnswer {
  const nobody = { frames: 0, liveness: "not_assessed", seen_at_ms } as const;
  const [track, ...others] = present;
  if (track?.probe === undefined || others.length > 0 || track.frames.length < rule.frames) {
    return nobody;
  }
  const liveness = origin === "recorded" ? "not_assessed" : livenessOf(track, rule);
  if (liveness !== "passed" && liveness !== "not_assessed") return nobody;
  return { ...nobody, frames: track.frames.length, liveness, values: track.probe.slice() };
}

/** Looks again and again, at those alone who came after the call, while `goOn` says so. */
export async function probed(
  look: (anew: boolean) => Promise<ProbeAnswer>,
  { model, preset }: Pick<Perception, "model" | "preset">,
  goOn: () => Promise<boolean>,
): Promise<Probe | undefined> {
  for (let anew = true;; anew = false) {
    const { values, ...seen } = await look(anew);
    if (values) return { ...seen, template: { model, preset, values } };
    if (!await goOn()) return undefined;
  }
}
