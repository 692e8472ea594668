/**
 * Perception as the gateway knows it: cameras go in, readings come out, and templates are let in
 * and wiped. Behind it is a Worker for each camera, and one for enrolment while it is needed.
 */
import type { CameraPort } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { RuntimeError } from "../errors.ts";
import type {
  Clock,
  Eye,
  Heard,
  Listening,
  Log,
  Perception,
  PerceptionReading,
  Template,
} from "../world.ts";
import type { DecisionRule, LivenessProof } from "./decide.ts";
import { CameraEye } from "./eye.ts";
import { type EyePace, eyePace } from "./pace.ts";
import { type Patience, patience, WorkerLink, type WorkerPort } from "./link.ts";
import { depthRule } from "./parallax.ts";
import { type PayPosition, payPosition } from "./pay_position.ts";
import type { Protocol } from "./protocol.ts";
import type { NearestScores, RecogniserSettings } from "./recogniser.ts";
import { type EmbedderSidecar, findsLandmarks } from "./sidecar.ts";
import type { Models } from "./spawn.ts";
import type { TrackRule } from "./track.ts";
import { type EarWorker, hear } from "./voice/hear.ts";

export interface PerceptionOptions {
  readonly models: Models;
  /** Starts one Worker: `startWorker` of `spawn.ts`. */
  readonly start: () => WorkerPort;
  readonly clock: Clock;
  readonly log: Log;
  /** Frames of each camera that are looked at in a second; 4 unless told otherwise. */
  readonly frames_per_second?: number;
  /** Least cosine that counts as the same person; the embedder's own unless told otherwise. */
  readonly threshold?: number;
  /** Where people pay in the picture of a camera, by its id. */
  readonly pay_position?: (camera: string) => PayPosition | undefined;
  /** What a face must show before it is taken for alive; `graded` unless told otherwise. */
  readonly proof?: LivenessProof;
  /** Hears how like each person who stood there was to those in range: for calibrating, where
   * nobody is charged. Nothing in it tells who it was. */
  readonly score?: (camera: string, scores: NearestScores) => void;
  readonly rule?: Partial<DecisionRule & TrackRule>;
  readonly pace?: Partial<EyePace>;
  readonly patience?: Patience;
  /** Starts the Worker that compares voices: `startEar` of `spawn.ts`. */
  readonly start_ear?: () => EarWorker;
}

const usualProof: LivenessProof = "graded";

/** How long the enrolment's Worker is kept after its last use. */
const ENROLMENT_IDLE_MS = 30_000;

/** Perception that can also enrol, with the same networks. */
export interface FacePerception extends Perception {
  /**
   * The template of the one person whom all pictures show. Throws `RuntimeError`:
   * `request_invalid` where a picture shows nobody or several people, `stopped` after `close`.
   */
  enrol(pictures: readonly Picture[]): Promise<Template>;
}

/**
 * Opens the models once to see that they fit, and gives perception made of them. Throws
 * `RuntimeError` `model_invalid`, one line that names what does not fit.
 */
export async function openPerception(options: PerceptionOptions): Promise<FacePerception> {
  const perception = new WorkerPerception(options);
  try {
    await perception.prove();
  } catch (error) {
    await perception.close();
    throw error;
  }
  return perception;
}

class WorkerPerception implements FacePerception {
  readonly model: string;
  readonly preset: string;
  readonly dim: number;
  readonly #options: PerceptionOptions;
  readonly #eyes = new Set<CameraEye>();
  #desk: Promise<WorkerLink> | undefined;
  #at_desk = 0;
  #cancel_idle: () => void = () => {};
  #closed = false;

  constructor(options: PerceptionOptions) {
    const { sidecar } = options.models.embedder;
    this.model = sidecar.sha256;
    this.preset = sidecar.preset;
    this.dim = sidecar.dim;
    this.#options = options;
  }

  async prove(): Promise<void> {
    await this.#atDesk(() => Promise.resolve());
    const { sidecar } = this.#options.models.detector;
    if (findsLandmarks(sidecar)) return;
    if ((this.#options.proof ?? usualProof) !== "motion") {
      throw new RuntimeError(
        "model_invalid",
        `the detector ${sidecar.file} finds no landmarks, by which alone depth is seen: bring a ` +
          `yunet or scrfd, or set perception.liveness to "motion"`,
      );
    }
    this.#options.log(
      "warn",
      `the detector ${sidecar.file} finds no landmarks: faces are aligned by their boxes, which ` +
        `confuses more people, and turned heads are not told; bring a yunet or scrfd`,
    );
  }

  async watch(camera: CameraPort, listener: (reading: PerceptionReading) => void): Promise<Eye> {
    this.#check();
    const { models, clock, log, pace } = this.#options;
    if (models.drawn && camera.origin !== "simulated" && !models.allow_drawn_on_real) {
      throw new RuntimeError(
        "model_invalid",
        `camera ${camera.id} sees real people and the models know only drawn ones; bring models ` +
          `for real faces, or allow drawn models on real cameras in so many words`,
      );
    }
    const eye = new CameraEye({
      camera,
      listener,
      clock,
      log,
      model: this,
      pace: {
        ...eyePace,
        ...pace,
        ...(this.#options.frames_per_second === undefined
          ? {}
          : { frames_per_second: this.#options.frames_per_second }),
      },
      open: () => this.#openLink(camera),
      score: (scores) => this.#options.score?.(camera.id, scores),
    });
    this.#eyes.add(eye);
    try {
      await eye.start();
    } catch (error) {
      this.#eyes.delete(eye);
      await eye.close();
      throw error;
    }
    return {
      admit: (visit, template) => eye.admit(visit, template),
      wipe: (visit) => eye.wipe(visit),
      lookAgain: (glance) => eye.lookAgain(glance),
      challenge: (sides, prompt) => eye.challenge(sides, prompt),
      probe: (patience_ms, turns) => eye.probe(patience_ms, turns),
      close: async () => {
        this.#eyes.delete(eye);
        await eye.close();
      },
    };
  }

  async hear(listening: Listening): Promise<Heard> {
    const { start_ear } = this.#options;
    if (start_ear === undefined) throw new RuntimeError("stopped", "nothing listens here");
    return await hear(listening, start_ear);
  }

  async enrol(pictures: readonly Picture[]): Promise<Template> {
    const { values } = await this.#atDesk((desk) => desk.ask("enrol", { pictures }));
    return { model: this.model, preset: this.preset, values };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel_idle();
    const desk = this.#desk;
    this.#desk = undefined;
    await desk?.then((link) => link.close("perception was closed"), () => {});
    await Promise.all([...this.#eyes].map((eye) => eye.close()));
    this.#eyes.clear();
  }

  #check(): void {
    if (this.#closed) throw new RuntimeError("stopped", "perception was closed; open it again");
  }

  /** Uses the Worker for pictures that come from no camera. It opens its models when it is first
   * needed, and is let go when nobody has used it for a while. */
  async #atDesk<T>(use: (desk: WorkerLink) => Promise<T>): Promise<T> {
    this.#check();
    this.#cancel_idle();
    this.#at_desk++;
    const desk = this.#desk ??= this.#openLink({ id: "enrolment", origin: "recorded" });
    const forget = () => {
      if (this.#desk === desk) this.#desk = undefined;
    };
    try {
      const link = await desk;
      link.ended.then(forget);
      return await use(link);
    } catch (error) {
      if (error instanceof RuntimeError && error.kind !== "request_invalid") forget();
      throw error;
    } finally {
      if (--this.#at_desk === 0 && !this.#closed) {
        this.#cancel_idle = this.#options.clock.after(ENROLMENT_IDLE_MS, () => {
          forget();
          desk.then((link) => link.close("nobody enrolled for a while"), () => {});
        });
      }
    }
  }

  async #openLink(camera: Pick<CameraPort, "id" | "origin">): Promise<WorkerLink> {
    const { models, start, clock } = this.#options;
    const link = new WorkerLink(start(), clock, this.#options.patience ?? patience);
    const { detector, embedder, runtime, image_kernel } = models;
    const request: Protocol["open"]["request"] = {
      parts: { detector, embedder, runtime, image_kernel },
      kernel: models.kernel,
      settings: settingsOf(models.embedder.sidecar, camera, this.#options),
    };
    try {
      await link.ask("open", request);
      return link;
    } catch (error) {
      link.close(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}

/** What a camera's recogniser is told: the embedder's own thresholds and the usual rule, but for
 * what the store says. */
export function settingsOf(
  sidecar: Pick<EmbedderSidecar, "threshold" | "margin" | "static_cosine">,
  camera: Pick<CameraPort, "id" | "origin">,
  options: Pick<PerceptionOptions, "threshold" | "pay_position" | "proof" | "rule" | "score">,
): RecogniserSettings {
  const threshold = options.threshold ?? sidecar.threshold;
  return {
    origin: camera.origin,
    ...(options.score === undefined ? {} : { tell_scores: true }),
    place: options.pay_position?.(camera.id) ?? payPosition,
    rule: {
      threshold,
      margin: sidecar.margin,
      frames: 3,
      agreement: 0.6,
      static_cosine: sidecar.static_cosine,
      static_difference: 0.75,
      least_sway: 0.03,
      proof: options.proof ?? usualProof,
      unsure_after: 15,
      unsure_after_ms: 3_000,
      screen_peak: 2.4,
      carried: 0.002,
      flicker: 0.002,
      same: threshold,
      window: 8,
      blind: 3,
      absent: 2,
      depth: depthRule,
      ...options.rule,
    },
  };
}
