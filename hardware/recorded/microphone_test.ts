/** A recorded microphone says what it is given, in order and without a gap, and then is silent. */
import assert from "node:assert/strict";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { SoundFrame } from "../ports.ts";
import { microphoneSuite } from "../testing/microphone_suite.ts";
import { RecordedMicrophone } from "./microphone.ts";
import { wav } from "./testing.ts";

/** A clock on which waiting takes no time and moves the hands. */
function hurriedClock() {
  let now_ms = 1_000;
  return {
    now_ms: () => now_ms,
    after(delay_ms: number, call: () => void) {
      now_ms += delay_ms;
      queueMicrotask(call);
      return () => {};
    },
  };
}

async function take(microphone: RecordedMicrophone, count: number): Promise<SoundFrame[]> {
  const end = new AbortController();
  const frames: SoundFrame[] = [];
  for await (const frame of microphone.frames(end.signal)) {
    frames.push(frame);
    if (frames.length === count) end.abort();
  }
  return frames;
}

const options = { id: "microphone-1", rate_hz: 8000, frame_ms: 10, pause_ms: 5 };
const counting = (from: number, count: number) =>
  Int16Array.from({ length: count }, (_, i) => from + i);

microphoneSuite("recorded", () => {
  const clock = hurriedClock();
  const microphone = new RecordedMicrophone({ ...options, clock });
  microphone.say({ rate_hz: 8000, samples: counting(1, 60) });
  const close = () => Promise.resolve();
  return { microphone, exclusive: false, now_ms: clock.now_ms, close };
});

Deno.test("sounds follow each other behind their pauses, and silence comes last", async () => {
  const microphone = new RecordedMicrophone({ ...options, clock: hurriedClock() });
  microphone.say({ rate_hz: 8000, samples: counting(1, 60) });
  microphone.say({ rate_hz: 8000, samples: counting(101, 20) });
  const frames = await take(microphone, 3);
  const pause = new Array<number>(40).fill(0);
  assert.deepEqual(
    frames.flatMap(({ samples }) => [...samples]),
    [...pause, ...counting(1, 60), ...pause, ...counting(101, 20), ...pause, ...pause],
  );
  assert.deepEqual(frames.map(({ sequence }) => sequence), [0, 1, 2]);
  assert.deepEqual(frames.map((frame) => frame.captured_at_ms), [1_000, 1_010, 1_020]);
  assert.ok(frames.every(({ rate_hz }) => rate_hz === 8000));
});

Deno.test("files are played, and numbers go on from stream to stream", async () => {
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  await Deno.writeFile(path, wav({ samples: [...counting(1, 120)] }));
  const microphone = new RecordedMicrophone({ ...options, clock: hurriedClock(), play: [path] });
  const [first] = await take(microphone, 1);
  const [second] = await take(microphone, 1);
  assert.deepEqual([...first!.samples.subarray(40)], [...counting(1, 40)]);
  assert.deepEqual([...second!.samples], [...counting(41, 80)]);
  assert.equal(second!.sequence, 1);
  await Deno.remove(path);
});

Deno.test("what cannot be played ends the stream, and the next begins behind it", async () => {
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  await Deno.writeTextFile(path, "no sound");
  const play = [path, `${path}.gone`];
  const microphone = new RecordedMicrophone({ ...options, clock: hurriedClock(), play });
  microphone.say({ rate_hz: 16000, samples: counting(1, 10) });
  const kinds: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    await assert.rejects(take(microphone, 1), (error) => {
      assert.ok(error instanceof HardwareError);
      return kinds.push(error.kind) > 0;
    });
  }
  assert.deepEqual(kinds, ["sound_unreadable", "sound_unreadable", "format_unsupported"]);
  assert.ok((await take(microphone, 1))[0]!.samples.every((sample) => sample === 0));
  await Deno.remove(path);
});

Deno.test("no more sounds wait than are allowed", () => {
  const microphone = new RecordedMicrophone({ ...options, clock: hurriedClock() });
  const say = () => microphone.say({ rate_hz: 8000, samples: counting(1, 1) });
  for (let i = 0; i < hardwareLimits.waiting_sounds; i++) say();
  assert.throws(say, /has 64 sounds to play/);
});
