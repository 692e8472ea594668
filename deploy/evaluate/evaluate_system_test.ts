/**
 * `evaluate` and `calibrate` as a person runs them: on a folder of drawn people, and on real faces
 * with real models where FIELDWORK names a folder with `models/yunet_n_320.onnx`,
 * `models/mobilefacenet-112.onnx` and `faces/PERSON/PICTURE.pgm`.
 */
import assert from "node:assert/strict";
import { encode } from "fast-png";
import { crowdScene, photograph } from "../model/crowd.ts";
import { parseSidecar } from "../../runtime/perception/sidecar.ts";
import { calibrate } from "./calibrate.ts";
import type { Figures } from "./figures.ts";
import { evaluate } from "./main.ts";

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };

const field = Deno.env.get("FIELDWORK");
if (field === undefined) {
  console.log("figures of real faces: skipped, set FIELDWORK to a folder of models and faces");
}

const shipped = new URL("../../models/", import.meta.url).pathname;

/** Runs `evaluate --json` and reads the one line that it says. */
async function figures(...args: string[]): Promise<Figures> {
  const lines: string[] = [];
  await evaluate([...args, "--json"], (line) => lines.push(line));
  assert.equal(lines.length, 1);
  return JSON.parse(lines[0]!);
}

/** A folder of drawn people, some pictures of each as PNG. */
async function drawnFolder(directory: string, people: number, pictures: number): Promise<void> {
  for (let person = 0; person < people; person++) {
    await Deno.mkdir(`${directory}/person-${person}`, { recursive: true });
    for (let index = 0; index < pictures; index++) {
      const scene = crowdScene(`folder/${person}/${index}`, {
        width: 160,
        height: 160,
        identities: [2_000_000_000 + person],
        size: [60, 80],
      });
      const { width, height, data } = photograph(scene).picture;
      const png = encode({ width, height, data, channels: 3, depth: 8 });
      await Deno.writeFile(`${directory}/person-${person}/${index}.png`, png);
    }
  }
}

Deno.test(
  "a folder of drawn people is measured, and a threshold chosen on it",
  kept_port,
  async () => {
    const directory = await Deno.makeTempDir();
    try {
      await drawnFolder(`${directory}/faces`, 9, 5);
      for (const name of ["drawn-embedder.json", "drawn-embedder.onnx"]) {
        await Deno.copyFile(shipped + name, `${directory}/${name}`);
      }
      const sidecar = `${directory}/drawn-embedder.json`;
      const models = ["--detector", `${shipped}drawn-detector.json`, "--embedder", sidecar];
      const found = await figures("--faces", `${directory}/faces`, ...models, "--splits", "20");
      const { people, pictures, missed, rank1, eer, enrol } = found;
      assert.deepEqual({ people, pictures, missed, enrol }, {
        people: 9,
        pictures: 45,
        missed: 0,
        enrol: 3,
      });
      assert.ok(rank1 >= 0.99 && eer <= 0.02, JSON.stringify(found));

      const said: string[] = [];
      await calibrate(
        ["--pairs", `${directory}/faces`, ...models, "--fpir", "0.01", "--gallery", "5"].concat(
          "--plots",
          `${directory}/plots`,
        ),
        (line) => said.push(line),
      );
      const written = parseSidecar(await Deno.readTextFile(sidecar), "embedder", sidecar);
      assert.equal(written.calibration?.gallery, 5);
      assert.ok(Math.abs(written.calibration.fmr - (1 - 0.99 ** 0.2)) < 1e-12);
      assert.equal(said.at(-1), `the threshold ${written.threshold} is written to ${sidecar}`);
      assert.match(said[0]!, /^5 +1\.000 %$/m);
      for (const name of ["det.svg", "scores.svg"]) {
        assert.match(await Deno.readTextFile(`${directory}/plots/${name}`), /^<svg .*<\/svg>\n$/s);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

Deno.test("what is missing or wrong is said in words", async () => {
  const quiet = () => {};
  await assert.rejects(evaluate([], quiet), /^RangeError: usage: deno task evaluate/);
  await assert.rejects(
    evaluate(["--face", "x"], quiet),
    /RangeError: Unknown option '--face'; see --help$/,
  );
  await assert.rejects(evaluate(["--faces", "x"], quiet), /name a model: --detector/);
  await assert.rejects(evaluate(["--faces", "x", "--enrol", "0"], quiet), /--enrol is 0; give/);
  await assert.rejects(calibrate(["--drawn", "--fpir", "2"], quiet), /--fpir is 2; give/);
});

Deno.test({
  name: "real people are told apart, and strangers refused, as often as they must be",
  ignore: field === undefined,
  ...kept_port,
  async fn() {
    const found = await figures(
      "--faces",
      `${field}/faces`,
      "--detector",
      `yunet:${field}/models/yunet_n_320.onnx`,
      "--embedder",
      `mobilefacenet:${field}/models/mobilefacenet-112.onnx`,
    );
    assert.equal(found.missed, 0);
    assert.ok(found.eer <= 0.003, `equal error ${found.eer}`);
    assert.equal(found.rank1, 1);
    assert.ok(found.tar_at_far_1e3 >= 0.99, `TAR ${found.tar_at_far_1e3}`);
    assert.ok(found.tpir_at_fpir_1e2 >= 0.995, `TPIR ${found.tpir_at_fpir_1e2}`);
    // One per cent was wished for; the interval of what came of it must not lie above.
    const [least] = found.intervals["fpir_met_1e2"]!;
    assert.ok(least <= 0.01, `${found.fpir_met_1e2} of strangers were given a name`);
    console.log(JSON.stringify(found));
  },
});
