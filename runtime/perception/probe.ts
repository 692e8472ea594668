/** The face of whoever stands at the pay position, taken for somebody else to compare. */
import type { CameraOrigin } from "../../hardware/ports.ts";
import type { Perception, Probe, ProbeTurns } from "../world.ts";
import { type DecisionRule, livenessOf } from "./decide.ts";
import type { Track } from "./track.ts";

/** Without values: nobody can be told yet, or several stand there. */
export interface ProbeAnswer {
  readonly frames: number;
  readonly liveness: Probe["liveness"];
  readonly seen_at_ms: number;
  /** Somebody is there who has shown all that they will by themselves, and may be a film. */
  readonly unsure?: true;
  /** To so many sides this face has turned as asked. */
  readonly turns?: number;
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
  if (liveness === "unsure") return { ...nobody, unsure: true };
  if (liveness !== "passed" && liveness !== "not_assessed") return nobody;
  const { frames: { length }, turns } = track;
  return { ...nobody, frames: length, liveness, turns, values: track.probe.slice() };
}

/** Whoever turned as asked, and then may be a film again, is another: so often they are asked. */
const MOST_ASKED = 2;

/** Looks again and again, at those alone who came after the call, while `goOn` says so. Asks for
 * turns of the head where they are needed; without `turns`, a face that may be a film is nobody. */
export async function probed(
  look: (anew: boolean) => Promise<ProbeAnswer>,
  { model, preset }: Pick<Perception, "model" | "preset">,
  goOn: () => Promise<boolean>,
  turns?: ProbeTurns,
): Promise<Probe | undefined> {
  for (let anew = true, asked = 0;; anew = false) {
    const { values, unsure, turns: turned = 0, ...seen } = await look(anew);
    const wanted = turns !== undefined &&
      (unsure === true || values !== undefined && turns.always && turned === 0);
    if (wanted) {
      values?.fill(0);
      if (asked++ >= MOST_ASKED || !await turns.ask()) return undefined;
    } else if (values !== undefined) {
      return { ...seen, template: { model, preset, values } };
    }
    if (!await goOn()) return undefined;
  }
}
