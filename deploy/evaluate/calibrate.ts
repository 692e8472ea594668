/**
 * `deno task calibrate`: chooses the embedder's threshold on a store's own pictures, for how often
 * a stranger may pass against how many people, draws what it rests on, and writes the sidecar.
 */
import { join } from "node:path";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { EmbedderSidecar } from "../../runtime/perception/sidecar.ts";
import { enrolled, picturePairs, templatePairs } from "./compare.ts";
import { lookAtDrawn } from "./drawn.ts";
import { lookAtFolder } from "./faces.ts";
import {
  below,
  equalError,
  identificationRate,
  matchRateFor,
  misses,
  type Scores,
  wilson,
} from "./metrics.ts";
import { numberWithin, openModels, readOptions, runCommand, wholeWithin } from "./options.ts";
import { asksForPlace, calibratePlace } from "./pay_position.ts";
import { detPlot, scorePlot } from "./plots.ts";
import { percent, table } from "./report.ts";
import { asksForShadow, calibrateShadow } from "./shadow.ts";
import { writeThreshold } from "./sidecar_threshold.ts";
import { chooseThreshold, type Chosen } from "./tail.ts";

const usage =
  `usage: deno task calibrate --pairs DIR --detector MODEL --embedder MODEL [--fpir 0.001]
         [--fmr RATE] [--gallery 20] [--enrol 3] [--plots FOLDER]
       deno task calibrate --drawn [--people 100] [--plots FOLDER]
       deno task calibrate --shadow FILE --embedder MODEL [--fpir 0.001] [--write]
       deno task calibrate --pay-position LANE --config FILE [--write] [--pictures DIR]
DIR holds a folder for each person with pictures in PGM, PNG or JPEG; a MODEL is SIDECAR.json or
PRESET:FILE.onnx. The threshold is written to the embedder's sidecar, or to FILE.json beside a
preset's FILE.onnx. --fmr is the rate of one comparison, --fpir that of a whole gallery. --drawn
only draws plots: of drawn people and the models that come with the software. --shadow
takes what a store in shadow mode saw, --pay-position measures where a lane's customer stands.`;

const spec = {
  pairs: { type: "string" },
  drawn: { type: "boolean" },
  detector: { type: "string" },
  embedder: { type: "string" },
  fpir: { type: "string" },
  fmr: { type: "string" },
  gallery: { type: "string" },
  enrol: { type: "string" },
  people: { type: "string" },
  plots: { type: "string" },
} as const;

/** Runs the command. Throws as `evaluate` does. */
export async function calibrate(
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const options = readOptions(args, spec, usage);
  if ((options.pairs === undefined) === (options.drawn !== true)) throw new RangeError(usage);
  const gallery = wholeWithin("gallery", options.gallery, 20, [1, 100_000]);
  const enrol = wholeWithin("enrol", options.enrol, 3, [1, 16]);
  const count = wholeWithin("people", options.people, 100, [6, 10_000]);
  const fpir = numberWithin("fpir", options.fpir, 1e-3, [1e-6, 0.5]);
  const fmr = numberWithin("fmr", options.fmr, matchRateFor(fpir, gallery), [1e-9, 0.5]);
  const { networks, embedder } = await openModels(options, options.drawn === true);
  const { people, missed } = options.pairs === undefined
    ? await lookAtDrawn(networks, count, 8)
    : await lookAtFolder(networks, options.pairs);
  if (missed.length > 0) say(`no face was found in ${missed.length} pictures`);
  const known = templatePairs(enrolled(people, enrol));
  if (known.own.length === 0) {
    throw new RangeError(`nobody has more than ${enrol} pictures with a face; bring more`);
  }
  const chosen = chooseThreshold(known.others, fmr);
  say(reportOf(known, chosen, fmr, gallery));
  if (options.plots !== undefined) {
    const pairs = picturePairs(people, chanceOf("calibrate"));
    const drawn = await draw(options.plots, embedder.sidecar, people.length, pairs, known, chosen);
    for (const path of drawn) say(`drawn: ${path}`);
  }
  if (options.pairs === undefined) return;
  const written = await writeThreshold(options.embedder!, embedder.sidecar, chosen, {
    fmr,
    gallery,
    enrol,
    people: people.length,
    comparisons: known.others.length,
    basis: chosen.basis,
  });
  say(`the threshold ${written.threshold} is written to ${written.path}`);
}

/** What the threshold does, at several sizes of gallery. */
function reportOf(known: Scores, { threshold, basis }: Chosen, fmr: number, wanted: number) {
  const sizes = [...new Set([1, 5, 20, 100, 500, wanted])].sort((a, b) => a - b);
  const rows = sizes.map((size) => [`${size}`, percent(identificationRate(fmr, size), 3)]);
  const how = basis === "counted"
    ? "counted"
    : `fitted to the highest tenth: too rare to be counted in ${known.others.length} comparisons`;
  return `threshold ${threshold.toFixed(3)}: one comparison with a stranger in ` +
    `${Math.round(1 / fmr)} matches (${how}),\n${percent(misses(known, threshold))} of ` +
    `${known.own.length} probes miss their own template; equal error ` +
    `${percent(equalError(known))}\n${oneToOne(known, threshold)}\n\n` +
    table([["people in range", "a stranger is taken for one of them"], ...rows]);
}

/** What the threshold is worth where a face is held against one template alone. */
function oneToOne(known: Scores, threshold: number): string {
  const rate = (hits: number, of: number) => {
    const [low, high] = wilson(hits, of);
    return `${hits} of ${of} (${percent(hits / of)}; at 95 %, ${percent(low)} to ${percent(high)})`;
  };
  const { own, others } = known;
  const distance = Math.floor((1 - threshold) * 1000 + 1e-6);
  const accepted = others.length - below(others, threshold);
  return `one to one, as for a change of account data (--change-distance ${distance}): false ` +
    `accepts ${rate(accepted, others.length)},\nfalse rejects ` +
    rate(below(own, threshold), own.length);
}

async function draw(
  folder: string,
  sidecar: EmbedderSidecar,
  people: number,
  pairs: Scores,
  known: Scores,
  { threshold }: Chosen,
): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const about = `${sidecar.preset}, ${sidecar.file}, ${people} people`;
  const sets = [
    { name: "picture with template", scores: known },
    { name: "picture with picture", scores: pairs },
  ];
  const plots = {
    "det.svg": detPlot(`Error trade-off: ${about}`, sets),
    "scores.svg": scorePlot(`Scores with templates: ${about}`, known, threshold),
  };
  return await Promise.all(
    Object.entries(plots).map(async ([name, plot]) => {
      await Deno.writeTextFile(join(folder, name), plot);
      return join(folder, name);
    }),
  );
}

/** The command that the arguments ask for. */
function commandFor(args: readonly string[]): typeof calibrate {
  if (asksForPlace(args)) return calibratePlace;
  return asksForShadow(args) ? calibrateShadow : calibrate;
}

if (import.meta.main) await runCommand((args, say) => commandFor(args)(args, say));
