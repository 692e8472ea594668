/** A simulated ear tells whose voice said the digits, and otherwise why it cannot. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { enrolledVoice, MicrophoneDevice, SimulatedEar, voiceOf } from "./ear.ts";
import { Scheduler } from "./scheduler.ts";

const settle = () => new Promise<void>((resolve) => void setTimeout(resolve));
const chance = chanceOf("ear");
const ana = voiceOf(chance.fork("ana"));
const bo = voiceOf(chance.fork("bo"));
const known = (...voices: Float32Array[]) =>
  voices.map((voice, at) => ({ visit: `v${at}`, voice: enrolledVoice(voice) }));

async function heard(
  say: (microphone: MicrophoneDevice, digits: readonly number[], stop: AbortController) => void,
  voices = known(ana, bo),
) {
  const broken = (error: unknown) => assert.fail(String(error));
  const clock = new Scheduler({ start_ms: 1_000, chance: chance.fork("order"), settle, broken });
  const ear = new SimulatedEar({ clock, chance, confuses: () => 0, prompted: () => {} });
  const microphone = new MicrophoneDevice("ear-3");
  const stop = new AbortController();
  let shown: readonly number[] = [];
  const hearing = ear.hear({
    microphone,
    chance: Uint8Array.from({ length: 64 }, (_, at) => at),
    prompt: (digits) => void (shown = digits),
    voices: Promise.resolve(voices),
    signal: stop.signal,
  });
  say(microphone, shown, stop);
  await clock.run(clock.now_ms() + 10_000, () => false);
  return await hearing;
}

const unknown = (reason: string) => ({ outcome: "unknown", reason });

Deno.test("whose voice said the digits is chosen, and their numbers are overwritten", async () => {
  const voices = known(ana, bo);
  const answer = await heard((ear, digits) => ear.say({ voice: bo, digits }), voices);
  assert.deepEqual(answer, { outcome: "chosen", visit: "v1" });
  assert.ok(voices.every(({ voice }) => voice.values.every((value) => value === 0)));
});

Deno.test("other digits, a stranger, one voice alone, silence, and nobody listens", async () => {
  const wrong = await heard((ear, digits) => ear.say({ voice: ana, digits: digits.toReversed() }));
  assert.deepEqual(wrong, unknown("wrong_words"));
  const say = (ear: MicrophoneDevice, digits: readonly number[]) => ear.say({ voice: bo, digits });
  assert.deepEqual(await heard(say, known(ana, voiceOf(chance))), unknown("strange_voice"));
  assert.deepEqual(await heard(say, known(bo)), unknown("no_choice"));
  assert.deepEqual(await heard(() => {}), unknown("word_count"));
  assert.deepEqual(await heard((_ear, _digits, stop) => stop.abort()), unknown("hushed"));
});
