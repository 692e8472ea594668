/** The watch over a gate's camera: codes are looked for in its frames, whatever the clock does. */
import assert from "node:assert/strict";
import type { CameraPort, Frame } from "../../hardware/ports.ts";
import { nodeVault } from "../vault/node.ts";
import { CodeWatch } from "./codes.ts";

Deno.test("a clock that is set back does not blind a gate", async () => {
  let now_ms = 1_790_000_000_000;
  const clock = { now_ms: () => now_ms, after: () => () => {} };
  const frame: Frame = {
    format: "GREY",
    width: 1,
    height: 1,
    stride: 1,
    sequence: 0,
    captured_at_ms: 0,
    data: new Uint8Array(1),
  };
  const steps_ms = [0, 100, 200, -3_600_000, 100, 200];
  const camera: CameraPort = {
    id: "door",
    origin: "simulated",
    async *frames() {
      for (const step_ms of steps_ms) {
        now_ms += step_ms;
        yield await Promise.resolve(frame);
      }
    },
  };
  const looked_ms: number[] = [];
  const readCode = () => {
    looked_ms.push(now_ms);
    return Promise.resolve(undefined);
  };
  const watch = new CodeWatch({ clock, vault: nodeVault, readCode, log: () => {} });
  await watch.camera(camera, new AbortController().signal, () => {}, () => Promise.resolve());
  const [start_ms] = looked_ms;
  assert.deepEqual(
    looked_ms.map((at_ms) => at_ms - start_ms!),
    [0, 300, -3_599_700, -3_599_400],
  );
});
