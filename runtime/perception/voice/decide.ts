/**
 * Which of the accounts in range an answer was spoken by, or that none can be named. Voice only
 * chooses among people who are already known to be here and could be meant: it never authenticates
 * anybody by itself, and a spliced recording of the right digits deceives it.
 */
import { limits } from "../../limits.ts";
import { type Frames, joinFrames, wipeFrames } from "./features.ts";
import type { VoicePrompt } from "./prompt.ts";
import { atVoiceRate, type Sound } from "./sound.ts";
import { checkVoiceTemplate, costOf, framesOf, type VoiceTemplate } from "./template.ts";

/** An account in range that could be meant. */
export interface VoiceCandidate {
  readonly visit: string;
  readonly template: VoiceTemplate;
}

/** The declared rule. Costs are mean distances of frames, see `warpCost`. */
export interface VoiceRule {
  /** By what share the cost of the next account must lie above that of the best. */
  readonly margin: number;
  /** Most that a prompted digit may cost, in terms of the same voice's cheapest other digit. */
  readonly digit_tolerance: number;
  /** Most that an answer may cost, in terms of how far the voice's own takes lie apart. */
  readonly strangeness: number;
  readonly phrase_strangeness: number;
}

export const voiceRule: VoiceRule = {
  margin: 0.01,
  digit_tolerance: 1.14,
  strangeness: 1.35,
  phrase_strangeness: 1.5,
};

const ALL_DIGITS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Why nobody is named. */
export type VoiceUnknown =
  /** Fewer than two voices to compare: naming the only one would be to authenticate it. */
  | "no_choice"
  /** Another number of words than were asked for, or none. */
  | "word_count"
  | "wrong_words"
  | "strange_voice"
  | "no_margin";

/** `authenticates` is false for ever: whoever acts on a choice needs other evidence as well. */
export type VoiceVerdict =
  | {
    readonly outcome: "chosen";
    readonly visit: string;
    readonly among: number;
    readonly authenticates: false;
  }
  | { readonly outcome: "unknown"; readonly reason: VoiceUnknown; readonly authenticates: false };

/** What an answer says of one account. Biometric scores: for the decision only. */
export interface VoiceScore {
  readonly visit: string;
  /** Mean over the prompted words; Infinity where the account enrolled none. */
  readonly cost: number;
  /** `cost` in terms of the voice's own spread. */
  readonly strangeness: number;
  /** The worst prompted digit, in terms of the cheapest other digit; 0 for a phrase. Worked out
   * only when asked for: that takes ten times what `cost` takes. */
  worstDigit(): number;
}

/**
 * Judges one answer to one prompt. Throws what `atVoiceRate` and `checkVoiceTemplate` throw; the
 * frames of the answer are overwritten before it returns.
 */
export function judgeAnswer(
  sound: Sound,
  prompt: VoicePrompt,
  candidates: readonly VoiceCandidate[],
  rule: VoiceRule = voiceRule,
): VoiceVerdict {
  for (const { template } of candidates) checkVoiceTemplate(template);
  if (candidates.length < 2) return unknown("no_choice");
  const words = hearWords(sound, prompt);
  try {
    if (words === undefined) return unknown("word_count");
    const scores = candidates.map(({ visit, template }) =>
      prompt.kind === "phrase"
        ? scorePhrase(visit, words, template)
        : scoreDigits(visit, digitCosts(words, template), prompt.digits, template)
    );
    return decideVoice(scores, prompt.kind, rule);
  } finally {
    wipeFrames(words ?? []);
  }
}

/** The words of an answer, as many as were asked for; undefined when they are not there. */
export function hearWords(sound: Sound, prompt: VoicePrompt): Frames[] | undefined {
  const samples = atVoiceRate(sound);
  const count = prompt.kind === "digits" ? prompt.digits.length : undefined;
  const words = framesOf(samples, count);
  samples.fill(0);
  const longest = prompt.kind === "digits" ? limits.voice_word_frames : limits.voice_phrase_frames;
  const fits = prompt.kind === "digits"
    ? words.length === count && words.every((word) => word.count <= longest)
    : words.length > 0 && words.reduce((sum, word) => sum + word.count, 0) <= longest;
  if (fits) return words;
  wipeFrames(words);
  return undefined;
}

/** What a spoken word costs as a digit, by their places; each pair is worked out once. */
export type DigitCosts = (word: number, digit: number) => number;

/** The costs of an answer's words for one account. Reads `words` when it is asked. */
export function digitCosts(words: readonly Frames[], template: VoiceTemplate): DigitCosts {
  const known = new Map<number, number>();
  return (word, digit) => {
    const key = 10 * word + digit;
    const cost = known.get(key) ?? costOf(words[word]!, template, digit);
    known.set(key, cost);
    return cost;
  };
}

/** Scores an answer's words against the prompted digits. */
export function scoreDigits(
  visit: string,
  costs: DigitCosts,
  digits: readonly number[],
  template: Pick<VoiceTemplate, "spreads">,
): VoiceScore {
  const own = digits.map((digit, word) => costs(word, digit));
  const cost = own.reduce((sum, one) => sum + one, 0) / digits.length;
  const worstDigit = () =>
    digits.reduce((worst, prompted, word) => {
      const others = ALL_DIGITS.filter((digit) => digit !== prompted);
      return Math.max(worst, own[word]! / Math.min(...others.map((digit) => costs(word, digit))));
    }, 0);
  return { visit, cost, strangeness: cost / template.spreads[0]!, worstDigit };
}

function scorePhrase(visit: string, words: readonly Frames[], template: VoiceTemplate): VoiceScore {
  const phrase = joinFrames(words);
  const cost = costOf(phrase, template, "phrase");
  wipeFrames([phrase]);
  return { visit, cost, strangeness: cost / template.spreads[1]!, worstDigit: () => 0 };
}

/** The declared rule on the scores of all who could be meant. */
export function decideVoice(
  scores: readonly VoiceScore[],
  kind: VoicePrompt["kind"],
  rule: VoiceRule,
): VoiceVerdict {
  const [best, next] = scores.filter(({ cost }) => Number.isFinite(cost))
    .toSorted((a, b) => a.cost - b.cost);
  if (best === undefined || next === undefined) return unknown("no_choice");
  const most = kind === "phrase" ? rule.phrase_strangeness : rule.strangeness;
  if (!(best.strangeness <= most)) return unknown("strange_voice");
  if (!(next.cost >= best.cost * (1 + rule.margin))) return unknown("no_margin");
  if (!(best.worstDigit() <= rule.digit_tolerance)) return unknown("wrong_words");
  return { outcome: "chosen", visit: best.visit, among: scores.length, authenticates: false };
}

function unknown(reason: VoiceUnknown): VoiceVerdict {
  return { outcome: "unknown", reason, authenticates: false };
}
