/**
 * Where words begin and end: what is louder than the room for long enough is speech, and short
 * gaps (the closure in "six", the stop of "eight") lie inside a word.
 */
import { HOP } from "./sound.ts";

/** Frames `from` up to but without `to`, 10 ms each. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Least distance between the room and the loudest speech; below, nothing can be told apart. */
const LEAST_RANGE_DB = 12;
/** What lies further below speech is silence, however quiet the room is. */
const MOST_RANGE_DB = 40;
/** The loudest speech is what this many frames reach: a knock is shorter. */
const LOUDEST = 10;
/** Where in that distance a word is surely spoken, and where it still goes on. */
const LOUD_SHARE = 0.5;
const FAINT_SHARE = 0.28;
/** Frames of silence that do not end a word. */
const BRIDGED = 12;
/** A click is shorter. */
const SHORTEST = 8;
/** Kept before and after each word: unvoiced ends are faint. */
const PADDING = 2;
/** The longest pause, in frames, that may be closed because fewer words were asked for. */
const LONGEST_CLOSED = 25;

/**
 * The words of a recording, in order; none when it holds nothing above the room's noise. With
 * `count` given, neighbours with the shortest pauses are joined while there are too many.
 */
export function wordsIn(samples: Float32Array, count?: number): Span[] {
  const loudness = loudnessOf(samples);
  if (loudness.length < LOUDEST) return [];
  const sorted = loudness.toSorted();
  const room = sorted[Math.floor(0.1 * (sorted.length - 1))]!;
  const top = sorted.at(-LOUDEST)!;
  if (!(top - room >= LEAST_RANGE_DB)) return [];
  const floor = Math.max(room, top - MOST_RANGE_DB);
  const faint = floor + FAINT_SHARE * (top - floor);
  const loud = floor + LOUD_SHARE * (top - floor);
  const words = bridged(runsAbove(loudness, faint), BRIDGED)
    .filter(({ from, to }) => {
      const inside = loudness.subarray(from, to);
      return to - from >= SHORTEST && inside.some((level) => level >= loud);
    });
  closePauses(words, count ?? words.length);
  return words.map(({ from, to }) => ({
    from: Math.max(0, from - PADDING),
    to: Math.min(loudness.length, to + PADDING),
  }));
}

/** Level of each frame in decibels over one unit of 16-bit samples. */
function loudnessOf(samples: Float32Array): Float64Array {
  const levels = new Float64Array(Math.floor(samples.length / HOP));
  for (let i = 0; i < levels.length; i++) {
    let energy = 0;
    for (let j = i * HOP; j < (i + 1) * HOP; j++) energy += samples[j]! * samples[j]!;
    levels[i] = 10 * Math.log10(energy / HOP + 1);
  }
  return levels;
}

function runsAbove(levels: Float64Array, least: number): Span[] {
  const runs: Span[] = [];
  for (let i = 0; i < levels.length; i++) {
    if (levels[i]! < least) continue;
    const from = i;
    while (i < levels.length && levels[i]! >= least) i++;
    runs.push({ from, to: i });
  }
  return runs;
}

function bridged(runs: readonly Span[], gap: number): Span[] {
  const joined: Span[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last !== undefined && run.from - last.to <= gap) {
      joined[joined.length - 1] = { from: last.from, to: run.to };
    } else {
      joined.push(run);
    }
  }
  return joined;
}

/** Joins neighbours, those with the shortest pause first, until there are `count`. */
function closePauses(words: Span[], count: number): void {
  while (words.length > count) {
    let shortest = LONGEST_CLOSED + 1;
    let at = -1;
    for (let i = 1; i < words.length; i++) {
      const pause = words[i]!.from - words[i - 1]!.to;
      if (pause < shortest) [shortest, at] = [pause, i];
    }
    if (at < 0) return;
    words.splice(at - 1, 2, { from: words[at - 1]!.from, to: words[at]!.to });
  }
}
