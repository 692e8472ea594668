/** Perception opens models once, keeps drawn ones away from real people, and lets go of Workers. */
import assert from "node:assert/strict";
import type { CameraOrigin, CameraPort } from "../../hardware/ports.ts";
import { loadKernel } from "../../wasm/kernels.ts";
import { RuntimeError } from "../errors.ts";
import { openPerception, type PerceptionOptions } from "./perception.ts";
import { presetSidecar } from "./sidecar.ts";
import { loadModel, type Models } from "./spawn.ts";
import { ManualClock, ScriptedWorker, settled } from "./testing.ts";

const file = { file: "face.onnx", sha256: "0123456789abcdef".repeat(4) };
const picture = { width: 1, height: 1, data: new Uint8Array(3) };

function models(change: Partial<Models> = {}): Models {
  return {
    detector: { sidecar: presetSidecar("detector", "yunet", file), bytes: new Uint8Array(1) },
    embedder: { sidecar: presetSidecar("embedder", "sface", file), bytes: new Uint8Array(1) },
    runtime: new ArrayBuffer(1),
    kernel: loadKernel("match"),
    image_kernel: loadKernel("image"),
    drawn: false,
    allow_drawn_on_real: false,
    ...change,
  };
}

class Stage {
  readonly clock = new ManualClock();
  readonly workers: ScriptedWorker[] = [];
  trouble: string | undefined;

  options(change: Partial<PerceptionOptions> = {}): PerceptionOptions {
    return {
      models: models(),
      clock: this.clock,
      log: () => {},
      start: () => {
        const worker = new ScriptedWorker(({ verb }) => {
          const message = this.trouble;
          if (message !== undefined && verb === "open") {
            return { trouble: { room: "runtime", kind: "model_invalid", message } };
          }
          if (verb === "open") return { dim: 128 };
          if (verb === "enrol") return { values: new Float32Array(128).fill(1) };
          return { decision: { outcome: "nobody", matches: [] }, faces: 0, seen_at_ms: 1 };
        });
        this.workers.push(worker);
        return worker;
      },
      ...change,
    };
  }
}

function camera(origin: CameraOrigin): CameraPort {
  return {
    id: "camera-1",
    origin,
    async *frames(signal) {
      const data = new Uint8Array(1);
      const shape = { format: "GREY", width: 1, height: 1, stride: 1 } as const;
      if (!signal.aborted) yield { ...shape, sequence: 0, captured_at_ms: 1, data };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
}

Deno.test("a model that does not fit is known when perception is opened", async () => {
  const stage = new Stage();
  stage.trouble = "the embedder face.onnx: it answers 512 numbers where 128 are declared";
  await assert.rejects(openPerception(stage.options()), (error) => {
    assert.ok(error instanceof RuntimeError);
    assert.equal(error.kind, "model_invalid");
    assert.equal(error.message, stage.trouble);
    return true;
  });
  assert.ok(stage.workers.every(({ terminated }) => terminated));
});

Deno.test("a detector without landmarks is said to be poor when it is opened", async () => {
  const stage = new Stage();
  const said: string[] = [];
  const log = (level: string, message: string) => void said.push(`${level}: ${message}`);
  const sidecar = presetSidecar("detector", "ultraface", file);
  const poor = models({ detector: { sidecar, bytes: new Uint8Array(1) } });
  await (await openPerception(stage.options({ models: poor, log, proof: "motion" }))).close();
  await assert.rejects(openPerception(stage.options({ models: poor, log })), /finds no landmarks/);
  await (await openPerception(stage.options({ log }))).close();
  assert.equal(said.length, 1);
  assert.match(said[0]!, /^warn: the detector face\.onnx finds no landmarks: /);
});

Deno.test("perception says which model it compares with", async () => {
  const stage = new Stage();
  const perception = await openPerception(stage.options());
  const { model, preset, dim } = perception;
  assert.deepEqual({ model, preset, dim }, { model: file.sha256, preset: "sface", dim: 128 });
  const template = await perception.enrol([picture]);
  assert.equal(template.model, file.sha256);
  assert.equal(template.values.length, 128);
  await perception.close();
});

Deno.test("drawn models watch simulated cameras, and others only when told to", async () => {
  const stage = new Stage();
  const drawn = await openPerception(stage.options({ models: models({ drawn: true }) }));
  for (const origin of ["real", "recorded"] as const) {
    await assert.rejects(drawn.watch(camera(origin), () => {}), (error) => {
      return error instanceof RuntimeError && error.kind === "model_invalid" &&
        /camera camera-1 sees real people/.test(error.message);
    });
  }
  const eye = await drawn.watch(camera("simulated"), () => {});
  await eye.close();
  await drawn.close();
  const told = models({ drawn: true, allow_drawn_on_real: true });
  const allowed = await openPerception(stage.options({ models: told }));
  await (await allowed.watch(camera("real"), () => {})).close();
  await allowed.close();
});

Deno.test("an idle enrolment has no Worker, and the next one gets another", async () => {
  const stage = new Stage();
  const perception = await openPerception(stage.options());
  await Promise.all([perception.enrol([picture]), perception.enrol([picture])]);
  assert.equal(stage.workers.length, 1);
  await stage.clock.pass(29_000);
  await perception.enrol([picture]);
  await stage.clock.pass(29_000);
  assert.ok(!stage.workers[0]!.terminated);
  await stage.clock.pass(2_000);
  assert.ok(stage.workers[0]!.terminated);
  await perception.enrol([picture]);
  assert.equal(stage.workers.length, 2);
  await perception.close();
  assert.ok(stage.workers[1]!.terminated);
});

Deno.test("closing ends every Worker and every eye, and nothing begins after it", async () => {
  const stage = new Stage();
  const perception = await openPerception(stage.options());
  await perception.watch(camera("real"), () => {});
  await perception.close();
  await settled();
  assert.equal(stage.workers.length, 2);
  assert.ok(stage.workers.every(({ terminated }) => terminated));
  const stopped = (error: unknown) => error instanceof RuntimeError && error.kind === "stopped";
  await assert.rejects(perception.watch(camera("real"), () => {}), stopped);
  await assert.rejects(perception.enrol([picture]), stopped);
});

Deno.test("a model's file is checked before anything runs it", async () => {
  const directory = await Deno.makeTempDir();
  const write = (name: string, text: string) => Deno.writeTextFile(`${directory}/${name}`, text);
  const { size: _, ...input } = presetSidecar("embedder", "sface", file).input;
  const sidecar = { ...presetSidecar("embedder", "sface", file), input };
  await write("face.json", JSON.stringify(sidecar));
  const refused = (reference: string, words: RegExp) =>
    assert.rejects(loadModel("embedder", reference), (error) => {
      assert.ok(error instanceof RuntimeError && error.kind === "model_invalid");
      assert.match(error.message, words);
      return true;
    });
  await refused(`${directory}/face.json`, /the embedder .*face\.onnx cannot be read/);
  await write("face.onnx", "another model");
  await refused(`${directory}/face.json`, /is not the file that .*face\.json describes/);
  await refused(`sface:${directory}/none.onnx`, /none\.onnx cannot be read/);
  const named = await loadModel("embedder", `sface:${directory}/face.onnx`);
  assert.match(named.sidecar.sha256, /^[0-9a-f]{64}$/);
  await write("face.json", JSON.stringify({ ...sidecar, sha256: named.sidecar.sha256 }));
  const loaded = await loadModel("embedder", `${directory}/face.json`);
  assert.equal(new TextDecoder().decode(loaded.bytes), "another model");
  await Deno.remove(directory, { recursive: true });
});
