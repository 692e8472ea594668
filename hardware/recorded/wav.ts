/**
 * Takes sound out of WAV files. What a file claims about itself is held against its real length
 * before anything is read or given memory.
 */
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";

/** One channel of a recording: 16-bit samples. */
export interface Recording {
  readonly rate_hz: number;
  readonly samples: Int16Array<ArrayBuffer>;
}

interface Format {
  readonly channels: number;
  readonly rate_hz: number;
  readonly bits: number;
}

const PCM = 1;
/** WAVE_FORMAT_EXTENSIBLE: the true format stands in the first two bytes of a GUID. */
const EXTENSIBLE = 0xfffe;

/**
 * Decodes a RIFF WAVE file of linear PCM, 8 or 16 bits, 1 to 8 channels; several become their
 * mean. Chunks other than `fmt ` and `data` are passed over. Throws `HardwareError`
 * `sound_unreadable` that begins with `name`.
 * Format: "Multimedia Programming Interface and Data Specifications 1.0" (IBM, Microsoft 1991).
 */
export function decodeWav(bytes: Uint8Array, name: string): Recording {
  if (bytes.length > hardwareLimits.sound_bytes) {
    throw unreadable(
      name,
      `has ${bytes.length} bytes, more than ${hardwareLimits.sound_bytes}; cut it`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(view, 0) !== "RIFF" || tag(view, 8) !== "WAVE") {
    throw unreadable(name, "is no RIFF WAVE file; convert it to one");
  }
  let format: Format | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const kind = tag(view, at);
    const size = view.getUint32(at + 4, true);
    const from = at + 8;
    if (from + size > bytes.length) {
      throw unreadable(name, `is cut short: its ${JSON.stringify(kind)} part has ${size} bytes`);
    }
    if (kind === "fmt ") format = readFormat(view, from, size, name);
    if (kind === "data") {
      if (format === undefined) throw unreadable(name, "has sound before it says in which format");
      return readSamples(view, from, size, format);
    }
    // Parts begin at even places.
    at = from + size + size % 2;
  }
  throw unreadable(name, "holds no sound");
}

function readFormat(view: DataView, at: number, size: number, name: string): Format {
  if (size < 16) throw unreadable(name, `describes its format in ${size} bytes instead of 16`);
  const code = view.getUint16(at, true);
  const coding = code === EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : code;
  const channels = view.getUint16(at + 2, true);
  const rate_hz = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (coding !== PCM || (bits !== 8 && bits !== 16)) {
    throw unreadable(name, `has coding ${coding} of ${bits} bits; save it as 16-bit PCM`);
  }
  if (channels < 1 || channels > 8) throw unreadable(name, `has ${channels} channels, not 1 to 8`);
  if (rate_hz < hardwareLimits.lowest_rate_hz || rate_hz > hardwareLimits.highest_rate_hz) {
    throw unreadable(
      name,
      `has ${rate_hz} samples a second, not ${hardwareLimits.lowest_rate_hz} to ` +
        `${hardwareLimits.highest_rate_hz}; save it with 16000`,
    );
  }
  return { channels, rate_hz, bits };
}

function readSamples(view: DataView, from: number, size: number, format: Format): Recording {
  const { channels, rate_hz, bits } = format;
  const step = bits / 8;
  const count = Math.floor(size / (step * channels));
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const at = from + (i * channels + channel) * step;
      sum += bits === 16 ? view.getInt16(at, true) : (view.getUint8(at) - 128) * 256;
    }
    samples[i] = Math.round(sum / channels);
  }
  return { rate_hz, samples };
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function unreadable(name: string, problem: string): HardwareError {
  return new HardwareError("sound_unreadable", `${name} ${problem}`);
}
