/** What comes of the sound of somebody who enrols a voice, without a browser. */
import assert from "node:assert/strict";
import { judgeAnswer } from "../../runtime/perception/voice/decide.ts";
import { enrolledTone, spoken } from "../../runtime/perception/voice/testing.ts";
import { Recorder } from "./recorder.ts";
import { adviceOn, rounds } from "./rounds.ts";

const rate_hz = 8_000;

/** Somebody says digits, and is silent for a second. */
function says(recorder: Recorder, digits: readonly number[], seed: string): void {
  const { samples } = spoken(4, digits, seed, { rate_hz });
  const whole = Float32Array.from([...samples, ...new Int16Array(rate_hz)], (at) => at / 32_767);
  for (let from = 0; from < whole.length; from += 128) {
    recorder.push(whole.slice(from, from + 128), rate_hz);
  }
}

Deno.test("all rounds make a voice by which its owner is chosen", async () => {
  const recorder = new Recorder();
  for (const [round, digits] of rounds.entries()) {
    const taking = recorder.take(digits);
    says(recorder, digits, `round ${round}`);
    assert.deepEqual(await taking, { heard: 10, fit: true });
  }
  const voice = recorder.finish();
  assert.equal(voice.takes.length, 50);
  const digits = [3, 1, 8, 5];
  const twins = [{ visit: "ada", template: voice }, { visit: "bob", template: enrolledTone(1) }];
  const answer = spoken(4, digits, "at a till");
  const verdict = judgeAnswer(answer, { kind: "digits", digits }, twins);
  assert.equal(verdict.outcome === "chosen" && verdict.visit, "ada");
  assert.throws(() => recorder.finish(), /the digit 0 was said 0 times/);
});

Deno.test("a round with too few words is not kept; between rounds nobody listens", async () => {
  const recorder = new Recorder();
  says(recorder, [1, 2, 3], "before anybody asked");
  const taking = recorder.take([1, 2, 3, 4]);
  says(recorder, [1, 2, 3], "too few");
  recorder.forget();
  assert.deepEqual(await taking, { heard: 3, fit: false });
  assert.throws(() => recorder.finish(), /said 0 times/);
});

Deno.test("whoever was not heard is told why; each digit is said as often", () => {
  assert.equal(adviceOn(10, 10), undefined);
  assert.match(adviceOn(0, 10) ?? "", /closer/);
  assert.match(adviceOn(1, 10) ?? "", /1 word was heard, not 10: a short pause/);
  assert.match(adviceOn(11, 10) ?? "", /only the digits/);
  for (const round of rounds) assert.equal(new Set(round).size, 10);
});
