/** The Worker of one camera, without any permission: networks on onnxruntime-web. */
import { serveCamera, type WorkerScope } from "./serve.ts";

serveCamera(globalThis as unknown as WorkerScope);
