/**
 * Voices made of tones: each digit is a swinging chord, each voice has resonances of its own, and
 * every take differs a little. Enough to tell words and voices apart, and no more.
 */
import { type Chance, chanceOf } from "../../../hardware/simulated/chance.ts";
import type { Sound } from "./sound.ts";
import { type EnrolmentRecording, enrolVoice, type VoiceTemplate } from "./template.ts";

export interface ToneOptions {
  readonly rate_hz?: number;
  readonly pause_s?: number;
  /** How loud the room is, beside speech. */
  readonly noise?: number;
}

/** Words, by number, as a voice says them. */
export function spoken(
  voice: number,
  words: readonly number[],
  seed: string,
  { rate_hz = 8000, pause_s = 0.3, noise = 0.01 }: ToneOptions = {},
): Sound {
  const chance = chanceOf(seed);
  const pause = Array.from({ length: Math.round(rate_hz * pause_s) }, () => 0);
  const signal = words.flatMap((word) => [...pause, ...toneWord(voice, word, rate_hz, chance)]);
  const samples = Int16Array.from(
    [...signal, ...pause],
    (value) => Math.round(8000 * (value + chance.normal(0, noise))),
  );
  return { rate_hz, samples };
}

/** One word: two formants that swing by word, over a pitch and a tilt that are the voice's. */
function toneWord(voice: number, word: number, rate_hz: number, chance: Chance): number[] {
  const length = Math.round(rate_hz * (0.3 + 0.02 * (word % 4)) * chance.between(0.9, 1.1));
  const pitch_hz = (100 + 27 * voice) * chance.between(0.94, 1.06);
  const scale = (1 + 0.09 * voice) * chance.between(0.96, 1.04);
  // Formants swing about the same middle in every word, so that words differ and means do not.
  const swing = (share: number, phase: number, turns: number) =>
    Math.sin(2 * Math.PI * (phase / 10 + turns * share));
  const harmonics = Math.floor(3600 / pitch_hz);
  const gains = new Float64Array(harmonics + 1);
  const out: number[] = [];
  for (let i = 0; i < length; i++) {
    const share = i / length;
    if (i % 100 === 0) {
      const low = scale * (560 + 230 * swing(share, word, 1));
      const high = scale * (1800 + 600 * swing(share, 3 * word, 1 + word % 2));
      for (let k = 1; k <= harmonics; k++) {
        const [near_low, near_high] = [(k * pitch_hz - low) / 130, (k * pitch_hz - high) / 180];
        gains[k] = 0.02 + Math.exp(-(near_low ** 2)) + 0.6 * Math.exp(-(near_high ** 2));
      }
    }
    const angle = 2 * Math.PI * pitch_hz * i / rate_hz;
    let sum = 0;
    for (let k = 1; k <= harmonics; k++) sum += gains[k]! * Math.sin(k * angle);
    out.push(0.4 * sum * Math.sin(Math.PI * share) ** 0.3);
  }
  return out;
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

const made = new Map<string, Sound>();

/** The same sound again without making it again; whoever enrols with it does not change it. */
function onceSpoken(voice: number, words: readonly number[], seed: string): Sound {
  const key = `${voice}/${words}/${seed}`;
  const sound = made.get(key) ?? spoken(voice, words, seed, { pause_s: 0.2 });
  made.set(key, sound);
  return sound;
}

/** The recordings with which a voice enrols: all digits three times, and a phrase of words if
 * there is one. */
export function recordingsOf(voice: number, phrase?: readonly number[]): EnrolmentRecording[] {
  return [0, 1, 2].flatMap((take) => [
    { sound: onceSpoken(voice, DIGITS, `digits ${take}`), said: DIGITS },
    ...phrase === undefined
      ? []
      : [{ sound: onceSpoken(voice, phrase, `phrase ${take}`), said: "phrase" as const }],
  ]);
}

export function enrolledTone(voice: number, phrase?: readonly number[]): VoiceTemplate {
  return enrolVoice(recordingsOf(voice, phrase));
}
