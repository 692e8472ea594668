/**
 * Hears a shopper say the digits in a browser, with the very endpoints, features and bounds of a
 * lane. Sound stays in here; what comes out is what to tell the shopper, and in the end one voice.
 */
import { wordsIn } from "../../runtime/perception/voice/endpoint.ts";
import { Line } from "../../runtime/perception/voice/line.ts";
import { listen } from "../../runtime/perception/voice/listen.ts";
import { atVoiceRate, type Sound } from "../../runtime/perception/voice/sound.ts";
import {
  type EnrolmentRecording,
  enrolVoice,
  type VoiceTemplate,
} from "../../runtime/perception/voice/template.ts";

/** What was heard of one round: as many words as were asked for, or what to do otherwise. */
export interface Take {
  readonly heard: number;
  readonly fit: boolean;
}

/** Ten digits, said slowly. */
const longest_s = 18;

export class Recorder {
  #recordings: EnrolmentRecording[] = [];
  #line: Line | undefined;
  #sequence = 0;

  /** Sound of the microphone, in the range of -1 to 1; overwritten. Between rounds it is lost. */
  push(samples: Float32Array, rate_hz: number): void {
    const whole = Int16Array.from(
      samples,
      (value) => Math.max(-32_768, Math.min(32_767, Math.round(32_767 * value))),
    );
    samples.fill(0);
    const captured_at_ms = 0;
    this.#line?.push({ rate_hz, sequence: this.#sequence++, captured_at_ms, samples: whole });
  }

  /** Listens until these digits were said, or for as long as anybody may take. A round that is fit
   * is kept. */
  async take(said: readonly number[]): Promise<Take> {
    this.#line?.end();
    const line = this.#line = new Line("browser");
    const sound = await listen(line, { words: said.length, longest_s }, never);
    this.#line = undefined;
    const heard = wordsHeard(sound, said.length);
    const fit = heard === said.length;
    if (fit) this.#recordings.push({ sound, said });
    else sound.samples.fill(0);
    return { heard, fit };
  }

  /** The voice of all rounds, which are forgotten. Throws `RuntimeError` `request_invalid` that
   * says what to record again. */
  finish(): VoiceTemplate {
    try {
      return enrolVoice(this.#recordings);
    } finally {
      this.forget();
    }
  }

  /** Overwrites whatever was said. */
  forget(): void {
    this.#line?.end();
    for (const { sound } of this.#recordings) sound.samples.fill(0);
    this.#recordings = [];
  }
}

const never = new AbortController().signal;

function wordsHeard(sound: Sound, count: number): number {
  const samples = atVoiceRate(sound);
  const { length } = wordsIn(samples, count);
  samples.fill(0);
  return length;
}
