/** The microphone on ALSA's own `file` device, which plays a file into it as a card would. */
import assert from "node:assert/strict";
import { AlsaMicrophone } from "./microphone.ts";
import type { SoundFrame } from "../ports.ts";
import { microphoneSuite } from "../testing/microphone_suite.ts";

const folder = await Deno.makeTempDir({ prefix: "alsa" });
const rate_hz = 16_000;
const speech = Int16Array.from({ length: rate_hz }, (_, at) => at + 1);
await Deno.writeFile(`${folder}/speech.raw`, new Uint8Array(speech.buffer));
await Deno.writeTextFile(
  `${folder}/asound.conf`,
  `pcm.speech {
  type file
  slave.pcm { type null }
  file /dev/null
  infile "${folder}/speech.raw"
  format raw
}
`,
);
// Read by the library when it first looks for a device.
Deno.env.set("ALSA_CONFIG_PATH", `${folder}/asound.conf`);
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

async function take(microphone: AlsaMicrophone, count: number): Promise<SoundFrame[]> {
  const frames: SoundFrame[] = [];
  for await (const frame of microphone.frames(new AbortController().signal)) {
    if (frames.push(frame) === count) break;
  }
  return frames;
}

microphoneSuite("ALSA's file device", () => ({
  microphone: new AlsaMicrophone({ id: "till-1", pcm: "speech" }),
  exclusive: true,
  now_ms: () => Date.now(),
  close: () => Promise.resolve(),
}));

Deno.test("what is said comes sample by sample, in numbered frames of 20 ms", async () => {
  const microphone = new AlsaMicrophone({ id: "till-1", pcm: "speech" });
  const frames = await take(microphone, 10);
  for (const [place, frame] of frames.entries()) {
    assert.equal(frame.rate_hz, rate_hz);
    assert.equal(frame.samples.length, 320);
    assert.ok(place === 0 || frame.sequence > frames[place - 1]!.sequence);
    const [first = 0] = frame.samples;
    assert.deepEqual(frame.samples, Int16Array.from({ length: 320 }, (_, at) => first + at));
  }
  assert.equal(frames[0]!.samples[0], 1 + 320 * frames[0]!.sequence);
  assert.equal(microphone.overruns, 0);
});

Deno.test("a device that is not there is told with the way out", async () => {
  await assert.rejects(take(new AlsaMicrophone({ id: "till-1", pcm: "nothing" }), 1), {
    name: "HardwareError",
    kind: "device_missing",
    message: /microphone till-1 at nothing .*arecord -L/,
  });
});
