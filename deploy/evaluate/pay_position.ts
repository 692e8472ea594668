/**
 * `deno task calibrate --pay-position LANE`: somebody stands where people pay, and what the lane's
 * camera sees of them becomes the lane's `pay_position` in the store's configuration.
 */
import { basename, dirname, join, resolve } from "node:path";
import { HardwareError } from "../../hardware/errors.ts";
import type { Frame } from "../../hardware/ports.ts";
import { readPicture } from "../../hardware/recorded/folder.ts";
import { SimulatedCamera } from "../../hardware/simulated/camera.ts";
import { layOut } from "../../hardware/simulated/plan.ts";
import { type Config, parseConfig } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock } from "../../runtime/main.ts";
import type { Shown } from "../../runtime/perception/picture.ts";
import {
  type Middle,
  PlaceGauge,
  type PlaceMeasure,
} from "../../runtime/perception/place_measure.ts";
import { openModels, readOptions, wholeWithin } from "./options.ts";
import { table } from "./report.ts";

const placeUsage = `usage: deno task calibrate --pay-position LANE --config FILE [--write]
         [--frames 40] [--pictures DIR]
One person stands where people pay at the lane, and looks at its camera. Prints the lane's
pay_position; --write puts it into the configuration. --pictures takes the camera's pictures from a
folder (PGM, PNG or JPEG).`;

const spec = {
  "pay-position": { type: "string" },
  config: { type: "string" },
  frames: { type: "string" },
  pictures: { type: "string" },
  write: { type: "boolean" },
} as const;

/** True when the arguments ask for a place. */
export function asksForPlace(args: readonly string[]): boolean {
  return args.some((one) => one === "--pay-position" || one.startsWith("--pay-position="));
}

/** Runs the command and says what it found. Throws `RangeError`, `RuntimeError` or `HardwareError`
 * with one line for whoever called it. */
export async function calibratePlace(
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const options = readOptions(args, spec, placeUsage);
  const id = options["pay-position"];
  if (id === undefined || options.config === undefined) throw new RangeError(placeUsage);
  const frames = wholeWithin("frames", options.frames, 40, [12, 10_000]);
  const file = resolve(options.config);
  const text = await Deno.readTextFile(file);
  const config = parseConfig(text, { folder: dirname(file) });
  const index = config.lanes.findIndex((lane) => lane.id === id);
  if (index < 0) {
    const known = config.lanes.map((lane) => lane.id).join(", ");
    throw new RangeError(`there is no lane ${id} in ${options.config}; name one of ${known}`);
  }
  const { detector, embedder } = config.perception;
  const named = detector === "drawn" ? {} : { detector, embedder };
  const { networks } = await openModels(named, true);
  const gauge = new PlaceGauge();
  const shown = options.pictures === undefined
    ? camera(config, index, frames)
    : pictures(resolve(options.pictures), frames);
  for await (const picture of shown) gauge.see(await networks.faces(picture), picture);
  const measure = gauge.measure();
  say(placeReport(id, measure));
  if (options.write !== true) return;
  await write(file, text, index, measure);
  say(`written to ${options.config}`);
}

/** Frames of the lane's camera. */
async function* camera(config: Config, index: number, count: number): AsyncGenerator<Frame> {
  const lane = config.lanes[index]!;
  const { device } = config.cameras.find((one) => one.id === lane.camera)!;
  if (device.kind !== "simulated") {
    throw new RangeError(
      `camera ${lane.camera} is ${device.kind} and shows no person at the place; take pictures ` +
        `with it and give their folder with --pictures`,
    );
  }
  const plan = layOut(config);
  const place = plan.lanes.find((one) => one.id === lane.id)!.pay_position;
  const somebody = { shopper: "calibration", identity: 3_950_000_000 };
  const device_seen = new SimulatedCamera({
    plan: plan.cameras.find((one) => one.id === lane.camera)!,
    seed: "calibration",
    clock: realClock,
    frames_per_s: 10,
    bodies: () => [{ ...place, person: somebody, doing: "paying", heading: undefined }],
  });
  const stop = new AbortController();
  let left = count;
  for await (const frame of device_seen.frames(stop.signal)) {
    yield frame;
    if (--left === 0) stop.abort();
  }
}

async function* pictures(folder: string, most: number): AsyncGenerator<Shown> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && !name.startsWith(".")) names.push(name);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unreadable";
    throw new HardwareError("device_missing", `${folder} cannot be read (${reason}); name another`);
  }
  for (const name of names.sort().slice(0, most)) yield await readPicture(join(folder, name));
}

/** Puts the place into the file, whole or not at all. */
async function write(
  file: string,
  text: string,
  index: number,
  { place }: PlaceMeasure,
): Promise<void> {
  const written = JSON.parse(text) as { lanes: Record<string, unknown>[] };
  written.lanes[index] = { ...written.lanes[index], pay_position: place };
  const changed = `${JSON.stringify(written, null, 2)}\n`;
  parseConfig(changed, { folder: dirname(file) });
  const draft = join(dirname(file), `.${basename(file)}.${crypto.randomUUID()}`);
  try {
    await Deno.writeTextFile(draft, changed);
    await Deno.rename(draft, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RuntimeError("disk_failed", `${file} cannot be written (${reason})`);
  }
}

/** What was seen, and the field of the configuration. */
function placeReport(lane: string, measure: PlaceMeasure): string {
  const row = (
    name: string,
    { median, spread }: Middle,
  ) => [name, median.toFixed(3), spread.toFixed(3)];
  return `${measure.frames} frames with one face, ${measure.empty} without, ${measure.crowded} ` +
    `with several.\n\n` + table([
      ["", "median", "spread"],
      row("place across", measure.x),
      row("place down", measure.y),
      row("width of the face", measure.width),
      row("turn of the head", measure.turn),
      row("tilt, degrees", measure.tilt_degrees),
    ]) + `\n\nlane ${lane}: "pay_position": ${JSON.stringify(measure.place)}`;
}
