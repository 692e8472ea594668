/**
 * From a camera's frame to what can be judged of it: each face at the pay position with its
 * landmarks, its crop, and its embedding where it is fit for one. The dear half of a recogniser,
 * which knows no gallery and remembers nothing.
 */
import type { Frame } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { AlignedFace } from "./align.ts";
import type { Surroundings } from "./carried.ts";
import type { Face } from "./detect.ts";
import { middle } from "./embed.ts";
import type { Inference } from "./inference.ts";
import { type NetworkParts, Networks } from "./networks.ts";
import { atPayPosition, type PayPosition } from "./pay_position.ts";
import { qualityOf } from "./quality.ts";
import type { Sight } from "./track.ts";
import { webInference } from "./web_inference.ts";

/** What one frame shows. */
export interface Seen {
  /** Faces in view, those at the pay position and those behind. */
  readonly faces: number;
  /** Those at the pay position. */
  readonly sights: readonly Sight[];
  readonly captured_at_ms: number;
  /** Absent where nobody stands there. */
  readonly surroundings?: Surroundings;
}

/** Networks that look at frames. Not for two callers at once. */
export class Sighter {
  readonly #networks: Networks;

  constructor(networks: Networks) {
    this.#networks = networks;
  }

  /** Throws `RuntimeError` `model_invalid` that names what is wrong with a model. `inference` runs
   * the networks, onnxruntime-web where it is not given. */
  static async open(parts: NetworkParts, inference?: Inference): Promise<Sighter> {
    return new Sighter(await Networks.open(parts, inference ?? webInference(parts.runtime)));
  }

  /** How many numbers a template has. */
  get dim(): number {
    return this.#networks.dim;
  }

  /** Throws `HardwareError` `format_unsupported` for a frame that is none and `RuntimeError`
   * `model_invalid` where a model answers what is no number. */
  async see(frame: Frame, place: PayPosition): Promise<Seen> {
    const faces = await this.#networks.faces(frame);
    const sights: Sight[] = [];
    for (const face of atPayPosition(faces, frame, place)) sights.push(await this.#sight(face));
    const seen = { faces: faces.length, sights, captured_at_ms: frame.captured_at_ms };
    return sights.length === 0 ? seen : { ...seen, surroundings: this.#networks.surroundings() };
  }

  /** Overwrites the picture it looked at last. */
  forget(): void {
    this.#networks.forget();
  }

  /**
   * The template of the one person that all pictures show: embedded each, averaged, of unit
   * length. Throws `RuntimeError` `request_invalid` for a picture with no face, or with a second
   * one at least half as large.
   */
  async enrol(pictures: readonly Picture[]): Promise<Float32Array<ArrayBuffer>> {
    if (pictures.length === 0 || pictures.length > limits.enrolment_pictures) {
      throw new RuntimeError(
        "request_invalid",
        `${pictures.length} pictures enrol nobody; give 1 to ${limits.enrolment_pictures}`,
      );
    }
    const probes: Float32Array<ArrayBuffer>[] = [];
    for (const [index, picture] of pictures.entries()) {
      const which = `picture ${index + 1} of ${pictures.length}`;
      probes.push(await this.#embedOnly(picture, which));
    }
    const template = middle(probes);
    for (const probe of probes) probe.fill(0);
    this.#networks.forget();
    return template;
  }

  async #embedOnly(picture: Picture, which: string): Promise<Float32Array<ArrayBuffer>> {
    const faces = (await this.#networks.faces(picture))
      .sort((a, b) => b.box.width - a.box.width);
    const [largest, second] = faces;
    const aligned = largest && this.#networks.aligned(largest.landmarks);
    if (largest === undefined || aligned === undefined) {
      throw new RuntimeError(
        "request_invalid",
        `${which} shows no face; take it from the front, in good light`,
      );
    }
    if (second !== undefined && second.box.width >= 0.5 * largest.box.width) {
      throw new RuntimeError(
        "request_invalid",
        `${which} shows several people; only one may be in it`,
      );
    }
    aligned.crop.fill(0);
    return await this.#embed(aligned);
  }

  async #sight(face: Face): Promise<Sight> {
    const { box, landmarks } = face;
    const aligned = this.#networks.aligned(landmarks);
    const quality = aligned && qualityOf(box, landmarks, aligned.crop);
    const shown = { box, landmarks, landmarks_guessed: face.landmarks_guessed === true };
    if (aligned === undefined || quality === undefined || quality.weight <= 0) {
      return { ...shown, probe: undefined, weight: 0, crop: undefined };
    }
    const probe = await this.#embed(aligned);
    return { ...shown, probe, weight: quality.weight, crop: aligned.crop };
  }

  async #embed(aligned: AlignedFace): Promise<Float32Array<ArrayBuffer>> {
    try {
      return await this.#networks.embed(aligned);
    } finally {
      aligned.tensor.fill(0);
    }
  }
}
