/**
 * What a sale in the lab's machine needs beforehand, made on the host since the machine is slow: a
 * film of a drawn shopper who stands at the till, and the template of the same face.
 */
import { fileURLToPath } from "node:url";
import { layOut } from "../../../hardware/simulated/plan.ts";
import { drawScene, type Scene } from "../../../hardware/simulated/scene.ts";
import { picture_height, picture_width, View } from "../../../hardware/simulated/view.ts";
import { rgbToYuyv } from "../../../hardware/simulated/yuyv.ts";
import { consoleLog, realClock } from "../../../runtime/main.ts";
import { openPerception } from "../../../runtime/perception/perception.ts";
import { loadModels, startWorker } from "../../../runtime/perception/spawn.ts";
import { portraits } from "../../demo/portraits.ts";
import { film } from "./store.ts";

/** Whose face it is. */
const identity = 4_711;
/** Drawn frames; the film goes through them and back. */
const frames = 90;
/** Between two frames, in the life of whoever is filmed: livelier than it is played. */
const step_ms = 40;

const model = (kind: string) =>
  fileURLToPath(new URL(`../../../models/drawn-${kind}.json`, import.meta.url));

/** Writes `film.yuyv` and `template.json`. */
export async function prepareSale(folder: string): Promise<void> {
  await writeFilm(`${folder}/film.yuyv`);
  const models = await loadModels({ detector: model("detector"), embedder: model("embedder") });
  const perception = await openPerception({
    models,
    start: startWorker,
    clock: realClock,
    log: consoleLog,
  });
  const template = await perception.enrol(portraits(identity));
  await perception.close();
  const text = JSON.stringify({ ...template, values: [...template.values] });
  await Deno.writeTextFile(`${folder}/template.json`, text);
}

/** Somebody who stands at the pay position and is never quite still; to its end and back, so that
 * it can be played again and again without a jump. */
async function writeFilm(path: string): Promise<void> {
  const plan = layOut({
    lanes: [{ id: "1", zone: "tills", camera: "till-1" }],
    beacons: [{ hardware_id: "riverside-b1", zone: "tills" }],
  });
  const view = new View(plan.cameras[0]!, "lab");
  const body = {
    ...plan.lanes[0]!.pay_position,
    person: { shopper: "Ana", identity },
    doing: "paying" as const,
    heading: undefined,
  };
  const drawn = Array.from(
    { length: frames },
    (_, at) => rgbToYuyv(drawScene(enlarged(view.scene([body], at * step_ms, at)))),
  );
  const file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  for (const frame of [...drawn, ...drawn.toReversed()]) await writer.write(frame);
  await writer.close();
}

/** The same scene in the film's size. */
function enlarged(scene: Scene): Scene {
  const { width, height } = film;
  const scale = Math.min(width / picture_width, height / picture_height);
  const people = scene.people.map((person) => ({
    ...person,
    x: person.x * scale,
    y: person.y * scale,
    size: person.size * scale,
  }));
  return { ...scene, width, height, people };
}
