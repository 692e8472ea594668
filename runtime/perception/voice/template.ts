/**
 * What is kept of a voice: the digits and the phrase as their owner spoke them when enrolling.
 * It serves to choose among accounts in range; it never authenticates anybody by itself.
 */
import { RuntimeError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { wordsIn } from "./endpoint.ts";
import { featuresOf, FRAME_DIM, type Frames, joinFrames, wipeFrames } from "./features.ts";
import { atVoiceRate, type Sound } from "./sound.ts";
import { warpCost } from "./warp.ts";

/** How voices are compared, what they are made of, and which edition of both. */
export const voiceModel = { model: "mfcc-dtw", preset: "8k-mel26-cep13-mean", version: 1 } as const;

/** A digit, or the account's own phrase. */
export type EnrolledWord = number | "phrase";

/** Where one spoken word stands in a template's values, in frames. */
export interface EnrolledTake {
  readonly word: EnrolledWord;
  readonly from: number;
  readonly count: number;
}

/** A voice. All numbers that came from it lie in `values` and `spreads`, and are biometric. */
export interface VoiceTemplate {
  readonly model: string;
  readonly preset: string;
  readonly version: number;
  readonly takes: readonly EnrolledTake[];
  /** Frames of all takes, one after another. */
  readonly values: Float32Array<ArrayBuffer>;
  /** How far this person's takes of the same lie from each other: of digits, of the phrase. */
  readonly spreads: Float32Array<ArrayBuffer>;
}

/** One recording of an enrolment: digits in the order asked for, with pauses, or the phrase. */
export interface EnrolmentRecording {
  readonly sound: Sound;
  readonly said: readonly number[] | "phrase";
}

/** Takes of each digit, and of a phrase if there is one, that an enrolment needs. */
const LEAST_TAKES = 3;

/** How many of the nearest takes speak for a word: with one, chance would choose it. */
const NEAREST = 2;

/**
 * Makes a template from recordings that together hold every digit `LEAST_TAKES` times or more and
 * the phrase as often or not at all. Throws `request_invalid` that says what to record again.
 */
export function enrolVoice(recordings: readonly EnrolmentRecording[]): VoiceTemplate {
  if (recordings.length > limits.voice_recordings) {
    throw refused(`${recordings.length} recordings, at most ${limits.voice_recordings} are taken`);
  }
  const spoken: { word: EnrolledWord; frames: Frames }[] = [];
  try {
    for (const recording of recordings) spoken.push(...wordsOf(recording));
    if (spoken.length > limits.voice_takes) {
      throw refused(`${spoken.length} words, at most ${limits.voice_takes} are taken`);
    }
    const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => takesOf(spoken, digit).length);
    const rarest = counts.indexOf(Math.min(...counts));
    if (counts[rarest]! < LEAST_TAKES) {
      throw refused(`the digit ${rarest} was said ${counts[rarest]} times, not ${LEAST_TAKES}`);
    }
    const phrases = takesOf(spoken, "phrase").length;
    if (phrases > 0 && phrases < LEAST_TAKES) {
      throw refused(`the phrase was said ${phrases} times, not ${LEAST_TAKES}`);
    }
    const joined = joinFrames(spoken.map(({ frames }) => frames));
    let from = 0;
    const takes = spoken.map(({ word, frames: { count } }) => {
      from += count;
      return { word, from: from - count, count };
    });
    const spreads = new Float32Array([
      spreadOf(spoken.filter(({ word }) => word !== "phrase")),
      phrases === 0 ? 0 : spreadOf(spoken.filter(({ word }) => word === "phrase")),
    ]);
    return { ...voiceModel, takes, values: joined.values, spreads };
  } finally {
    wipeFrames(spoken.map(({ frames }) => frames));
  }
}

/** Throws `model_invalid` unless the template was made as voices are compared now, and
 * `request_invalid` unless it is whole and within bounds. */
export function checkVoiceTemplate(template: VoiceTemplate): void {
  const { model, preset, version, takes, values, spreads } = template;
  if (
    model !== voiceModel.model || preset !== voiceModel.preset || version !== voiceModel.version
  ) {
    throw new RuntimeError(
      "model_invalid",
      `a voice of ${model}/${preset}/${version} cannot be compared with ${voiceModel.model}/` +
        `${voiceModel.preset}/${voiceModel.version}; enrol again`,
    );
  }
  const frames = values.length / FRAME_DIM;
  const most = (word: EnrolledWord) =>
    word === "phrase" ? limits.voice_phrase_frames : limits.voice_word_frames;
  const whole = takes.length <= limits.voice_takes && spreads.length === 2 &&
    spreads[0]! > 0 &&
    takes.every(({ word, from, count }) =>
      (word === "phrase" || (Number.isInteger(word) && word >= 0 && word <= 9)) &&
      Number.isInteger(from) && Number.isInteger(count) &&
      from >= 0 && count > 0 && count <= most(word) && from + count <= frames
    ) && values.every(Number.isFinite) && spreads.every(Number.isFinite);
  if (!whole) throw refused("the voice template is damaged");
}

/** Overwrites the voice with zeros; the template is of no use afterwards. */
export function wipeVoiceTemplate(template: VoiceTemplate): void {
  template.values.fill(0);
  template.spreads.fill(0);
}

/** How unlike an utterance is to the takes of a word; Infinity where there are none. */
export function costOf(frames: Frames, template: VoiceTemplate, word: EnrolledWord): number {
  const costs = template.takes.filter((take) => take.word === word).map(({ from, count }) => {
    const values = template.values.subarray(from * FRAME_DIM, (from + count) * FRAME_DIM);
    return warpCost(frames, { count, values });
  });
  return nearest(costs);
}

function nearest(costs: readonly number[]): number {
  const near = costs.toSorted((a, b) => a - b).slice(0, NEAREST);
  return near.length === 0 ? Infinity : near.reduce((sum, cost) => sum + cost, 0) / near.length;
}

/** The words of one recording, in frames that share the recording's mean. */
function wordsOf({ sound, said }: EnrolmentRecording): { word: EnrolledWord; frames: Frames }[] {
  const samples = atVoiceRate(sound);
  try {
    const heard = framesOf(samples, said === "phrase" ? undefined : said.length);
    if (said === "phrase") {
      const phrase = joinFrames(heard);
      wipeFrames(heard);
      return [bounded("phrase", phrase, limits.voice_phrase_frames)];
    }
    if (heard.length !== said.length) {
      wipeFrames(heard);
      throw refused(`${heard.length} words were heard where ${said.length} were asked for`);
    }
    return heard.map((frames, i) => bounded(said[i]!, frames, limits.voice_word_frames));
  } finally {
    samples.fill(0);
  }
}

/** The words of a sound at the voice rate, each in its frames; as many as `count` if it can be. */
export function framesOf(samples: Float32Array, count?: number): Frames[] {
  return featuresOf(samples, wordsIn(samples, count));
}

function bounded(word: EnrolledWord, frames: Frames, most: number) {
  if (frames.count >= 1 && frames.count <= most) return { word, frames };
  wipeFrames([frames]);
  throw refused(
    frames.count === 0 ? "nothing was heard" : `one word took more than ${most / 100} s`,
  );
}

function takesOf(spoken: readonly { word: EnrolledWord; frames: Frames }[], word: EnrolledWord) {
  return spoken.filter((one) => one.word === word);
}

/** The middle cost of each take beside the others of its word. */
function spreadOf(spoken: readonly { word: EnrolledWord; frames: Frames }[]): number {
  const costs = spoken.map((one) =>
    nearest(
      takesOf(spoken, one.word).filter((other) => other !== one)
        .map((other) => warpCost(one.frames, other.frames)),
    )
  ).sort((a, b) => a - b);
  return costs[costs.length >> 1]!;
}

function refused(problem: string): RuntimeError {
  return new RuntimeError(
    "request_invalid",
    `this voice cannot be enrolled: ${problem}; record again, with a short pause between words`,
  );
}
