/**
 * `deno task evaluate`: how good are these models on these people? Pictures go through the same
 * functions as at a lane; what comes out are the field's own figures, with their intervals.
 */
import { evaluateDetector } from "../model/evaluate.ts";
import { openModel } from "../model/session.ts";
import type { Inference } from "../../runtime/perception/inference.ts";
import { findsLandmarks } from "../../runtime/perception/sidecar.ts";
import { asksForAttacks, runAttacks } from "./attacks_report.ts";
import { lookAtDrawn, showStrangers, type Strangers } from "./drawn.ts";
import { lookAtFolder } from "./faces.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { type Opened, openModels, readOptions, runCommand, wholeWithin } from "./options.ts";
import { asksForQueues, runQueues } from "./queues_report.ts";
import { percent, reportOf, strangersReport } from "./report.ts";
import { asksForSpeech, runSpeech } from "./speech_report.ts";

const usage =
  `usage: deno task evaluate --faces DIR --detector MODEL --embedder MODEL [--enrol 3] [--json]
       deno task evaluate --drawn [--people 100] [--strangers 0] [--enrol 3] [--json]
       deno task evaluate --attacks [--presentations 40] [--turns 3] [--seed S]
         [--proof motion|depth|challenge|graded] [--without CUES | --ablate] [--json]
       deno task evaluate --queues N [--seed S] [--json]
       deno task evaluate --speech DIR [--enrol 5] [--digits 4] [--json]
DIR holds a folder for each person with pictures in PGM, PNG or JPEG, or, for --speech, files named
DIGIT_SPEAKER_TAKE.wav; a MODEL is SIDECAR.json or PRESET:FILE.onnx. --drawn shows
drawn people to the models that come with the software; --attacks shows them drawn pictures, masks
and screens instead of people, and living people. CUES are some of stillness,
parallax,shimmer,surroundings,flicker,challenge; --ablate takes each away in turn.
--queues plays drawn queues: a stranger at the pay position, and somebody else who has checked in.`;

const spec = {
  faces: { type: "string" },
  drawn: { type: "boolean" },
  detector: { type: "string" },
  embedder: { type: "string" },
  enrol: { type: "string" },
  splits: { type: "string" },
  people: { type: "string" },
  strangers: { type: "string" },
  json: { type: "boolean" },
} as const;

/** What a run on drawn people tells besides. */
interface DrawnFigures {
  readonly detector_recall: number;
  readonly false_faces_per_picture: number;
  readonly strangers?: Strangers;
}

type Say = (line: string) => void;

/** Runs the command and says what it found. Throws `RuntimeError`, `HardwareError` or `RangeError`
 * with one line for whoever called it. */
export async function evaluate(
  args: readonly string[],
  say: Say,
  inference?: Inference,
): Promise<void> {
  const options = readOptions(args, spec, usage);
  const enrol = wholeWithin("enrol", options.enrol, 3, [1, 16]);
  const splits = wholeWithin("splits", options.splits, 200, [10, 10_000]);
  const people = wholeWithin("people", options.people, 100, [6, 10_000]);
  const strangers = wholeWithin("strangers", options.strangers, 0, [0, 1_000_000]);
  if ((options.faces === undefined) === (options.drawn !== true)) throw new RangeError(usage);
  const opened = await openModels(options, options.drawn === true, inference);
  const { networks, models } = opened;
  const tell: Say = options.json === true ? () => {} : say;
  for (const warning of warnings(opened, options.faces !== undefined)) console.error(warning);
  const seen = options.faces === undefined
    ? await lookAtDrawn(networks, people, 8)
    : await lookAtFolder(networks, options.faces);
  for (const name of seen.missed) tell(`no face found: ${name}`);
  const figures: Figures = figuresOf(seen, enrol, splits);
  tell(reportOf(figures));
  let further: DrawnFigures | undefined;
  if (options.faces === undefined) {
    const scenes = await openModel(opened.models.detector.bytes);
    const found = await evaluateDetector(scenes, models.detector.sidecar.threshold, 100, "scenes");
    await scenes.release();
    tell(
      `\nOf ${found.faces} faces in ${found.pictures} scenes ${
        percent(found.recall)
      } were found, ` +
        `with ${found.false_positives_per_picture.toFixed(3)} false ones a picture.`,
    );
    const shown = strangers === 0 ? undefined : await showStrangers(networks, seen.people, {
      probes: strangers,
      gallery: Math.min(20, seen.people.length),
      enrol,
      rates: [1e-2, 1e-3, 1e-4].filter((rate) => rate * strangers >= 1),
      progress: (done) => console.error(`${done} strangers`),
    });
    if (shown !== undefined) tell(`\n${strangersReport(shown)}`);
    further = {
      detector_recall: found.recall,
      false_faces_per_picture: found.false_positives_per_picture,
      ...(shown === undefined ? {} : { strangers: shown }),
    };
  }
  if (options.json === true) say(JSON.stringify({ ...figures, ...further }));
}

/** What whoever reads the figures must know of the models. */
function* warnings({ models }: Opened, real: boolean): Generator<string> {
  if (real && models.drawn) yield "these models know drawn faces only; the figures say nothing";
  if (!findsLandmarks(models.detector.sidecar)) {
    yield "this detector finds no landmarks: faces are aligned by their boxes, which is poorer";
  }
}

/** The command that the arguments ask for. */
function commandFor(args: readonly string[]): typeof evaluate {
  if (asksForSpeech(args)) return runSpeech;
  if (asksForAttacks(args)) return runAttacks;
  return asksForQueues(args) ? runQueues : evaluate;
}

/** The command as it is called: its models run on `inference`, else on onnxruntime-web. */
export async function run(inference?: () => Promise<Inference>): Promise<void> {
  await runCommand(async (args, say) => commandFor(args)(args, say, await inference?.()));
}

if (import.meta.main) await run();
