/**
 * Listening without sound: whose voice says which digits at a microphone is known, and an ear of a
 * simulation answers what a good one would. Implements `Perception.hear`.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { HardwareError } from "../../hardware/errors.ts";
import type { MicrophonePort, SoundFrame } from "../../hardware/ports.ts";
import { invariant } from "../errors.ts";
import { promptDigits } from "../perception/voice/prompt.ts";
import type { Clock, Heard, Listening, Voice } from "../world.ts";

/** Digits as somebody says them. */
export interface Spoken {
  /** Of whoever speaks, as it would be enrolled. */
  readonly voice: Float32Array;
  readonly digits: readonly number[];
}

/** A microphone that hears what the simulation says. */
export class MicrophoneDevice implements MicrophonePort {
  readonly origin = "simulated";
  readonly #listeners = new Set<(spoken: Spoken) => void>();

  constructor(readonly id: string) {}

  say(spoken: Spoken): void {
    for (const listener of [...this.#listeners]) listener(spoken);
  }

  /** Calls with all that is said, until the result is called. */
  onSound(listener: (spoken: Spoken) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Its sound is never made: the ear is told who says what. */
  // deno-lint-ignore require-yield
  async *frames(): AsyncIterable<SoundFrame> {
    await Promise.reject(
      new HardwareError("format_unsupported", `microphone ${this.id} has no sound: ask its ear`),
    );
  }
}

export interface EarSetting {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Share of answers that two voices might have given. */
  readonly confuses: () => number;
  /** Digits are shown, to be said. */
  readonly prompted: (microphone: string, digits: readonly number[]) => void;
}

const numbers = 16;
/** Numbers of a voice are carried in so many steps. */
const steps = 256;
const listens_ms = 8_000;
const judges_ms = [200, 900] as const;

/** The voice of somebody: a function of the seed and the person. */
export function voiceOf(chance: Chance): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: numbers }, () => chance.whole(60 * steps) / steps);
}

/** As a phone enrols it. */
export function enrolledVoice(values: Float32Array): Voice {
  return {
    ...{ model: "simulated", preset: "simulated", version: 1 },
    takes: [{ word: 0, from: 0, count: 1 }],
    values: Float32Array.from(values),
    spreads: new Float32Array([1, 0]),
  };
}

export class SimulatedEar {
  readonly #setting: EarSetting;
  readonly #open = new Set<() => void>();

  constructor(setting: EarSetting) {
    this.#setting = setting;
  }

  async hear(listening: Listening): Promise<Heard> {
    const { microphone, chance, prompt, voices, signal } = listening;
    const asked = promptDigits(chance);
    invariant(asked.kind === "digits", "a lane asks for digits");
    voices.catch(() => {});
    this.#setting.prompted(microphone.id, asked.digits);
    prompt(asked.digits);
    const spoken = await this.#listen(microphone as MicrophoneDevice, signal);
    if (signal.aborted) return unknown("hushed");
    if (spoken === undefined) return unknown("word_count");
    const known = await voices;
    const heard = this.#judge(spoken, asked.digits, known);
    for (const { voice } of known) voice.values.fill(0);
    return heard;
  }

  close(): void {
    for (const end of [...this.#open]) end();
  }

  /** What is said first; undefined when nothing is in time. */
  #listen(microphone: MicrophoneDevice, signal: AbortSignal): Promise<Spoken | undefined> {
    const { clock, chance } = this.#setting;
    return new Promise((resolve) => {
      const over = (spoken?: Spoken) => {
        deaf();
        cancel();
        signal.removeEventListener("abort", end);
        this.#open.delete(end);
        resolve(spoken);
      };
      const end = () => over();
      const deaf = microphone.onSound((spoken) => {
        deaf();
        cancel();
        cancel = clock.after(chance.between(...judges_ms), () => over(spoken));
      });
      let cancel = clock.after(listens_ms, end);
      signal.addEventListener("abort", end);
      this.#open.add(end);
    });
  }

  #judge(
    { voice, digits }: Spoken,
    asked: readonly number[],
    known: Awaited<Listening["voices"]>,
  ): Heard {
    const { chance, confuses } = this.#setting;
    if (known.length < 2) return unknown("no_choice");
    if (digits.length !== asked.length) return unknown("word_count");
    const [own] = known.filter((one) => isSame(one.voice.values, voice));
    if (own === undefined) return unknown("strange_voice");
    if (chance.happens(confuses())) return unknown("no_margin");
    if (digits.some((digit, at) => digit !== asked[at])) return unknown("wrong_words");
    return { outcome: "chosen", visit: own.visit };
  }
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

function unknown(reason: string): Heard {
  return { outcome: "unknown", reason };
}
