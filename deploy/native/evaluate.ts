/**
 * `deno task evaluate:native`: the same command on onnxruntime-node, several times as fast, for
 * runs of many thousand pictures.
 */
import { run } from "../evaluate/main.ts";
import { nodeInference } from "./inference.ts";

await run(nodeInference);
