/**
 * The Worker of the enrolment page: networks run beside the page, which stays smooth, and nothing
 * of a face is in the page's own memory until it is a template.
 */
import * as ort from "onnxruntime-web/wasm";
import type { NetworkParts } from "../../runtime/perception/networks.ts";
import { inferenceOn } from "../../runtime/perception/sessions.ts";
import type { Sight } from "./guide.ts";
import { type CanvasPicture, Looker } from "./looker.ts";

type Request =
  & { readonly ticket: number }
  & (
    | {
      readonly verb: "open";
      readonly parts: Omit<NetworkParts, "runtime">;
      /** onnxruntime-web's WebAssembly binary. */
      readonly runtime: ArrayBuffer;
    }
    | { readonly verb: "look"; readonly picture: CanvasPicture }
    | { readonly verb: "take" | "finish" | "forget" }
  );
type Answer = Sight | boolean | Float32Array<ArrayBuffer> | null;

interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let looker: Looker | undefined;
let before: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  before = before.then(() => serve(data));
};

async function serve(request: Request): Promise<void> {
  const { ticket } = request;
  try {
    const answer = await answerTo(request);
    scope.postMessage({ ticket, answer }, answer instanceof Float32Array ? [answer.buffer] : []);
  } catch (error) {
    scope.postMessage({ ticket, trouble: error instanceof Error ? error.message : "unknown" }, []);
  }
}

async function answerTo(request: Request): Promise<Answer> {
  if (request.verb === "open") {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = request.runtime;
    ort.env.logLevel = "error";
    looker = await Looker.open(
      request.parts,
      inferenceOn(ort, { executionProviders: ["wasm"] }),
    );
    return null;
  }
  if (looker === undefined) throw new Error("the networks are not open yet");
  switch (request.verb) {
    case "look":
      return await looker.look(request.picture);
    case "take":
      return await looker.take();
    case "finish":
      return looker.finish();
    case "forget":
      looker.forget();
      return null;
  }
}
