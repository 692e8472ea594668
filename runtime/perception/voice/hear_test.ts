/** A spoken answer from the microphone to whose it was, through the Worker that a lane uses. */
import assert from "node:assert/strict";
import { HardwareError } from "../../../hardware/errors.ts";
import type { MicrophonePort, SoundFrame } from "../../../hardware/ports.ts";
import { RuntimeError } from "../../errors.ts";
import type { Listening } from "../../world.ts";
import { startEar } from "../spawn.ts";
import { type EarWorker, hear } from "./hear.ts";
import { enrolledTone, spoken } from "./testing.ts";

const rate_hz = 8_000;
const frame_samples = 160;
const chance = Uint8Array.from({ length: 64 }, (_, at) => 7 * at);

/** Somebody who says something as soon as they have read the prompt, and is silent then. */
class Mouth implements MicrophonePort {
  readonly id = "mouth";
  readonly origin = "recorded";
  readonly handed: Int16Array[] = [];
  say: readonly number[] = [];
  constructor(readonly voice: number, readonly fails?: HardwareError) {}

  async *frames(signal: AbortSignal): AsyncGenerator<SoundFrame> {
    const { samples } = spoken(this.voice, this.say, "at the lane", { pause_s: 0.35 });
    // Silence after an answer, or as much as anybody listens to. Only the listener ends it.
    const length = this.say.length > 0 ? samples.length + rate_hz : 13 * rate_hz;
    for (let sequence = 0; sequence * frame_samples < length; sequence++) {
      if (signal.aborted) return;
      if (this.fails && sequence === 30) throw this.fails;
      const from = sequence * frame_samples;
      const frame = new Int16Array(frame_samples);
      frame.set(samples.slice(from, from + frame_samples));
      this.handed.push(frame);
      yield { rate_hz, sequence, captured_at_ms: 20 * sequence, samples: frame };
    }
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
  }
}

const voices = () => [1, 4].map((voice) => ({ visit: `v${voice}`, voice: enrolledTone(voice) }));

/** Twins of whom the one with voice 4 says what `answer` makes of the prompt. */
function twins(
  mouth: Mouth,
  answer: (digits: readonly number[]) => readonly number[],
  options: Partial<Listening> = {},
) {
  return hear({
    microphone: mouth,
    chance,
    prompt: (digits) => void (mouth.say = answer(digits)),
    voices: Promise.resolve(voices()),
    signal: new AbortController().signal,
    ...options,
  }, startEar);
}

Deno.test("who says the digits is chosen; the sound is overwritten", async () => {
  const mouth = new Mouth(4);
  assert.deepEqual(await twins(mouth, (digits) => digits), { outcome: "chosen", visit: "v4" });
  assert.ok(mouth.handed.length > 100);
  assert.ok(mouth.handed.every((samples) => samples.every((value) => value === 0)));
});

Deno.test("the digits of another prompt name nobody, in whosever voice", async () => {
  const old = (digits: readonly number[]) => digits.map((digit) => (digit + 5) % 10);
  const heard = await twins(new Mouth(4), old);
  assert.ok(heard.outcome === "unknown", "it names nobody");
  assert.match(heard.reason, /^(wrong_words|strange_voice)$/);
});

Deno.test("silence is no answer, and one voice alone no choice", async () => {
  const silent = await twins(new Mouth(4), () => []);
  assert.deepEqual(silent, { outcome: "unknown", reason: "word_count" });
  const alone = await twins(new Mouth(4), (digits) => digits, {
    voices: Promise.resolve(voices().slice(1)),
  });
  assert.deepEqual(alone, { outcome: "unknown", reason: "no_choice" });
});

Deno.test("hushed, nobody is judged any more", async () => {
  const stop = new AbortController();
  const mouth = new Mouth(4);
  const heard = twins(mouth, (digits) => digits, {
    signal: stop.signal,
    prompt: () => stop.abort(),
  });
  assert.deepEqual(await heard, { outcome: "unknown", reason: "hushed" });
  assert.equal(mouth.handed.length, 0);
});

Deno.test("a microphone that fails and voices that do not come are told as they are", async () => {
  const lost = new HardwareError("device_lost", "mouth is unplugged: plug it in again");
  await assert.rejects(twins(new Mouth(4, lost), (digits) => digits), lost);
  const away = new RuntimeError("issuer_unreachable", "the issuer is away");
  const none = { voices: Promise.reject(away) };
  await assert.rejects(twins(new Mouth(4), (digits) => digits, none), away);
});

Deno.test("a Worker that cannot start is told with its reason, and nobody listens", async () => {
  const broken = () =>
    new Worker(new URL("data:text/javascript,throw new Error('no room')"), { type: "module" });
  const mouth = new Mouth(4);
  const listening: Listening = {
    microphone: mouth,
    chance,
    prompt: () => {},
    voices: Promise.resolve([]),
    signal: new AbortController().signal,
  };
  await assert.rejects(hear(listening, broken), /comparison of voices ended.*no room/);
});

Deno.test("voices that come for nobody any more are overwritten", async () => {
  const late = Promise.withResolvers<ReturnType<typeof voices>>();
  const stop = new AbortController();
  const { promise } = late;
  await twins(new Mouth(4), (digits) => digits, {
    voices: promise,
    signal: stop.signal,
    prompt: () => stop.abort(),
  });
  const came = voices();
  late.resolve(came);
  await promise;
  await Promise.resolve();
  const numbers = came.flatMap(({ voice }) => [voice.values, voice.spreads]);
  assert.ok(numbers.every((values) => values.every((value) => value === 0)));
});

Deno.test("hushed while it is judged, nobody waits for the Worker, which is ended", async () => {
  const stop = new AbortController();
  let ended = false;
  const stuck: EarWorker = {
    onmessage: null,
    onerror: null,
    postMessage({ say }) {
      if (say === "listen") {
        queueMicrotask(() => this.onmessage?.({ data: { say: "enough" } } as MessageEvent));
      }
      if (say === "judge") queueMicrotask(() => stop.abort());
    },
    terminate: () => void (ended = true),
  };
  const heard = hear({
    microphone: new Mouth(4),
    chance,
    prompt: () => {},
    voices: Promise.resolve(voices()),
    signal: stop.signal,
  }, () => stuck);
  assert.deepEqual(await heard, { outcome: "unknown", reason: "hushed" });
  assert.ok(ended);
});
