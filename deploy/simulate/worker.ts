/** A thread that lives through the parts of a run that it is given, one after the other. */
/// <reference lib="deno.worker" />
import { type Part, runPart } from "./part.ts";

const { self } = globalThis as unknown as { self: DedicatedWorkerGlobalScope };
self.onmessage = async ({ data }: MessageEvent<Part>) => {
  self.postMessage(await runPart(data));
};
