/** Listening ends when the words were said, and not with a hole in them. */
import assert from "node:assert/strict";
import { RecordedMicrophone } from "../../../hardware/recorded/microphone.ts";
import type { MicrophonePort, SoundFrame } from "../../../hardware/ports.ts";
import { wordsIn } from "./endpoint.ts";
import { listen } from "./listen.ts";
import { atVoiceRate } from "./sound.ts";
import { spoken } from "./testing.ts";

/** Waiting takes no time. */
const clock = {
  now_ms: () => 0,
  after(_delay_ms: number, call: () => void) {
    queueMicrotask(call);
    return () => {};
  },
};

function microphone(words: number[]): RecordedMicrophone {
  const one = new RecordedMicrophone({ id: "microphone-1", clock, rate_hz: 8000 });
  if (words.length > 0) one.say(spoken(0, words, "said"));
  return one;
}

const never = new AbortController().signal;

Deno.test("an answer ends when it is quiet after its last word", async () => {
  const sound = await listen(microphone([1, 2, 3, 4]), { words: 4, longest_s: 15 }, never);
  assert.equal(wordsIn(atVoiceRate(sound)).length, 4);
  assert.ok(sound.samples.length < 6 * 8000);
});

Deno.test("patience ends with what was heard", async () => {
  const sound = await listen(microphone([1, 2]), { words: 4, longest_s: 3 }, never);
  assert.equal(sound.samples.length, 3 * 8000);
  assert.equal(wordsIn(atVoiceRate(sound)).length, 2);
  const aborted = AbortSignal.abort();
  const nothing = await listen(microphone([1]), { words: 1, longest_s: 3 }, aborted);
  assert.equal(nothing.samples.length, 0);
});

Deno.test("lost sound spoils the answer", async () => {
  const gappy: MicrophonePort = {
    id: "microphone-2",
    origin: "simulated",
    async *frames(): AsyncIterable<SoundFrame> {
      for (const sequence of [5, 6, 8]) {
        yield await Promise.resolve({
          rate_hz: 8000,
          sequence,
          captured_at_ms: 0,
          samples: new Int16Array(160),
        });
      }
    },
  };
  await assert.rejects(
    listen(gappy, { words: 4, longest_s: 3 }, never),
    /microphone-2 lost sound while somebody spoke; ask again/,
  );
});
