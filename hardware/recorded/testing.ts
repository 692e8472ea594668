/** WAV files as tests need them, right ones and such that lie. */

export interface WavOptions {
  /** As they stand in the file: channels take turns. */
  readonly samples: readonly number[];
  readonly rate_hz?: number;
  readonly channels?: number;
  readonly bits?: number;
  readonly coding?: number;
  /** Bytes behind the first 16 of the format. */
  readonly more?: readonly number[];
  /** Bytes between the file's head and its format. */
  readonly before?: readonly number[];
}

/** A WAV file of linear PCM, 16 bits at 8 kHz unless told otherwise. */
export function wav(options: WavOptions): Uint8Array<ArrayBuffer> {
  const { samples, rate_hz = 8000, channels = 1, bits = 16, coding = 1 } = options;
  const { more = [], before = [] } = options;
  const step = bits === 8 ? 1 : 2;
  const format = 12 + before.length;
  const data = format + 24 + more.length;
  const bytes = new Uint8Array(data + 8 + samples.length * step);
  const view = new DataView(bytes.buffer);
  const text = (at: number, words: string) => bytes.set(new TextEncoder().encode(words), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVE");
  bytes.set(before, 12);
  text(format, "fmt ");
  view.setUint32(format + 4, 16 + more.length, true);
  view.setUint16(format + 8, coding, true);
  view.setUint16(format + 10, channels, true);
  view.setUint32(format + 12, rate_hz, true);
  view.setUint32(format + 16, rate_hz * channels * step, true);
  view.setUint16(format + 20, channels * step, true);
  view.setUint16(format + 22, bits, true);
  bytes.set(more, format + 24);
  text(data, "data");
  view.setUint32(data + 4, samples.length * step, true);
  samples.forEach((sample, i) => {
    if (step === 1) view.setUint8(data + 8 + i, sample);
    else view.setInt16(data + 8 + 2 * i, sample, true);
  });
  return bytes;
}
