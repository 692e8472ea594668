/**
 * Perception on real faces with real models: a folder of people is enrolled, shown to a recorded
 * camera and recognised through the camera's Worker, as in a store. Needs a folder with
 * `models/yunet_n_320.onnx`, `models/mobilefacenet-112.onnx` and `faces/PERSON/PICTURE.pgm`,
 * named by the environment variable FIELDWORK.
 */
import assert from "node:assert/strict";
import { RecordedCamera } from "../hardware/recorded/camera.ts";
import { listPeople, type RecordedPerson } from "../hardware/recorded/folder.ts";
import { type FacePerception, openPerception } from "../runtime/perception/perception.ts";
import { loadModels, startWorker } from "../runtime/perception/spawn.ts";
import { realClock as clock } from "../runtime/real.ts";
import type { PerceptionReading, Template } from "../runtime/world.ts";

const field = Deno.env.get("FIELDWORK");
if (field === undefined) {
  console.log("recognition of real faces: skipped, set FIELDWORK to a folder of models and faces");
}

type Matched = Extract<PerceptionReading, { type: "matched" }>;

/** A lane with a recorded camera: somebody is shown to it, and it says whom it sees. */
class RecordedLane implements AsyncDisposable {
  readonly #camera = new RecordedCamera({ id: "camera-1", clock, frames_per_second: 100 });
  readonly #perception: FacePerception;
  #close: () => Promise<void> = () => Promise.resolve();
  #hear: (reading: Matched) => void = () => {};

  constructor(perception: FacePerception) {
    this.#perception = perception;
  }

  async open(gallery: ReadonlyMap<string, Template>): Promise<void> {
    const eye = await this.#perception.watch(this.#camera, (reading) => {
      if (reading.type === "matched") this.#hear(reading);
      else assert.equal(reading.type, "started");
    });
    this.#close = () => eye.close();
    for (const [visit, template] of gallery) {
      await eye.admit(visit, { ...template, values: template.values.slice() });
    }
  }

  /** The first answer other than `nobody` after somebody else stood there. */
  async ask(path: string): Promise<Matched> {
    const answer = new Promise<Matched>((resolve, reject) => {
      const give_up = clock.after(60_000, () => reject(new Error(`${path}: no answer`)));
      this.#hear = (reading) => {
        if (reading.outcome === "nobody") return;
        give_up();
        resolve(reading);
      };
    });
    await this.#camera.show(path);
    return await answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

interface Tally {
  recognised: number;
  unknown: number;
  ambiguous: number;
  wrong: number;
}

/** Shows every probe, people in turn so that each follows somebody else, and counts the answers;
 * `wrong` is anybody named in somebody else's place. */
async function count(lane: RecordedLane, people: readonly RecordedPerson[]): Promise<Tally> {
  const tally: Tally = { recognised: 0, unknown: 0, ambiguous: 0, wrong: 0 };
  const most = Math.max(...people.map(({ probe }) => probe.length));
  for (let picture = 0; picture < most; picture++) {
    for (const { person, probe } of people) {
      const path = probe[picture];
      if (path === undefined) continue;
      const { outcome, matches } = await lane.ask(path);
      if (outcome === "unknown") tally.unknown++;
      else if (matches.some(({ visit }) => visit !== person)) tally.wrong++;
      else if (outcome === "ambiguous") tally.ambiguous++;
      else tally.recognised++;
      assert.ok(matches.every(({ liveness }) => liveness === "not_assessed"));
    }
  }
  return tally;
}

Deno.test({
  name: "real people are recognised through a recorded camera, strangers are not",
  ignore: field === undefined,
  async fn() {
    const models = await loadModels({
      detector: `yunet:${field}/models/yunet_n_320.onnx`,
      embedder: `mobilefacenet:${field}/models/mobilefacenet-112.onnx`,
    });
    const log = (_level: string, message: string, fields?: Record<string, unknown>) =>
      assert.fail(`${message} ${JSON.stringify(fields)}`);
    const perception = await openPerception({
      proof: "motion",
      models,
      start: startWorker,
      clock,
      log,
      frames_per_second: 1000,
    });
    try {
      const people = await listPeople(`${field}/faces`);
      const gallery = new Map<string, Template>();
      for (const { person, enrol } of people) gallery.set(person, await perception.enrol(enrol));

      const known = await tallyOf(perception, gallery, people);
      const pictures = people.reduce((sum, { probe }) => sum + probe.length, 0);
      console.log(`${people.length} enrolled, ${pictures} pictures: ${JSON.stringify(known)}`);
      assert.equal(known.wrong, 0);
      assert.ok(known.recognised >= 0.98 * pictures, `${known.recognised} of ${pictures}`);

      const half = people.length >> 1;
      for (const { person } of people.slice(half)) gallery.delete(person);
      const strangers = people.slice(half);
      const met = await tallyOf(perception, gallery, strangers);
      console.log(`${strangers.length} strangers before ${half} enrolled: ${JSON.stringify(met)}`);
      assert.equal(met.wrong + met.recognised + met.ambiguous, 0);
    } finally {
      await perception.close();
    }
  },
});

async function tallyOf(
  perception: FacePerception,
  gallery: ReadonlyMap<string, Template>,
  people: readonly RecordedPerson[],
): Promise<Tally> {
  await using lane = new RecordedLane(perception);
  await lane.open(gallery);
  return await count(lane, people);
}
