/**
 * A folder of spoken digits, and how answers are made of it: takes one after another with pauses,
 * in the noise of a room, and if wanted through another microphone.
 */
import type { Recording } from "../../hardware/recorded/wav.ts";
import { naturalOrder } from "../../hardware/recorded/folder.ts";
import { readWav } from "../../hardware/recorded/microphone.ts";
import type { Chance } from "../../hardware/simulated/chance.ts";

/** Somebody who said each digit several times: `takes[digit][take]`. */
export interface Speaker {
  readonly name: string;
  readonly takes: readonly (readonly Recording[])[];
}

/** Files that one folder may hold: a hundred people with a hundred takes of each digit. */
const MOST_FILES = 100_000;
/** Root mean square of a take, in units of 16-bit samples, and how much takes differ. */
const LEVEL = 2_000;
const LEVEL_SPREAD_DB = 2;
/** How far the noise of the room lies below the level of the takes, in decibels. */
const NOISE_BELOW_DB = 35;

/**
 * Reads `DIGIT_SPEAKER_TAKE.wav` files. Throws `RangeError` when there are fewer than two speakers
 * or somebody said a digit fewer than `least` times; `HardwareError` for a file that is no WAV.
 */
export async function readSpeakers(directory: string, least: number): Promise<Speaker[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (isFile && /^[0-9]_[^_]+_[0-9]+\.wav$/i.test(name)) names.push(name);
    }
  } catch {
    throw new RangeError(`${directory} cannot be listed; check its name and who may read it`);
  }
  if (names.length > MOST_FILES) {
    throw new RangeError(`${directory} holds more than ${MOST_FILES} takes; split it`);
  }
  const speakers = new Map<string, Recording[][]>();
  for (const name of names.sort(naturalOrder)) {
    const [digit, speaker] = name.split("_") as [string, string];
    const takes = speakers.get(speaker) ?? Array.from({ length: 10 }, () => []);
    speakers.set(speaker, takes);
    takes[Number(digit)]!.push(await readWav(`${directory}/${name}`));
  }
  if (speakers.size < 2) {
    throw new RangeError(
      `${directory} holds ${speakers.size} speakers in files named DIGIT_SPEAKER_TAKE.wav; ` +
        "2 or more are needed",
    );
  }
  for (const [name, takes] of speakers) {
    const digit = takes.findIndex((one) => one.length < least);
    if (digit < 0) continue;
    throw new RangeError(
      `${name} said the digit ${digit} ${takes[digit]!.length} times; ${least} are needed`,
    );
  }
  return [...speakers].map(([name, takes]) => ({ name, takes }));
}

/**
 * Takes in a row: silence, and after each a pause of 0.25 to 0.5 s, all in one room's noise. Takes
 * of one set may come from sessions 30 dB apart, which words of one breath never are: each is
 * brought to one level, give or take a few decibels. All must have one rate.
 */
export function spokenInARow(takes: readonly Recording[], chance: Chance): Recording {
  const rate_hz = takes[0]!.rate_hz;
  if (takes.some((take) => take.rate_hz !== rate_hz)) {
    throw new RangeError("the takes of one speaker have different rates; convert them to one");
  }
  const pauses = takes.map(() => Math.round(rate_hz * chance.between(0.25, 0.5)));
  const lead = Math.round(rate_hz * 0.3);
  const length = takes.reduce((sum, take, i) => sum + take.samples.length + pauses[i]!, lead);
  const noise = LEVEL * 10 ** (-NOISE_BELOW_DB / 20);
  const row = new Float64Array(length).map(() => chance.normal(0, noise));
  let at = lead;
  for (const [i, { samples }] of takes.entries()) {
    const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
    const level = LEVEL * 10 ** (chance.normal(0, LEVEL_SPREAD_DB) / 20);
    const gain = level / Math.max(1, Math.sqrt(energy / samples.length));
    for (let j = 0; j < samples.length; j++) row[at + j]! += gain * samples[j]!;
    at += samples.length + pauses[i]!;
  }
  return { rate_hz, samples: Int16Array.from(row, clamp) };
}

/**
 * The same sound through another microphone: half or twice as loud, brighter or duller by a tap
 * that is drawn, and with an early reflection from a counter.
 */
export function throughAnother({ rate_hz, samples }: Recording, chance: Chance): Recording {
  const gain = chance.between(0.4, 0.8);
  const tilt = chance.between(-0.6, 0.6);
  const reflection = chance.between(0.1, 0.4);
  const delay = Math.round(rate_hz * chance.between(0.0005, 0.003));
  const heard = samples.map((sample, i) =>
    clamp(
      gain *
        (sample + tilt * (samples[i - 1] ?? 0) + reflection * (samples[i - delay] ?? 0)),
    )
  );
  return { rate_hz, samples: heard };
}

function clamp(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
