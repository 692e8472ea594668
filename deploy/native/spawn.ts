/** Starts the Workers of a store that runs its networks on onnxruntime-node. */
import type { WorkerPort } from "../../runtime/perception/link.ts";

/** Starts the Worker of a camera. It may run native code and read, which that needs; the process
 * has to be started with the configuration beside this file. */
export function startNativeWorker(): WorkerPort {
  const options: WorkerOptions & {
    readonly deno: { readonly permissions: Readonly<Record<string, boolean | string[]>> };
  } = {
    type: "module",
    deno: { permissions: { ffi: true, read: true } },
  };
  return new Worker(new URL("./worker.ts", import.meta.url), options);
}
