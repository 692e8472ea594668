/** The Worker of one camera with networks on onnxruntime-node. */
import { serveCamera, type WorkerScope } from "../../runtime/perception/serve.ts";
import { nodeInference } from "./inference.ts";

const inference = nodeInference();
// Whoever asks before the library is loaded waits for it: so does an error in loading it.
serveCamera(globalThis as unknown as WorkerScope, {
  open: async (bytes) => await (await inference).open(bytes),
});
