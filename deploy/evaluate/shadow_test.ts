/** A store that charged nobody tells the threshold with which it may begin to. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { parseSidecar } from "../../runtime/perception/sidecar.ts";
import { shadowNotes } from "../start/shadow_notes.ts";
import { asksForShadow, calibrateShadow, readShadow } from "./shadow.ts";

const shipped = new URL("../../models/", import.meta.url).pathname;

Deno.test("a shadow run's scores become the embedder's threshold", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const sidecar = `${directory}/drawn-embedder.json`;
    for (const name of ["drawn-embedder.json", "drawn-embedder.onnx"]) {
      await Deno.copyFile(shipped + name, `${directory}/${name}`);
    }
    const chance = chanceOf("shadow");
    const note = shadowNotes(directory, () => assert.fail("the disk is sound"));
    const people = 4_000;
    for (let i = 0; i < people; i++) {
      const next = Math.min(0.99, chance.normal(0.4, 0.1));
      note("till-1", { best: Math.min(0.999, 0.9 + 0.09 * chance.next()), next, in_range: 8 });
    }
    note("till-1", { best: 0.5, in_range: 1 });
    const path = `${directory}/shadow.jsonl`;
    for (;;) {
      const text = await Deno.readTextFile(path).catch(() => "");
      if (text.split("\n").length > people + 1) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const said: string[] = [];
    const args = ["--shadow", path, "--embedder", sidecar, "--fpir", "0.01", "--write"];
    assert.ok(asksForShadow(args));
    await calibrateShadow(args, (line) => said.push(line));
    assert.match(said[0]!, /counted.*likest of 7 others reaches it once in 100 times/);
    assert.match(said[0]!, /Of 4000 people who stood there 100\.00 % reach it/);
    const written = parseSidecar(await Deno.readTextFile(sidecar), "embedder", sidecar);
    // One in a hundred of this law lies 2.33 deviations above its mean.
    assert.ok(Math.abs(written.threshold - 0.633) < 0.02, `${written.threshold}`);
    assert.equal(written.calibration?.gallery, 7);
    const { mode } = await Deno.stat(path);
    assert.equal(mode! & 0o077, 0, "nobody else may read it");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("lines without scores are named, those of one alone in range tell nothing", () => {
  assert.throws(() => readShadow('{"best":0.5,"in_range":2}\n{"best":"x"}\n', "f"), /f, line 2/);
  assert.throws(() => readShadow("nonsense", "f"), /line 1, holds no scores/);
  assert.throws(() => readShadow('{"best":7,"in_range":1}', "f"), /line 1/);
  const run = readShadow('{"camera":"a","best":0.5,"in_range":1}\n', "f");
  assert.deepEqual([run.best.length, run.others.length, run.gallery], [0, 0, 0]);
});

Deno.test("a disk that fails is told once", async () => {
  const warned: string[] = [];
  const note = shadowNotes("/nowhere/at/all", (_, message) => warned.push(message));
  for (let i = 0; i < 5; i++) note("till-1", { best: 0.5, in_range: 1 });
  for (let i = 0; i < 2_000 && warned.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.match(warned[0]!, /scores of the shadow run are not kept/);
});
