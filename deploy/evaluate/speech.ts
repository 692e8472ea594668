/**
 * `deno task evaluate --speech DIR`: how often do prompted digits choose the right account, and
 * how often are wrong ones taken? Sound goes through the same functions as at a lane.
 */
import type { Recording } from "../../hardware/recorded/wav.ts";
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import {
  decideVoice,
  digitCosts,
  hearWords,
  scoreDigits,
  voiceRule,
  type VoiceVerdict,
} from "../../runtime/perception/voice/decide.ts";
import { wipeFrames } from "../../runtime/perception/voice/features.ts";
import {
  PROMPT_BYTES,
  promptDigits,
  type VoicePrompt,
} from "../../runtime/perception/voice/prompt.ts";
import {
  type EnrolmentRecording,
  enrolVoice,
  type VoiceTemplate,
} from "../../runtime/perception/voice/template.ts";
import { type Interval, wilson } from "./metrics.ts";
import { type Speaker, spokenInARow, throughAnother } from "./speech_takes.ts";

export interface SpeechOptions {
  /** Recordings of all ten digits that enrol somebody. */
  readonly enrol: number;
  /** Prompted digits of an answer. */
  readonly digits: number;
  /** Answers of each speaker in each split. */
  readonly answers: number;
  /** How often enrolled takes and others are drawn anew. */
  readonly splits: number;
  readonly seed: number;
}

/** How often something happened, of how many trials, and between which rates that lies at 95 %. */
export interface Rate {
  readonly share: number;
  readonly hits: number;
  readonly trials: number;
  readonly interval: Interval;
}

/** What a run found. */
export interface SpeechFigures extends SpeechOptions {
  readonly speakers: number;
  readonly takes: number;
  /** Answers that chose who spoke, of all: to name nobody is a failure too. */
  readonly right_account: Rate;
  readonly wrong_account: Rate;
  /** Why nobody was named, of the answers that were given rightly. */
  readonly unnamed: Readonly<Record<string, number>>;
  /** Answers to another prompt that were taken, whoever was chosen. */
  readonly wrong_digits: Rate;
  /** Answers with just one wrong digit that were taken. */
  readonly one_wrong_digit: Rate;
  /** Answers of somebody who is not among the accounts that chose one of them. */
  readonly strangers: Rate;
  /** `right_account` for every third answer, heard through another, simulated microphone. */
  readonly other_microphone: Rate;
}

/** One answer of so many is heard through another microphone as well. */
const ANOTHER_EVERY = 3;

/** Counts one kind of trial. */
class Count {
  #hits = 0;
  #trials = 0;

  add(hit: boolean): void {
    this.#trials++;
    if (hit) this.#hits++;
  }

  rate(): Rate {
    const [hits, trials] = [this.#hits, this.#trials];
    return {
      share: trials === 0 ? NaN : hits / trials,
      hits,
      trials,
      interval: wilson(hits, trials),
    };
  }
}

const counts = () => ({
  right_account: new Count(),
  wrong_account: new Count(),
  wrong_digits: new Count(),
  one_wrong_digit: new Count(),
  strangers: new Count(),
  other_microphone: new Count(),
});

interface Tally extends ReturnType<typeof counts> {
  readonly unnamed: Record<string, number>;
}

/** A speaker of one split: enrolled with some takes, heard with the others. */
interface Enrolled {
  readonly name: string;
  readonly template: VoiceTemplate;
  readonly others: readonly (readonly Recording[])[];
}

/** Runs the evaluation. Throws `RangeError` when takes cannot be heard, and what `enrolVoice`
 * throws. */
export function evaluateSpeech(
  speakers: readonly Speaker[],
  options: SpeechOptions,
): SpeechFigures {
  const tally: Tally = { ...counts(), unnamed: {} };
  for (let split = 0; split < options.splits; split++) {
    const chance = chanceOf(`${options.seed}/${split}`);
    const enrolled = speakers.map((speaker) => enrol(speaker, options.enrol, chance));
    for (const speaker of enrolled) {
      for (let i = 0; i < options.answers; i++) {
        const again = i % ANOTHER_EVERY === 0;
        tryAnswer(speaker, enrolled, { ...options, again }, chance, tally);
      }
    }
  }
  const { unnamed, ...counted } = tally;
  return {
    ...options,
    speakers: speakers.length,
    takes: speakers.reduce((sum, { takes }) => sum + takes.flat().length, 0),
    right_account: counted.right_account.rate(),
    wrong_account: counted.wrong_account.rate(),
    unnamed,
    wrong_digits: counted.wrong_digits.rate(),
    one_wrong_digit: counted.one_wrong_digit.rate(),
    strangers: counted.strangers.rate(),
    other_microphone: counted.other_microphone.rate(),
  };
}

/** Enrols with takes drawn from all; a recording that is refused is spoken again with others, as
 * a shopper would be asked to. */
function enrol(speaker: Speaker, count: number, chance: Chance): Enrolled {
  const orders = speaker.takes.map((takes) => shuffled(takes, chance));
  const said = shuffled([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], chance);
  const recordings: EnrolmentRecording[] = [];
  let used = 0;
  // Half of the takes are left to be heard.
  while (recordings.length < count && used < orders[0]!.length / 2) {
    const takes = said.map((digit) => orders[digit]![used]!);
    used++;
    const sound = spokenInARow(takes, chance);
    const words = hearWords(sound, { kind: "digits", digits: said });
    if (words === undefined) continue;
    wipeFrames(words);
    recordings.push({ sound, said });
  }
  if (recordings.length < count) {
    throw new RangeError(`${speaker.name} could not be heard; are the takes cut to their words?`);
  }
  const others = orders.map((order) => order.slice(used));
  return { name: speaker.name, template: enrolVoice(recordings), others };
}

function shuffled<Of>(list: readonly Of[], chance: Chance): Of[] {
  return list.map((one) => ({ one, at: chance.next() })).sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

const draw = (count: number, chance: Chance): readonly number[] => {
  const bytes = Uint8Array.from({ length: PROMPT_BYTES }, () => chance.whole(256));
  const prompt = promptDigits(bytes, count);
  return prompt.kind === "digits" ? prompt.digits : [];
};

/** One answer, and all that can be asked of it: was it rightly given, what if other digits had
 * been prompted, what if its speaker had not enrolled. */
function tryAnswer(
  speaker: Enrolled,
  enrolled: readonly Enrolled[],
  options: SpeechOptions & { readonly again: boolean },
  chance: Chance,
  tally: Tally,
): void {
  const digits = draw(options.digits, chance);
  const takes = digits.map((digit) => chance.pick(speaker.others[digit]!));
  const sound = spokenInARow(takes, chance);
  const judge = answerJudge(sound, options.digits, enrolled);

  const verdict = judge(digits);
  const chosen = verdict.outcome === "chosen" ? verdict.visit : undefined;
  tally.right_account.add(chosen === speaker.name);
  tally.wrong_account.add(chosen !== undefined && chosen !== speaker.name);
  if (verdict.outcome === "unknown") {
    tally.unnamed[verdict.reason] = (tally.unnamed[verdict.reason] ?? 0) + 1;
  }

  let other = draw(options.digits, chance);
  while (other.join() === digits.join()) other = draw(options.digits, chance);
  tally.wrong_digits.add(judge(other).outcome === "chosen");
  const place = chance.whole(options.digits);
  const free = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((digit) => !digits.includes(digit));
  const spoilt = digits.with(place, chance.pick(free));
  tally.one_wrong_digit.add(judge(spoilt).outcome === "chosen");

  if (enrolled.length > 2) {
    tally.strangers.add(judge(digits, speaker.name).outcome === "chosen");
  }
  if (!options.again) return;
  const heard = answerJudge(throughAnother(sound, chance), options.digits, enrolled)(digits);
  tally.other_microphone.add(heard.outcome === "chosen" && heard.visit === speaker.name);
}

type Judge = (digits: readonly number[], without?: string) => VoiceVerdict;

/** Hears an answer once and judges it for any prompt of as many digits. */
function answerJudge(sound: Recording, count: number, enrolled: readonly Enrolled[]): Judge {
  const asked: VoicePrompt = { kind: "digits", digits: new Array<number>(count).fill(0) };
  const words = hearWords(sound, asked);
  if (words === undefined) {
    return () => ({ outcome: "unknown", reason: "word_count", authenticates: false });
  }
  const costs = enrolled.map(({ template }) => digitCosts(words, template));
  return (digits, without) => {
    const scores = enrolled.flatMap(({ name, template }, i) =>
      name === without ? [] : [scoreDigits(name, costs[i]!, digits, template)]
    );
    return decideVoice(scores, "digits", voiceRule);
  };
}
