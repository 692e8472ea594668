/** The microphone on snd-aloop, a sound card whose output is its own input. */
import assert from "node:assert/strict";
import { openLibrary } from "../ffi/libraries.ts";
import { microphoneSuite } from "../testing/microphone_suite.ts";
import { AlsaMicrophone } from "./microphone.ts";

const rate_hz = 16_000;
const card = "hw:CARD=Loopback,DEV=1,SUBDEV=0";

/** Says the same ramp again and again on the card's other side, until it is disposed of. */
function speak(): AsyncDisposable {
  const library = openLibrary("libasound.so.2", {
    snd_pcm_open: { parameters: ["buffer", "buffer", "i32", "i32"], result: "i32" },
    snd_pcm_set_params: {
      parameters: ["pointer", "i32", "i32", "u32", "u32", "i32", "u32"],
      result: "i32",
    },
    snd_pcm_writei: { parameters: ["pointer", "buffer", "u64"], result: "i64", nonblocking: true },
    snd_pcm_recover: { parameters: ["pointer", "i32", "i32"], result: "i32" },
    snd_pcm_close: { parameters: ["pointer"], result: "i32" },
  });
  const { symbols: c } = library;
  const place = new BigUint64Array(1);
  const name = new TextEncoder().encode("hw:CARD=Loopback,DEV=0,SUBDEV=0\0");
  assert.equal(c.snd_pcm_open(new Uint8Array(place.buffer), name, 0, 0), 0);
  const pcm = Deno.UnsafePointer.create(place[0]!)!;
  assert.equal(c.snd_pcm_set_params(pcm, 2, 3, 1, rate_hz, 0, 200_000), 0);
  const ramp = Int16Array.from({ length: 1_600 }, (_, at) => at + 1);
  let speaking = true;
  const said = (async () => {
    while (speaking) {
      const written = await c.snd_pcm_writei(pcm, new Uint8Array(ramp.buffer), 1_600n);
      if (Number(written) < 0) c.snd_pcm_recover(pcm, Number(written), 1);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      speaking = false;
      await said;
      c.snd_pcm_close(pcm);
      library.close();
    },
  };
}

microphoneSuite("snd-aloop", () => {
  const speaker = speak();
  return {
    microphone: new AlsaMicrophone({ id: "till-1", pcm: card, rate_hz }),
    exclusive: true,
    now_ms: () => Date.now(),
    close: async () => await speaker[Symbol.asyncDispose](),
  };
});

Deno.test("what the card plays is heard, and who sleeps too long loses some", async () => {
  await using _speaker = speak();
  const microphone = new AlsaMicrophone({ id: "till-1", pcm: card, rate_hz });
  const frames = microphone.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const next = async () => (await frames.next()).value!;
  let frame = await next();
  // Silence is what the card has before anybody speaks.
  while (!frame.samples.every((sample) => sample > 0)) frame = await next();
  const steps = [...frame.samples].slice(1).map((sample, at) => sample - frame.samples[at]!);
  assert.ok(steps.every((step) => step === 1 || step === -1_599), "the ramp, sample by sample");

  // Nobody can take anything while this thread stands still.
  const overruns = microphone.overruns;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  while (microphone.overruns === overruns) await next();
  assert.equal((await next()).samples.length, 320);
  await frames.return?.();
});

Deno.test("a card that somebody else listens to is busy", async () => {
  await using _speaker = speak();
  const one = new AlsaMicrophone({ id: "till-1", pcm: card, rate_hz });
  const frames = one.frames(new AbortController().signal)[Symbol.asyncIterator]();
  await frames.next();
  const other = new AlsaMicrophone({ id: "till-2", pcm: card, rate_hz });
  await assert.rejects(other.frames(new AbortController().signal).next(), { kind: "device_busy" });
  await frames.return?.();
});
