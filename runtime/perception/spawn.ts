/**
 * Where perception touches the machine: reads models and starts Workers. Everything else of it
 * gets what it needs from here.
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { loadKernel } from "../../wasm/kernels.ts";
import { RuntimeError } from "../errors.ts";
import type { EarWorker } from "./voice/hear.ts";
import { limits } from "../limits.ts";
import type { WorkerPort } from "./link.ts";
import type { LoadedModel, NetworkParts } from "./networks.ts";
import {
  type DetectorSidecar,
  type EmbedderSidecar,
  parseReference,
  parseSidecar,
  presetSidecar,
  type Sidecar,
} from "./sidecar.ts";

/** What a store's configuration says of its models. */
export interface ModelChoice {
  /** `SIDECAR.json` or `PRESET:FILE.onnx`. */
  readonly detector: string;
  readonly embedder: string;
  /** Lets models that know only drawn faces watch cameras that see real people. Ask twice before
   * it is set: it cannot tell real people apart. */
  readonly allow_drawn_on_real?: boolean;
}

/** Everything recognisers are made of, read and checked. */
export interface Models extends NetworkParts {
  readonly runtime: ArrayBuffer;
  readonly kernel: WebAssembly.Module;
  readonly image_kernel: WebAssembly.Module;
  /** One of the models knows only drawn faces. */
  readonly drawn: boolean;
  readonly allow_drawn_on_real: boolean;
}

/**
 * Reads both models and the WebAssembly they run on. Throws `RuntimeError` `model_invalid`: a file
 * that cannot be read, is too large, is not what its sidecar's sha256 says, or no sidecar.
 */
export async function loadModels(choice: ModelChoice): Promise<Models> {
  const detector = await loadModel("detector", choice.detector);
  const embedder = await loadModel("embedder", choice.embedder);
  const runtime = await Deno.readFile(
    new URL(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")),
  );
  return {
    detector,
    embedder,
    runtime: runtime.buffer,
    kernel: loadKernel("match"),
    image_kernel: loadKernel("image"),
    drawn: detector.sidecar.origin === "drawn" || embedder.sidecar.origin === "drawn",
    allow_drawn_on_real: choice.allow_drawn_on_real ?? false,
  };
}

/** One model from `SIDECAR.json` or `PRESET:FILE.onnx`; throws as `loadModels` does. */
export async function loadModel<K extends Sidecar["kind"]>(
  kind: K,
  reference: string,
): Promise<LoadedModel<K extends "detector" ? DetectorSidecar : EmbedderSidecar>> {
  const named = parseReference(kind, reference);
  if (named.form === "preset") {
    const bytes = await read(named.path, limits.model_bytes, kind);
    const file = { file: basename(named.path), sha256: sha256(bytes) };
    return { sidecar: presetSidecar(kind, named.preset, file) as never, bytes };
  }
  const text = new TextDecoder().decode(await read(named.path, limits.sidecar_bytes, "sidecar"));
  const sidecar = parseSidecar(text, kind, named.path);
  const path = join(dirname(named.path), sidecar.file);
  const bytes = await read(path, limits.model_bytes, kind);
  if (sha256(bytes) !== sidecar.sha256) {
    throw new RuntimeError(
      "model_invalid",
      `${path} is not the file that ${named.path} describes: its sha256 begins ` +
        `${sha256(bytes).slice(0, 12)}, not ${sidecar.sha256.slice(0, 12)}; bring the right one`,
    );
  }
  return { sidecar: sidecar as never, bytes };
}

const bare: WorkerOptions & { readonly deno: { readonly permissions: "none" } } = {
  type: "module",
  deno: { permissions: "none" },
};

/** Starts the Worker of a camera: it may touch nothing. */
export function startWorker(): WorkerPort {
  return new Worker(new URL("./worker.ts", import.meta.url), bare);
}

/** Starts the Worker that compares one spoken answer with voices: it may touch nothing. */
export function startEar(): EarWorker {
  return new Worker(new URL("./voice/worker.ts", import.meta.url), bare);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function read(path: string, most: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size } = await Deno.stat(path);
    if (size > most) throw new RangeError(`it has ${size} bytes, more than ${most}`);
    return await Deno.readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError("model_invalid", `the ${what} ${path} cannot be read: ${reason}`, {
      cause,
    });
  }
}
