/** Voices made of tones go through the evaluation, and folders that are not enough are refused. */
import assert from "node:assert/strict";
import { wav } from "../../hardware/recorded/testing.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { wordsIn } from "../../runtime/perception/voice/endpoint.ts";
import { atVoiceRate } from "../../runtime/perception/voice/sound.ts";
import { spoken } from "../../runtime/perception/voice/testing.ts";
import { evaluateSpeech } from "./speech.ts";
import { asksForSpeech, runSpeech, speechReport } from "./speech_report.ts";
import { readSpeakers, type Speaker, spokenInARow, throughAnother } from "./speech_takes.ts";

function tones(voice: number, takes: number): Speaker {
  return {
    name: `tone-${voice}`,
    takes: Array.from({ length: 10 }, (_, digit) =>
      Array.from(
        { length: takes },
        (_, take) => spoken(voice, [digit], `${digit}/${take}`, { pause_s: 0.03 }),
      )),
  };
}

Deno.test("voices that differ plainly are told apart, and wrong digits are not taken", () => {
  const options = { enrol: 3, digits: 4, answers: 2, splits: 1, seed: 1 };
  const figures = evaluateSpeech([tones(0, 5), tones(4, 5)], options);
  assert.deepEqual([figures.right_account.hits, figures.right_account.trials], [4, 4]);
  assert.deepEqual([figures.wrong_digits.hits, figures.wrong_digits.trials], [0, 4]);
  assert.deepEqual([figures.one_wrong_digit.hits, figures.one_wrong_digit.trials], [0, 4]);
  assert.deepEqual([figures.strangers.trials, figures.other_microphone.trials], [0, 2]);
  assert.deepEqual(figures.right_account.interval.map((end) => end.toFixed(2)), ["0.51", "1.00"]);
  assert.match(speechReport(figures), /right account of 2 +4 of 4 +100\.00 % +51\.01 % to 100/);
});

Deno.test("takes in a row are heard one by one, through another microphone as well", () => {
  const { takes } = tones(0, 1);
  const row = spokenInARow([3, 1, 4].map((digit) => takes[digit]![0]!), chanceOf(1));
  for (const sound of [row, throughAnother(row, chanceOf(2))]) {
    assert.equal(wordsIn(atVoiceRate(sound), 3).length, 3);
  }
});

Deno.test("a folder with too little in it is refused with what is missing", async () => {
  const folder = await Deno.makeTempDir();
  const put = (name: string) => Deno.writeFile(`${folder}/${name}`, wav({ samples: [1, 2] }));
  const say = () => assert.fail("there is nothing to say");
  await assert.rejects(readSpeakers(`${folder}/gone`, 1), /cannot be listed/);
  for (let digit = 0; digit < 10; digit++) await put(`${digit}_anna_0.wav`);
  await put("a note.wav");
  await assert.rejects(readSpeakers(folder, 1), /holds 1 speakers .* 2 or more are needed/);
  await put("0_ben_0.wav");
  await assert.rejects(readSpeakers(folder, 1), /ben said the digit 1 0 times; 1 are needed/);
  await assert.rejects(runSpeech(["--speech", folder], say), /anna said the digit 0 1 times/);
  for (let digit = 1; digit < 10; digit++) await put(`${digit}_ben_0.wav`);
  const speakers = await readSpeakers(folder, 1);
  assert.deepEqual(speakers.map(({ name }) => name), ["anna", "ben"]);
  assert.throws(
    () => evaluateSpeech(speakers, { enrol: 1, digits: 4, answers: 1, splits: 1, seed: 1 }),
    /anna could not be heard/,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("arguments that make no sense are refused", async () => {
  assert.ok(asksForSpeech(["--json", "--speech=x"]) && !asksForSpeech(["--faces", "speech"]));
  const refuse = (args: string[], words: RegExp) =>
    assert.rejects(runSpeech(args, () => {}), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, words);
      return true;
    });
  await refuse(["--speech", "x", "--enrol", "2"], /--enrol is 2/);
  await refuse(["--speech", "x", "--digits", "11"], /--digits is 11/);
  await refuse(["--speech", "x", "--voices", "2"], /^Unknown option '--voices'; see --help$/);
  await refuse(["--json"], /usage/);
});
