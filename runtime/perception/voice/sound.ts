/**
 * Sound as the voice rooms pass it on: samples of one channel, brought to the one rate at which
 * voices are compared, so that every microphone's voice can be compared with every other's.
 */
import { RuntimeError } from "../../errors.ts";
import { limits } from "../../limits.ts";

/** The rate at which voices are compared: the band of a telephone, which every microphone has. */
export const VOICE_RATE_HZ = 8_000;

/** Samples from one frame to the next: 10 ms. */
export const HOP = VOICE_RATE_HZ / 100;

/** One channel of sound. */
export interface Sound {
  readonly rate_hz: number;
  /** Signed 16-bit samples. */
  readonly samples: Int16Array<ArrayBuffer>;
}

/** Zero crossings of the low-pass on each side: enough for 60 dB against aliases. */
const LOBES = 12;

/**
 * Samples at `VOICE_RATE_HZ`, in the range of 16 bits, by a Hann-windowed sinc that cuts at half
 * of the lower of the two rates (Smith, "Digital Audio Resampling"). Throws `request_invalid` for
 * a rate outside 8 to 48 kHz and for more than `limits.voice_sound_s`.
 */
export function atVoiceRate(sound: Sound): Float32Array<ArrayBuffer> {
  const { rate_hz, samples } = sound;
  if (!Number.isInteger(rate_hz) || rate_hz < VOICE_RATE_HZ || rate_hz > 48_000) {
    throw new RuntimeError(
      "request_invalid",
      `sound of ${rate_hz} Hz cannot be compared; set the microphone to 8000 to 48000 Hz`,
    );
  }
  if (samples.length > rate_hz * limits.voice_sound_s) {
    throw new RuntimeError(
      "request_invalid",
      `more than ${limits.voice_sound_s} s of sound; ask for less at once`,
    );
  }
  if (rate_hz === VOICE_RATE_HZ) return Float32Array.from(samples);
  const step = rate_hz / VOICE_RATE_HZ;
  const reach = LOBES * step;
  const out = new Float32Array(Math.floor(samples.length / step));
  for (let i = 0; i < out.length; i++) {
    const centre = i * step;
    const from = Math.max(0, Math.ceil(centre - reach));
    const to = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let j = from; j <= to; j++) {
      const x = Math.PI * (j - centre) / step;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      sum += samples[j]! * sinc * (0.5 + 0.5 * Math.cos(x / LOBES));
    }
    out[i] = sum / step;
  }
  return out;
}
