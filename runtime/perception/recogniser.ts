/**
 * One camera's recogniser, whole: networks, gallery, tracks and the rule. It lives in a Worker in
 * a store; nothing in it knows that.
 */
import type { CameraOrigin, Frame } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { WasmError } from "../../wasm/errors.ts";
import { Gallery } from "../../wasm/match.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { RotationKey } from "../vault/rotation.ts";
import type { ChallengeState, Side } from "../world.ts";
import { ChallengedFace } from "./challenged.ts";
import {
  decide,
  type Decision,
  type DecisionRule,
  judge,
  livenessOf,
  type LivenessSign,
} from "./decide.ts";
import { RotatedGallery } from "./gallery.ts";
import type { Inference } from "./inference.ts";
import type { NetworkParts } from "./networks.ts";
import type { PayPosition } from "./pay_position.ts";
import { type ProbeAnswer, probeOf } from "./probe.ts";
import { type Seen, Sighter } from "./sights.ts";
import { type Track, Tracker, type TrackRule } from "./track.ts";

/** What one recogniser is told at its start. */
export interface RecogniserSettings {
  readonly origin: CameraOrigin;
  readonly place: PayPosition;
  readonly rule: DecisionRule & TrackRule;
  /** Tell the scores of everybody who stands there, once each, for a store that calibrates. */
  readonly tell_scores?: boolean;
}

/** How like somebody at the pay position was to the likest two of those in range. */
export interface NearestScores {
  readonly best: number;
  /** That of somebody else for sure, if `best` is their own; absent where one alone is in range. */
  readonly next?: number;
  readonly in_range: number;
}

/** What it tells after each frame. */
export interface Look {
  readonly decision: Decision;
  /** Faces in view, those at the pay position and those behind. */
  readonly faces: number;
  /** When the frame was captured that this is based on; 0 before the first. */
  readonly seen_at_ms: number;
  /** What each face at the pay position has shown of being alive. */
  readonly signs: readonly LivenessSign[];
  /** Of the latest challenge that was posed. */
  readonly challenge?: ChallengeState;
  /** Of whoever could be judged in this frame for the first time. */
  readonly scores?: readonly NearestScores[];
}

export class Recogniser {
  readonly #sighter: Sighter;
  readonly #gallery: RotatedGallery;
  readonly #settings: RecogniserSettings;
  readonly #tracker: Tracker;
  #faces = 0;
  #seen_at_ms = 0;
  #challenged: ChallengedFace | undefined;
  readonly #scored = new WeakSet<Track>();

  private constructor(sighter: Sighter, gallery: RotatedGallery, settings: RecogniserSettings) {
    this.#sighter = sighter;
    this.#gallery = gallery;
    this.#settings = settings;
    this.#tracker = new Tracker(settings.rule);
  }

  /** Throws `RuntimeError` `model_invalid` that names what is wrong with a model. `kernel` is the
   * compiled matching kernel, for a realm that may not read it itself; `inference` runs the
   * networks, onnxruntime-web where it is not given. */
  static async open(
    parts: NetworkParts,
    settings: RecogniserSettings,
    kernel?: WebAssembly.Module,
    inference?: Inference,
  ): Promise<Recogniser> {
    const sighter = await Sighter.open(parts, inference);
    try {
      return Recogniser.over(sighter, settings, kernel);
    } catch (error) {
      if (!(error instanceof WasmError) || error.kind !== "option_invalid") throw error;
      const { file } = parts.embedder.sidecar;
      throw new RuntimeError("model_invalid", `the embedder ${file}: ${error.message}`, {
        cause: error,
      });
    }
  }

  /** One with networks that are open, and may be others' as well. */
  static over(
    sighter: Sighter,
    settings: RecogniserSettings,
    kernel?: WebAssembly.Module,
  ): Recogniser {
    const { dim } = sighter;
    const with_kernel = kernel === undefined ? {} : { kernel };
    const make = () => Gallery.create({ dim, capacity: 64, ...with_kernel });
    return new Recogniser(sighter, new RotatedGallery(dim, make), settings);
  }

  /** How many numbers a template has. */
  get dim(): number {
    return this.#sighter.dim;
  }

  /**
   * Takes one frame in. Throws `HardwareError` `format_unsupported` for a frame that is none and
   * `RuntimeError` `model_invalid` where a model answers what is no number; then nobody is tracked.
   */
  async look(frame: Frame): Promise<Look> {
    try {
      return this.take(await this.#sighter.see(frame, this.#settings.place));
    } catch (error) {
      this.#tracker.clear();
      this.#challenged?.end();
      throw error;
    }
  }

  /** Takes in what was seen of a frame, which is overwritten when it is no longer needed. */
  take({ sights, faces, captured_at_ms, surroundings }: Seen): Look {
    this.#tracker.see(sights, { surroundings, at_ms: captured_at_ms });
    surroundings?.grey.fill(0);
    this.#challenged?.see(sights, this.#tracker.present, captured_at_ms);
    this.#faces = faces;
    this.#seen_at_ms = captured_at_ms;
    const look = this.now();
    return this.#settings.tell_scores === true ? { ...look, scores: this.#scores() } : look;
  }

  /** The decision as the gallery and the tracks stand. */
  now(): Look {
    const { rule, origin } = this.#settings;
    const search = (probe: Float32Array, k: number) => this.#gallery.search(probe, { k });
    const verdicts = this.#tracker.present.map((track) => judge(track, search, rule, origin));
    const signs = this.#tracker.present.map((track) => livenessOf(track, rule));
    const challenge = this.#challenged?.state;
    return {
      decision: decide(verdicts),
      faces: this.#faces,
      seen_at_ms: this.#seen_at_ms,
      signs,
      ...(challenge === undefined ? {} : { challenge }),
    };
  }

  /** The scores of those who are alive and have not been scored before. */
  #scores(): NearestScores[] {
    const scores: NearestScores[] = [];
    for (const track of this.#tracker.present) {
      const alive = livenessOf(track, this.#settings.rule) === "passed";
      if (!alive || track.probe === undefined || this.#scored.has(track)) continue;
      const [best, next] = this.#gallery.search(track.probe, { k: 2 });
      if (best === undefined) continue;
      this.#scored.add(track);
      const in_range = this.#gallery.size;
      const second = next === undefined ? {} : { next: next.score };
      scores.push({ best: best.score, ...second, in_range });
    }
    return scores;
  }

  /**
   * Asks the one face at the pay position to turn to these sides, in place of what was asked
   * before. Where nobody stands there who can be compared, or several, it has failed at once.
   */
  challenge(sides: readonly Side[], at_ms: number): Look {
    this.#challenged?.end();
    const { rule } = this.#settings;
    this.#challenged = new ChallengedFace(this.#tracker.present, sides, at_ms, rule);
    return this.now();
  }

  /** Puts a template in, in place of one under the same visit, and overwrites `values`. Throws
   * `RuntimeError`: `overloaded` when the gallery is full, `request_invalid` for what is no unit
   * vector of the model's dim. */
  admit(visit: string, values: Float32Array, rotation?: RotationKey): Look {
    try {
      if (!this.#gallery.has(visit) && this.#gallery.size >= limits.gallery) {
        throw new RuntimeError(
          "overloaded",
          `this camera holds ${limits.gallery} templates, all it may; end stale check-ins`,
        );
      }
      this.#gallery.remove(visit);
      this.#gallery.add(visit, values, rotation);
      return this.now();
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      throw new RuntimeError("request_invalid", `a template was refused: ${error.message}`);
    } finally {
      values.fill(0);
    }
  }

  /** Overwrites the visit's template; nothing happens where there is none. */
  wipe(visit: string): Look {
    this.#gallery.remove(visit);
    return this.now();
  }

  /** Forgets whoever stood there: only frames that are yet to come decide. */
  beginAnew(): Look {
    this.#tracker.clear();
    this.#challenged?.end();
    return this.now();
  }

  /** The middle of the frames of the one person who stands there, once they have shown life. */
  probe(anew: boolean): ProbeAnswer {
    if (anew) this.beginAnew();
    return probeOf(this.#tracker.present, this.#settings, this.#seen_at_ms);
  }

  /** Overwrites every template and forgets whoever stands there. */
  clear(): Look {
    this.#gallery.clear();
    this.#tracker.clear();
    this.#challenged?.end();
    this.#challenged = undefined;
    this.#sighter.forget();
    return this.now();
  }

  /** The template of the one person that all pictures show; throws as `Sighter.enrol`. */
  async enrol(pictures: readonly Picture[]): Promise<Float32Array<ArrayBuffer>> {
    return await this.#sighter.enrol(pictures);
  }
}
