/**
 * From a microphone to one answer: listens until as many words were said as were asked for and it
 * is quiet again, or until patience ends.
 */
import { HardwareError } from "../../../hardware/errors.ts";
import type { MicrophonePort } from "../../../hardware/ports.ts";
import { invariant } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { wordsIn } from "./endpoint.ts";
import { atVoiceRate, HOP, type Sound, VOICE_RATE_HZ } from "./sound.ts";

export interface ListenOptions {
  /** Words that end the answer, once it is quiet after the last. */
  readonly words: number;
  /** Sound after which the answer ends in any case; at most `limits.voice_sound_s`. */
  readonly longest_s: number;
}

/** Quiet after the last word, in seconds, that makes it the last. */
const QUIET_AFTER_S = 0.6;
/** How often, in seconds of sound, words are looked for. */
const LOOK_EVERY_S = 0.2;

/**
 * Hears one answer. Ends early with what was heard when the signal is aborted. Throws what the
 * microphone throws, and `HardwareError` `device_lost` when sound is missing in between, since an
 * answer with a hole in it can be taken for another.
 */
export async function listen(
  microphone: MicrophonePort,
  { words, longest_s }: ListenOptions,
  signal: AbortSignal,
): Promise<Sound> {
  invariant(longest_s <= limits.voice_sound_s, "an answer longer than any sound may be");
  const heard: Int16Array<ArrayBuffer>[] = [];
  const unlooked: Int16Array<ArrayBuffer>[] = [];
  let rate_hz = VOICE_RATE_HZ;
  let length = 0;
  const look = new Look(longest_s);
  let looked_at = 0;
  let expected: number | undefined;
  for await (const frame of microphone.frames(signal)) {
    if (expected !== undefined && (frame.sequence !== expected || frame.rate_hz !== rate_hz)) {
      for (const part of heard) part.fill(0);
      look.forget();
      throw new HardwareError(
        "device_lost",
        `${microphone.id} lost sound while somebody spoke; ask again`,
      );
    }
    expected = frame.sequence + 1;
    rate_hz = frame.rate_hz;
    heard.push(frame.samples);
    unlooked.push(frame.samples);
    length += frame.samples.length;
    if (length >= longest_s * rate_hz) break;
    if (length - looked_at < LOOK_EVERY_S * rate_hz) continue;
    look.add(joined(unlooked.splice(0), length - looked_at, rate_hz));
    looked_at = length;
    if (look.isOver(words)) break;
  }
  const answer = joined(heard, Math.min(length, Math.floor(longest_s * rate_hz)), rate_hz);
  for (const part of heard) part.fill(0);
  look.forget();
  return answer;
}

function joined(parts: readonly Int16Array[], length: number, rate_hz: number): Sound {
  const samples = new Int16Array(length);
  let at = 0;
  for (const part of parts) {
    const fits = part.subarray(0, length - at);
    samples.set(fits, at);
    at += fits.length;
  }
  return { rate_hz, samples };
}

/** What was heard so far, brought to the voice rate piece by piece: each look costs what is new.
 * The seams matter to nobody who only asks how loud it was. */
class Look {
  readonly #samples: Float32Array<ArrayBuffer>;
  #length = 0;

  constructor(longest_s: number) {
    this.#samples = new Float32Array(Math.ceil(longest_s * VOICE_RATE_HZ));
  }

  /** Overwrites the sound. */
  add(sound: Sound): void {
    const more = atVoiceRate(sound);
    this.#samples.set(more.subarray(0, this.#samples.length - this.#length), this.#length);
    this.#length = Math.min(this.#samples.length, this.#length + more.length);
    more.fill(0);
    sound.samples.fill(0);
  }

  /** Whether all words were said and nothing follows. */
  isOver(count: number): boolean {
    const samples = this.#samples.subarray(0, this.#length);
    const words = wordsIn(samples);
    const last = words.at(-1);
    const frames = Math.floor(samples.length / HOP);
    return words.length >= count && last !== undefined &&
      (frames - last.to) * HOP >= QUIET_AFTER_S * VOICE_RATE_HZ;
  }

  forget(): void {
    this.#samples.fill(0);
  }
}
