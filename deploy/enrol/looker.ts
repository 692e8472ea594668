/**
 * Looks at a shopper's face in a browser: the very networks, alignment and quality gate of a lane.
 * Pictures and embeddings stay in here; what comes out is what to tell the shopper, and in the end
 * one template.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import type { AlignedFace } from "../../runtime/perception/align.ts";
import { cosine, middle } from "../../runtime/perception/embed.ts";
import type { Inference } from "../../runtime/perception/inference.ts";
import { type NetworkParts, Networks } from "../../runtime/perception/networks.ts";
import { poseOf, qualityGate, qualityOf } from "../../runtime/perception/quality.ts";
import type { Sight } from "./guide.ts";

/** Enrolment has time for better pictures than a lane. */
const gate = { ...qualityGate, least_width_px: 64 };
const nobody: Sight = { faces: 0, turn: 0, reasons: [] };

/** A picture as a canvas gives it: rows of red, green, blue and opacity. */
export interface CanvasPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export class Looker {
  readonly #networks: Networks;
  readonly #parts: Omit<NetworkParts, "runtime">;
  #face: AlignedFace | undefined;
  #probes: Float32Array<ArrayBuffer>[] = [];

  private constructor(networks: Networks, parts: Omit<NetworkParts, "runtime">) {
    this.#networks = networks;
    this.#parts = parts;
  }

  /** Throws as `Networks.open`. */
  static async open(parts: Omit<NetworkParts, "runtime">, inference: Inference): Promise<Looker> {
    return new Looker(await Networks.open(parts, inference), parts);
  }

  /** Looks at a picture, and overwrites it. */
  async look(picture: CanvasPicture): Promise<Sight> {
    this.#forgetFace();
    const { width, height } = picture;
    const data = packed(picture);
    picture.data.fill(0);
    try {
      const faces = (await this.#networks.faces({ width, height, data }))
        .sort((a, b) => b.box.width - a.box.width);
      const [largest] = faces;
      const face = largest && this.#networks.aligned(largest.landmarks);
      if (largest === undefined || face === undefined) return nobody;
      this.#face = face;
      return {
        faces: faces.filter(({ box }) => box.width >= 0.5 * largest.box.width).length,
        turn: poseOf(largest.landmarks).turn,
        reasons: qualityOf(largest.box, largest.landmarks, face.crop, gate).reasons,
      };
    } finally {
      data.fill(0);
      this.#networks.forget();
    }
  }

  /** Takes the face that was looked at last into the template. False when it is somebody else's
   * than the faces before, or none: then it is not taken. */
  async take(): Promise<boolean> {
    const face = this.#face;
    if (face === undefined) return false;
    const probe = await this.#networks.embed(face);
    this.#forgetFace();
    const { threshold } = this.#parts.embedder.sidecar;
    const first = this.#probes.length === 0;
    if (!first && this.#probes.every((known) => cosine(known, probe) < threshold)) {
      probe.fill(0);
      return false;
    }
    this.#probes.push(probe);
    return true;
  }

  /** The template of all that was taken, which is forgotten. Throws `RuntimeError`
   * `request_invalid` when nothing was. */
  finish(): Float32Array<ArrayBuffer> {
    if (this.#probes.length === 0) {
      throw new RuntimeError("request_invalid", "no view of a face was taken: begin again");
    }
    const template = middle(this.#probes);
    this.forget();
    return template;
  }

  /** Overwrites whatever came from a face. */
  forget(): void {
    for (const probe of this.#probes) probe.fill(0);
    this.#probes = [];
    this.#forgetFace();
    this.#networks.forget();
  }

  #forgetFace(): void {
    this.#face?.crop.fill(0);
    this.#face?.tensor.fill(0);
    this.#face = undefined;
  }
}

function packed({ width, height, data }: CanvasPicture): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return rgb;
}
