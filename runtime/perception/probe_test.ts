/** A face that is probed has shown life, and where it may be a film, has turned as asked. */
import assert from "node:assert/strict";
import { alive } from "../../hardware/simulated/presentation.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import { depthRule as DEPTH } from "./parallax.ts";
import { settingsOf } from "./perception.ts";
import { type ProbeAnswer, probed } from "./probe.ts";
import { Recogniser } from "./recogniser.ts";
import { loadModels } from "./spawn.ts";

const model = { model: "m", preset: "p" };
const nobody: ProbeAnswer = { frames: 0, liveness: "not_assessed", seen_at_ms: 0 };
const unsure: ProbeAnswer = { ...nobody, unsure: true };
const seen = (turns = 0): ProbeAnswer => ({
  frames: 5,
  liveness: "passed",
  seen_at_ms: 9,
  turns,
  values: new Float32Array([1, 0]),
});

/** What the camera tells, look by look, and how often turns were asked for. */
async function after(
  answers: readonly ProbeAnswer[],
  turns?: { readonly always: boolean; readonly met: boolean },
) {
  const left = [...answers];
  let asked = 0;
  const ask = () => Promise.resolve((asked++, turns!.met));
  const probe = await probed(
    () => Promise.resolve(left.shift()!),
    model,
    () => Promise.resolve(left.length > 0),
    turns && { always: turns.always, ask },
  );
  return { probe, asked };
}

Deno.test("who may be a film is asked once, and probed when the head has turned", async () => {
  const { probe, asked } = await after([nobody, unsure, seen(3)], { always: false, met: true });
  assert.equal(asked, 1);
  assert.deepEqual(probe, {
    frames: 5,
    liveness: "passed",
    seen_at_ms: 9,
    template: { ...model, values: new Float32Array([1, 0]) },
  });
});

Deno.test("who does not turn as asked is not probed, nor a film where nobody asks", async () => {
  const failed = await after([unsure, seen(3)], { always: false, met: false });
  assert.deepEqual(failed, { probe: undefined, asked: 1 });
  const again = await after([unsure, unsure, unsure, seen(3)], { always: false, met: true });
  assert.deepEqual(again, { probe: undefined, asked: 2 });
  assert.deepEqual(await after([unsure, unsure]), { probe: undefined, asked: 0 });
});

Deno.test("where everybody is asked, what a face showed by itself is overwritten", async () => {
  const by_itself = seen();
  const { probe, asked } = await after([by_itself, seen(3)], { always: true, met: true });
  assert.equal(asked, 1);
  assert.ok(probe);
  assert.deepEqual(by_itself.values, new Float32Array(2));
  assert.equal((await after([seen()], { always: false, met: true })).asked, 0);
});

Deno.test("a drawn person who shows too little is probed after turning", {
  sanitizeResources: false,
}, async () => {
  const folder = new URL("../../models/", import.meta.url).pathname;
  const models = await loadModels({
    detector: `${folder}drawn-detector.json`,
    embedder: `${folder}drawn-embedder.json`,
  });
  const recogniser = await Recogniser.open(
    models,
    settingsOf(models.embedder.sidecar, { id: "camera", origin: "simulated" }, {
      rule: { unsure_after: 9, depth: { ...DEPTH, solid: 1 } },
    }),
  );
  const shown = alive("probe", 4_100_000_001);
  let sequence = 0, asked = false;
  const look = async () => {
    const at_ms = 200 * sequence;
    const { width, height, rgb } = shown.draw(at_ms, sequence);
    return await recogniser.look({
      format: "YUYV",
      width,
      height,
      stride: 2 * width,
      sequence: sequence++,
      captured_at_ms: at_ms,
      data: rgbToYuyv({ width, height, rgb }),
    });
  };
  const turn = async () => {
    asked = true;
    let { challenge } = recogniser.challenge(["left"], 200 * sequence);
    shown.ask("left", 200 * sequence);
    while (challenge?.state === "facing" || challenge?.state === "asked") {
      ({ challenge } = await look());
    }
    return challenge?.state === "met";
  };
  const probe = await probed(
    async (anew) => {
      await look();
      return recogniser.probe(anew);
    },
    model,
    () => Promise.resolve(sequence < 200),
    { always: false, ask: turn },
  );
  assert.ok(asked);
  assert.equal(probe?.liveness, "passed");
});
