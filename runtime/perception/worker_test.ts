/**
 * The whole way with real networks and real Workers: drawn people before a simulated camera are
 * enrolled, recognised, refused and forgotten.
 */
import assert from "node:assert/strict";
import type { CameraPort, Frame } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { drawScene, type Person } from "../../hardware/simulated/scene.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import { RuntimeError } from "../errors.ts";
import type { PerceptionReading, Probe, Template } from "../world.ts";
import { cosine } from "./embed.ts";
import { type FacePerception, openPerception } from "./perception.ts";
import type { NearestScores } from "./recogniser.ts";
import { loadModels, type Models, startWorker } from "./spawn.ts";
import { realClock } from "../real.ts";

const folder = new URL("../../models/", import.meta.url).pathname;
const choice = {
  detector: `${folder}drawn-detector.json`,
  embedder: `${folder}drawn-embedder.json`,
};

/** A picture of somebody at the till; `turn` moves the head and the light a little. */
function picture(identities: readonly number[], turn: number, size = 80): Picture {
  const people = identities.map((identity, place): Person => ({
    identity,
    x: 160 + 110 * place - 55 * (identities.length - 1) + 2 * Math.sin(turn),
    y: 120,
    size,
    yaw: 7 * Math.sin(1.3 * turn),
    pitch: 3 * Math.cos(turn),
    roll: 2 * Math.sin(2.1 * turn),
    expression: 0.3 * Math.sin(0.7 * turn),
  }));
  const { width, height, rgb } = drawScene({
    width: 320,
    height: 240,
    background_seed: 5,
    light: { level: 1 + 0.03 * Math.sin(turn), side: 0.1, warmth: 0 },
    noise: 2,
    noise_seed: Math.round(1000 * turn),
    people,
  });
  return { width, height, data: rgb };
}

/** A simulated camera before which the test puts people, a still picture, or garbage. */
class TillCamera implements CameraPort {
  readonly id = "camera-1";
  readonly origin = "simulated";
  before: readonly number[] | "photograph" | "garbage" = [];
  photographed = 0;
  #sequence = 0;

  async *frames(signal: AbortSignal): AsyncIterable<Frame> {
    while (!signal.aborted) {
      await Promise.resolve();
      yield this.#frame();
    }
  }

  #frame(): Frame {
    const sequence = this.#sequence++;
    const still = this.before === "photograph" || this.before === "garbage";
    const { width, height, data } = this.before === "photograph"
      ? picture([this.photographed], 1)
      : picture(still ? [] : this.before as readonly number[], sequence);
    const yuyv = rgbToYuyv({ width, height, rgb: data });
    return {
      format: "YUYV",
      width,
      height,
      stride: width * 2,
      sequence,
      captured_at_ms: Date.now(),
      data: this.before === "garbage" ? yuyv.slice(0, 99) : yuyv,
    };
  }
}

/** A till whose camera is watched; the test waits for what it wants to hear. */
class Till implements AsyncDisposable {
  readonly camera = new TillCamera();
  readonly perception: FacePerception;
  readonly gallery: { admit(visit: string, template: Template): Promise<void> };
  readonly wipe: (visit: string) => Promise<void>;
  readonly lookAgain: (glance: number) => void;
  readonly probe: (patience_ms: number) => Promise<Probe | undefined>;
  readonly #readings: PerceptionReading[];

  private constructor(
    perception: FacePerception,
    camera: TillCamera,
    readings: PerceptionReading[],
    readonly scores: readonly NearestScores[],
    eye: Awaited<ReturnType<FacePerception["watch"]>>,
  ) {
    this.perception = perception;
    this.camera = camera;
    this.#readings = readings;
    this.gallery = eye;
    this.wipe = (visit) => eye.wipe(visit);
    this.probe = (patience_ms) => eye.probe!(patience_ms);
    this.lookAgain = (glance) => eye.lookAgain(glance);
  }

  static async open(): Promise<Till> {
    const camera = new TillCamera();
    const readings: PerceptionReading[] = [];
    const scores: NearestScores[] = [];
    const perception = await openPerception({
      proof: "motion",
      models: await loadModels(choice),
      start: startWorker,
      clock: realClock,
      log: () => {},
      frames_per_second: 1000,
      score: (_, one) => scores.push(one),
    });
    const eye = await perception.watch(camera, (reading) => readings.push(reading));
    return new Till(perception, camera, readings, scores, eye);
  }

  enrol(identity: number): Promise<Template> {
    return this.perception.enrol([0, 2, 4].map((turn) => picture([identity], turn)));
  }

  /** Puts people there and waits for the first reading that fits. */
  async hears(
    before: TillCamera["before"],
    fits: (reading: PerceptionReading) => boolean,
  ): Promise<PerceptionReading> {
    this.#readings.length = 0;
    this.camera.before = before;
    for (let turn = 0; turn < 1_000; turn++) {
      const found = this.#readings.find(fits);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return assert.fail(`heard only ${JSON.stringify(this.#readings)}`);
  }

  async outcome(before: TillCamera["before"]): Promise<[string, ...string[]]> {
    const reading = await this.hears(
      before,
      (one) => one.type === "matched" && one.outcome !== "nobody",
    );
    assert.ok(reading.type === "matched");
    return [reading.outcome, ...reading.matches.map(({ visit }) => visit).sort()];
  }

  async empty(): Promise<void> {
    await this.hears([], (one) => one.type === "matched" && one.outcome === "nobody");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.perception.close();
  }
}

Deno.test("drawn people are recognised, strangers and still pictures are not", async () => {
  await using till = await Till.open();
  await till.gallery.admit("ada", await till.enrol(101));
  await till.gallery.admit("bob", await till.enrol(102));

  const seen = await till.hears([101], (one) => one.type === "matched" && one.matches.length > 0);
  assert.ok(seen.type === "matched");
  assert.equal(seen.outcome, "identified");
  assert.equal(seen.faces, 1);
  assert.equal(seen.matches[0]!.visit, "ada");
  assert.equal(seen.matches[0]!.liveness, "passed");
  assert.ok(seen.matches[0]!.frames >= 3);
  // Scores leave the Worker only for a store that calibrates, and without a name.
  const [{ best, next, in_range }, ...more] = till.scores as [NearestScores, ...NearestScores[]];
  assert.deepEqual([in_range, more.length], [2, 0]);
  assert.ok(best > 0.8 && next! < best - 0.05, `${best} ${next}`);

  await till.empty();
  assert.deepEqual(await till.outcome([102]), ["identified", "bob"]);
  assert.deepEqual(await till.outcome([103]), ["unknown"]);
  await till.empty();
  till.camera.photographed = 101;
  assert.deepEqual(await till.outcome("photograph"), ["unknown"]);
  await till.empty();
  assert.deepEqual(await till.outcome([101]), ["identified", "ada"]);

  const gone = till.hears([101], (one) => one.type === "matched" && one.outcome === "unknown");
  await till.wipe("ada");
  await gone;
});

Deno.test("who leaves as an eye looks again is not seen any more, and who stays is", async () => {
  await using till = await Till.open();
  await till.gallery.admit("ada", await till.enrol(101));
  await till.gallery.admit("bob", await till.enrol(102));
  assert.deepEqual(await till.outcome([101]), ["identified", "ada"]);
  // In the very moment of the wish another stands there: every answer under it is his.
  const after = till.hears(
    [102],
    (one) => one.type === "matched" && one.glance === 1 && one.matches.length > 0,
  );
  till.lookAgain(1);
  const reading = await after;
  assert.ok(reading.type === "matched");
  assert.deepEqual(reading.matches.map(({ visit }) => visit), ["bob"]);
  const again = till.hears(
    [102],
    (one) => one.type === "matched" && one.glance === 2 && one.matches.length > 0,
  );
  till.lookAgain(2);
  await again;
});

Deno.test("a probe is of the one who stands there from now on, alone and alive", async () => {
  await using till = await Till.open();
  const [ada, bob] = [await till.enrol(101), await till.enrol(102)];
  await till.hears([101], (one) => one.type === "matched" && one.outcome === "unknown");
  till.camera.before = [102];
  const probe = await till.probe(20_000);
  assert.ok(probe && probe.frames >= 3);
  assert.deepEqual([probe.liveness, probe.template.model], ["passed", till.perception.model]);
  const likeness = [ada, bob].map(({ values }) => cosine(values, probe.template.values));
  assert.ok(likeness[1]! > 0.8 && likeness[0]! < likeness[1]! - 0.05, String(likeness));
  for (const before of [[], [101, 102], "photograph"] as const) {
    till.camera.photographed = 101;
    till.camera.before = before;
    assert.equal(await till.probe(500), undefined, String(before));
  }
});

Deno.test("garbage from a camera is a failure with an empty gallery, and passes", async () => {
  await using till = await Till.open();
  await till.gallery.admit("ada", await till.enrol(101));
  assert.deepEqual(await till.outcome([101]), ["identified", "ada"]);
  const failed = await till.hears("garbage", (one) => one.type === "failed");
  assert.ok(failed.type === "failed");
  assert.match(failed.reason, /^format_unsupported: a frame of 320 by 240 YUYV/);
  await assert.rejects(
    till.enrol(101).then((template) => till.gallery.admit("ada", template)),
    /not seeing/,
  );
  await till.hears([101], (one) => one.type === "started");
  assert.deepEqual(await till.outcome([101]), ["unknown"]);
});

Deno.test("enrolment wants one person, and the same person has the same template", async () => {
  await using till = await Till.open();
  const template = await till.enrol(101);
  const { model, preset, dim } = till.perception;
  assert.deepEqual([template.model, template.preset, template.values.length], [model, preset, dim]);
  assert.ok(Math.abs(cosine(template.values, template.values) - 1) < 1e-5);
  assert.deepEqual((await till.enrol(101)).values, template.values);
  const refused = (pictures: Picture[], words: RegExp) =>
    assert.rejects(till.perception.enrol(pictures), (error) => {
      assert.ok(error instanceof RuntimeError && error.kind === "request_invalid");
      assert.match(error.message, words);
      return true;
    });
  await refused([picture([101], 0), picture([], 0)], /^picture 2 of 2 shows no face/);
  await refused([picture([101, 102], 0)], /^picture 1 of 1 shows several people/);
  await refused([], /0 pictures enrol nobody/);
});

Deno.test("a sidecar that says too much of a model is found out by the session", async () => {
  const models = await loadModels(choice);
  const { sidecar, bytes } = models.embedder;
  const open = (change: Partial<Models>) =>
    openPerception({
      models: { ...models, ...change },
      start: startWorker,
      clock: realClock,
      log: () => {},
    });
  const refused = (change: Partial<Models>, words: RegExp) =>
    assert.rejects(open(change), (error) => {
      assert.ok(error instanceof RuntimeError && error.kind === "model_invalid");
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  await refused(
    { embedder: { bytes, sidecar: { ...sidecar, dim: 512 } } },
    /drawn-embedder\.onnx: it answers \d+ numbers where 512 are declared/,
  );
  await refused(
    { embedder: { bytes: models.detector.bytes, sidecar } },
    /the embedder drawn-embedder\.onnx: /,
  );
  await refused(
    { detector: { bytes: new Uint8Array(64), sidecar: models.detector.sidecar } },
    /the detector drawn-detector\.onnx cannot be opened \(.*\): bring an ONNX model/,
  );
});
