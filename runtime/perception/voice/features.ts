/**
 * From sound to numbers that keep what was said and who said it, and lose the microphone: mel
 * cepstra without their mean over the recording (which is where a channel shows), and their slopes.
 */
import meyda from "meyda";
import { invariant } from "../../errors.ts";
import type { Span } from "./endpoint.ts";
import { HOP, VOICE_RATE_HZ } from "./sound.ts";

/** Samples of one frame: 32 ms, a power of two as the transform needs it. */
const WINDOW = 256;
/** Coefficients of each frame: the first 13 of the cosine transform of 26 mel bands. */
const CEPSTRA = 13;
/** Numbers of one frame: cepstra, then their slopes. */
export const FRAME_DIM = 2 * CEPSTRA;

const MEL_BANDS = 26;
/** First difference before the transform: lifts the high band that speech has little of. */
const PRE_EMPHASIS = 0.97;
/** Share of the first coefficient, which is loudness: a large number that says little. */
const LOUDNESS_SHARE = 0.3;
/** What slopes count beside values; with it both spread about alike. */
const SLOPE_WEIGHT = 3;

// The package's types say that it has a default export; it is that export itself.
const Meyda = meyda as unknown as typeof meyda.default;

/** A run of frames 10 ms apart, `FRAME_DIM` numbers each. Biometric: wipe after use. */
export interface Frames {
  readonly count: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * The frames of each span of a recording. The mean that is taken off is that of all spans
 * together: one recording has one channel, and the more words it holds the less their own sounds
 * are lost with it. Slopes are regressions over five frames (Young et al., "The HTK Book", 5.9).
 */
export function featuresOf(samples: Float32Array, spans: readonly Span[]): Frames[] {
  const cepstra = spans.map((span) => cepstraOf(samples, span));
  const mean = new Float64Array(CEPSTRA);
  let count = 0;
  for (const values of cepstra) {
    for (let i = 0; i < values.length; i++) mean[i % CEPSTRA]! += values[i]!;
    count += values.length / CEPSTRA;
  }
  for (let k = 0; k < CEPSTRA; k++) mean[k]! /= Math.max(1, count);
  const frames = cepstra.map((values) => normalised(values, mean));
  for (const values of cepstra) values.fill(0);
  return frames;
}

/** Overwrites frames with zeros. */
export function wipeFrames(all: readonly Frames[]): void {
  for (const { values } of all) values.fill(0);
}

/** Frames on end to end, as one. */
export function joinFrames(all: readonly Frames[]): Frames {
  const count = all.reduce((sum, one) => sum + one.count, 0);
  const values = new Float32Array(count * FRAME_DIM);
  let at = 0;
  for (const one of all) {
    values.set(one.values, at);
    at += one.values.length;
  }
  return { count, values };
}

/** Plain cepstra of each frame that lies in a span. Samples are in the range of 16 bits: the
 * library takes the logarithm of one more than the energy, which is linear for small numbers. */
function cepstraOf(samples: Float32Array, span: Span): Float32Array<ArrayBuffer> {
  // The library is one object for the whole process and keeps the first filter bank that it
  // makes, whatever is set later: nothing else in this process may use it for another rate.
  Meyda.sampleRate = VOICE_RATE_HZ;
  Meyda.bufferSize = WINDOW;
  Meyda.melBands = MEL_BANDS;
  Meyda.numberOfMFCCCoefficients = CEPSTRA;
  Meyda.windowingFunction = "hamming";
  const count = Math.max(0, span.to - span.from);
  const values = new Float32Array(count * CEPSTRA);
  const frame = new Float32Array(WINDOW);
  for (let i = 0; i < count; i++) {
    const from = (span.from + i) * HOP;
    for (let j = 0; j < WINDOW; j++) {
      const before = samples[from + j - 1] ?? 0;
      frame[j] = (samples[from + j] ?? 0) - PRE_EMPHASIS * before;
    }
    const mfcc: unknown = Meyda.extract("mfcc", frame);
    invariant(Array.isArray(mfcc) && mfcc.length === CEPSTRA, "cepstra of another length");
    values.set(mfcc, i * CEPSTRA);
  }
  frame.fill(0);
  return values;
}

function normalised(cepstra: Float32Array, mean: Float64Array): Frames {
  const count = cepstra.length / CEPSTRA;
  const values = new Float32Array(count * FRAME_DIM);
  for (let k = 0; k < CEPSTRA; k++) {
    const share = k === 0 ? LOUDNESS_SHARE : 1;
    const at = (i: number) => {
      const frame = Math.max(0, Math.min(count - 1, i));
      return share * (cepstra[frame * CEPSTRA + k]! - mean[k]!);
    };
    for (let i = 0; i < count; i++) {
      const slope = (2 * (at(i + 2) - at(i - 2)) + at(i + 1) - at(i - 1)) / 10;
      values[i * FRAME_DIM + k] = at(i);
      values[i * FRAME_DIM + CEPSTRA + k] = SLOPE_WEIGHT * slope;
    }
  }
  return { count, values };
}
