/**
 * The two networks and the way through them: find faces, align, embed. Runs in a Worker of the
 * gateway as in a browser.
 */
import { PictureDesk, type TensorInput } from "../../wasm/image.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type AlignedFace, alignedFace, CROP_SIDE, type Landmarks, REFERENCE } from "./align.ts";
import { facesOf } from "./answers.ts";
import type { Surroundings } from "./carried.ts";
import type { Face } from "./detect.ts";
import { normalised } from "./embed.ts";
import { type EmbedderFit, fitEmbedder } from "./fit.ts";
import { type DetectorFit, fitDetector } from "./fit_detector.ts";
import type { Inference, Session } from "./inference.ts";
import { show, type Shown } from "./picture.ts";
import type { DetectorSidecar, EmbedderSidecar } from "./sidecar.ts";

/** A model as it is handed to a recogniser: checked bytes and what is said of them. */
export interface LoadedModel<S> {
  readonly sidecar: S;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What networks are made of. `runtime` is onnxruntime-web's WebAssembly binary; without it the
 * library fetches its own. `image_kernel` is the compiled picture kernel, for a realm that may not
 * read it itself. */
export interface NetworkParts {
  readonly detector: LoadedModel<DetectorSidecar>;
  readonly embedder: LoadedModel<EmbedderSidecar>;
  readonly runtime?: ArrayBuffer;
  readonly image_kernel?: WebAssembly.Module;
}

/** Longer side of the small picture in which surroundings are looked at. */
const SURROUNDINGS_PX = 160;
/** The three channels' shares of brightness. */
const GREY: TensorInput = {
  layout: "NHWC",
  order: "RGB",
  mean: [0, 0, 0],
  std: [1 / 0.299, 1 / 0.587, 1 / 0.114],
};

/** What a session answers, by name. */
type Answers = ReadonlyMap<string, Float32Array>;

/** A detector and an embedder, ready, and the desk with the picture they look at. Not for two
 * callers at once. */
export class Networks {
  readonly #desk: PictureDesk;
  readonly #detector: Session;
  readonly #embedder: Session;
  readonly #found: DetectorFit;
  readonly #made: EmbedderFit;
  readonly #parts: Pick<NetworkParts, "detector" | "embedder">;
  #canvas: Float32Array<ArrayBuffer> = new Float32Array();
  #small: Float32Array<ArrayBuffer> = new Float32Array();

  private constructor(
    parts: Omit<NetworkParts, "runtime">,
    detector: [Session, DetectorFit],
    embedder: [Session, EmbedderFit],
  ) {
    this.#desk = PictureDesk.create(
      parts.image_kernel === undefined ? {} : { kernel: parts.image_kernel },
    );
    this.#parts = {
      detector: { ...parts.detector, bytes: new Uint8Array() },
      embedder: { ...parts.embedder, bytes: new Uint8Array() },
    };
    [this.#detector, this.#found] = detector;
    [this.#embedder, this.#made] = embedder;
  }

  /**
   * Opens both models, holds them against their sidecars and runs each once, so that the first
   * frame is as fast as the others. Throws `RuntimeError` `model_invalid` that names what is wrong.
   */
  static async open(
    parts: Omit<NetworkParts, "runtime">,
    inference: Inference,
  ): Promise<Networks> {
    const detector = await sessionOf(parts.detector, inference);
    const found = fitDetector(parts.detector.sidecar, detector.inputs, detector.outputs);
    const embedder = await sessionOf(parts.embedder, inference);
    const made = fitEmbedder(parts.embedder.sidecar, embedder.inputs, embedder.outputs);
    const networks = new Networks(parts, [detector, found], [embedder, made]);
    await networks.#warmUp();
    return networks;
  }

  /** How many numbers an embedding has. */
  get dim(): number {
    return this.#made.dim;
  }

  /**
   * All faces of a picture, strongest first, at most `limits.faces`. The picture stays on the desk
   * until the next one. Throws `HardwareError` `format_unsupported` as `show` does.
   */
  async faces(shown: Shown): Promise<Face[]> {
    const { sidecar } = this.#parts.detector;
    show(this.#desk, shown);
    const { canvas, scale } = canvasFor(shown, this.#found);
    const size = {
      width: Math.max(1, Math.round(shown.width * scale)),
      height: Math.max(1, Math.round(shown.height * scale)),
    };
    const length = canvas.width * canvas.height * 3;
    if (this.#canvas.length !== length) this.#canvas = new Float32Array(length);
    this.#desk.shrunk(size, canvas, sidecar.input, this.#canvas);
    const answers = await this.#detect(canvas);
    const take = (name: string, length: number) => floats(answers, name, length, sidecar.file);
    const { threshold } = sidecar;
    return facesOf(this.#found.outputs, take, { canvas, scale, threshold, most: limits.faces });
  }

  /** A face of the picture on the desk as the embedder takes it. Undefined where the landmarks are
   * no face. */
  aligned(landmarks: Landmarks): AlignedFace | undefined {
    const { input } = this.#parts.embedder.sidecar;
    return alignedFace(this.#desk, landmarks, this.#made.side, input);
  }

  /** All of the picture on the desk, small and grey. */
  surroundings(): Surroundings {
    const { width, height } = this.#desk.size;
    const scale = Math.min(1, SURROUNDINGS_PX / Math.max(width, height));
    const size = {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    };
    const pixels = size.width * size.height;
    if (this.#small.length !== 3 * pixels) this.#small = new Float32Array(3 * pixels);
    const small = this.#small;
    this.#desk.shrunk(size, size, GREY, small);
    const grey = new Uint8Array(pixels);
    for (let i = 0, at = 0; i < pixels; i++, at += 3) {
      grey[i] = small[at]! + small[at + 1]! + small[at + 2]!;
    }
    return { ...size, scale, grey };
  }

  /** Overwrites the picture on the desk. */
  forget(): void {
    this.#desk.clear();
    this.#canvas.fill(0);
    this.#small.fill(0);
  }

  /**
   * The face's embedding as a unit vector. Throws `RuntimeError` `model_invalid` where the model
   * answers what is no number.
   */
  async embed({ tensor }: Pick<AlignedFace, "tensor">): Promise<Float32Array<ArrayBuffer>> {
    const { input } = this.#parts.embedder.sidecar;
    const { side, dim, output } = this.#made;
    const shape = input.layout === "NCHW" ? [1, 3, side, side] : [1, side, side, 3];
    const answers = await this.#embedder.run(this.#made.input, { shape, values: tensor });
    const values = floats(answers, output, dim, this.#parts.embedder.sidecar.file);
    const unit = normalised(values);
    values.fill(0);
    return unit;
  }

  async #detect(canvas: { width: number; height: number }): Promise<Answers> {
    const { layout } = this.#parts.detector.sidecar.input;
    const { width, height } = canvas;
    const shape = layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3];
    return await this.#detector.run(this.#found.input, { shape, values: this.#canvas });
  }

  async #warmUp(): Promise<void> {
    const side = this.#found.canvas ?? { width: 320, height: 256 };
    await this.faces({ ...side, data: new Uint8Array(side.width * side.height * 3) });
    const data = new Uint8Array(CROP_SIDE * CROP_SIDE * 3).map((_, i) => 64 + i % 128);
    show(this.#desk, { width: CROP_SIDE, height: CROP_SIDE, data });
    await this.embed(this.aligned(REFERENCE)!);
    this.forget();
  }
}

/**
 * The canvas a picture is put on and what it is multiplied by. A session of fixed size has the
 * picture fitted to it; a free one gets `limits.detector_side_free` at most, sides padded to a
 * multiple. Small pictures are enlarged: faces as small as theirs are what a detector misses.
 */
export function canvasFor(
  picture: { readonly width: number; readonly height: number },
  fit: Pick<DetectorFit, "canvas" | "multiple">,
): { canvas: { width: number; height: number }; scale: number } {
  const side = limits.detector_side_free;
  const most = fit.canvas ?? { width: side, height: side };
  const scale = Math.min(most.width / picture.width, most.height / picture.height);
  if (fit.canvas !== undefined) return { canvas: fit.canvas, scale };
  const up = (pixels: number) =>
    Math.max(1, Math.ceil(Math.round(pixels * scale) / fit.multiple)) * fit.multiple;
  return { canvas: { width: up(picture.width), height: up(picture.height) }, scale };
}

async function sessionOf(
  model: LoadedModel<DetectorSidecar | EmbedderSidecar>,
  inference: Inference,
): Promise<Session> {
  try {
    return await inference.open(model.bytes);
  } catch (cause) {
    const { kind, file } = model.sidecar;
    const reason = String(cause instanceof Error ? cause.message : cause).split("\n")[0];
    throw new RuntimeError(
      "model_invalid",
      `the ${kind} ${file} cannot be opened (${reason}): bring an ONNX model that is whole`,
      {
        cause,
      },
    );
  }
}

function floats(
  answers: Answers,
  name: string,
  length: number,
  file: string,
): Float32Array {
  const data = answers.get(name);
  if (data?.length === length) return data;
  throw new RuntimeError(
    "model_invalid",
    `${file}: its output ${name} has ${data?.length ?? 0} numbers where ${length} are due`,
  );
}
