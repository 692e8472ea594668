/** What `deno task evaluate --speech` takes and prints. */
import { numberWithin, readOptions, wholeWithin } from "./options.ts";
import { percent, table } from "./report.ts";
import { evaluateSpeech, type Rate, type SpeechFigures } from "./speech.ts";
import { readSpeakers } from "./speech_takes.ts";

const speechUsage =
  `usage: deno task evaluate --speech DIR [--enrol 5] [--digits 4] [--answers 100] [--splits 2]
         [--seed 1] [--json]
DIR holds spoken digits in files named DIGIT_SPEAKER_TAKE.wav.`;

const spec = {
  speech: { type: "string" },
  enrol: { type: "string" },
  digits: { type: "string" },
  answers: { type: "string" },
  splits: { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
} as const;

/** True when the arguments ask for speech. */
export function asksForSpeech(args: readonly string[]): boolean {
  return args.some((one) => one === "--speech" || one.startsWith("--speech="));
}

/** Runs the command and says what it found. Throws `RangeError` for arguments that make no sense,
 * `HardwareError` and `RuntimeError` for takes that cannot be used. */
export async function runSpeech(
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const options = readOptions(args, spec, speechUsage);
  if (options.speech === undefined) throw new RangeError(speechUsage);
  const enrol = wholeWithin("enrol", options.enrol, 5, [3, 8]);
  const chosen = {
    enrol,
    digits: wholeWithin("digits", options.digits, 4, [1, 9]),
    answers: wholeWithin("answers", options.answers, 100, [1, 100_000]),
    splits: wholeWithin("splits", options.splits, 2, [1, 1_000]),
    seed: numberWithin("seed", options.seed, 1, [0, Number.MAX_SAFE_INTEGER]),
  };
  const figures = evaluateSpeech(await readSpeakers(options.speech, 2 * enrol), chosen);
  say(options.json === true ? JSON.stringify(figures) : speechReport(figures));
}

/** The table of a run. */
export function speechReport(figures: SpeechFigures): string {
  const { speakers, enrol, digits, unnamed } = figures;
  const row = (name: string, { hits, trials, share, interval: [low, high] }: Rate) =>
    trials === 0
      ? [name, "", "-", ""]
      : [name, `${hits} of ${trials}`, percent(share), `${percent(low)} to ${percent(high)}`];
  const rows = [
    row(`right account of ${speakers}`, figures.right_account),
    row("wrong account", figures.wrong_account),
    row("right account, another microphone (simulated)", figures.other_microphone),
    row("taken: the digits of another prompt", figures.wrong_digits),
    row("taken: one wrong digit", figures.one_wrong_digit),
    row(`taken: a stranger, ${speakers - 1} others in range`, figures.strangers),
  ];
  const reasons = Object.entries(unnamed).map(([reason, count]) => `${reason} ${count}`);
  return `${speakers} speakers, ${figures.takes} takes; each said the ten digits ${enrol} times ` +
    `to enrol, then ${digits} prompted ones.\n\n` +
    `${table([["", "answers", "", "at 95 %"], ...rows])}\n\n` +
    `Nobody was named: ${reasons.join(", ") || "never"}.\n` +
    "Answers of one speaker are no independent trials: with few speakers the true intervals are\n" +
    "wider. Voice only chooses among accounts in range; a spliced recording deceives it.";
}
