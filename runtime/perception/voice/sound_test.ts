/** Sound of any rate becomes sound of one, words are found in it, and loudness does not matter. */
import assert from "node:assert/strict";
import { wordsIn } from "./endpoint.ts";
import { featuresOf, FRAME_DIM } from "./features.ts";
import { atVoiceRate, type Sound, VOICE_RATE_HZ } from "./sound.ts";
import { spoken } from "./testing.ts";
import { warpCost } from "./warp.ts";

function tone(hz: number, rate_hz: number): Sound {
  return {
    rate_hz,
    samples: Int16Array.from(
      { length: rate_hz / 2 },
      (_, i) => 10_000 * Math.sin(2 * Math.PI * hz * i / rate_hz),
    ),
  };
}

Deno.test("a tone keeps its shape from 48 kHz to the voice's rate", () => {
  for (const rate_hz of [16_000, 44_100, 48_000]) {
    const heard = atVoiceRate(tone(1000, rate_hz));
    const meant = tone(1000, VOICE_RATE_HZ).samples;
    assert.equal(heard.length, meant.length);
    for (let i = 100; i < meant.length - 100; i++) {
      assert.ok(Math.abs(heard[i]! - meant[i]!) < 30, `${rate_hz}: ${heard[i]} ${meant[i]}`);
    }
  }
});

Deno.test("what the voice's rate cannot carry does not fold back into it", () => {
  const heard = atVoiceRate(tone(6500, 16_000)).subarray(100, -100);
  assert.ok(Math.max(...heard.map(Math.abs)) < 60);
});

Deno.test("other rates and endless sounds are refused", () => {
  for (const rate_hz of [7_999, 96_000, 8_000.5, NaN]) {
    assert.throws(() => atVoiceRate({ rate_hz, samples: new Int16Array(8) }), /cannot be compared/);
  }
  const endless = { rate_hz: 8_000, samples: new Int16Array(8_000 * 20 + 1) };
  assert.throws(() => atVoiceRate(endless), /more than 20 s/);
});

const samplesOf = (sound: Sound) => atVoiceRate(sound);

Deno.test("words are found where they are, whatever the room", () => {
  for (const noise of [0, 0.003, 0.02]) {
    const spans = wordsIn(samplesOf(spoken(0, [3, 1, 4], "three", { noise })));
    assert.equal(spans.length, 3, `noise ${noise}`);
    const [first] = spans;
    assert.ok(Math.abs(first!.from - 30) <= 4, `begins at ${first!.from}`);
    assert.ok(spans.every(({ from, to }) => to - from > 20 && to - from < 50));
  }
});

Deno.test("a room without anybody, a click and nothing at all hold no words", () => {
  const room = Float32Array.from({ length: 16_000 }, (_, i) => 100 * Math.sin(i * i));
  assert.deepEqual(wordsIn(room), []);
  const click = new Float32Array(16_000);
  click.fill(20_000, 8_000, 8_160);
  assert.deepEqual(wordsIn(click), []);
  assert.deepEqual(wordsIn(new Float32Array(0)), []);
});

Deno.test("a word in two halves is one when one was asked for", () => {
  const halves = samplesOf(spoken(0, [3, 3], "halves", { pause_s: 0.2 }));
  assert.equal(wordsIn(halves).length, 2);
  assert.equal(wordsIn(halves, 1).length, 1);
  const apart = samplesOf(spoken(0, [3, 3], "apart", { pause_s: 0.6 }));
  assert.equal(wordsIn(apart, 1).length, 2);
});

Deno.test("a channel and its loudness leave the features of speech where they were", () => {
  const plain = samplesOf(spoken(1, [2, 7, 5, 0], "channel", { noise: 0.001 }));
  const spans = wordsIn(plain);
  const other = plain.map((sample, i) => 0.4 * (sample - 0.5 * (plain[i - 1] ?? 0)));
  const [before, after] = [featuresOf(plain, spans), featuresOf(other, spans)];
  const wrong = warpCost(before[0]!, before[1]!);
  for (const [i, frames] of before.entries()) {
    assert.equal(frames.values.length, frames.count * FRAME_DIM);
    assert.ok(warpCost(frames, after[i]!) < wrong / 4, `word ${i}`);
  }
});

Deno.test("warping forgives pace, and nothing forgives having nothing to say", () => {
  const ramp = (count: number) => ({
    count,
    values: Float32Array.from(
      { length: count * FRAME_DIM },
      (_, i) => Math.floor(i / FRAME_DIM) / count,
    ),
  });
  assert.equal(warpCost(ramp(20), ramp(20)), 0);
  const slower = warpCost(ramp(20), ramp(30));
  const still = { count: 30, values: new Float32Array(30 * FRAME_DIM) };
  assert.ok(slower < warpCost(ramp(20), still) / 10);
  assert.equal(warpCost(ramp(20), { count: 0, values: new Float32Array(0) }), Infinity);
});
