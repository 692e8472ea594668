/**
 * Voices of real people: spoken digits are enrolled, and prompted digits choose the right account
 * among those in range. Needs a folder with `speech/DIGIT_SPEAKER_TAKE.wav`, named by the
 * environment variable FIELDWORK.
 */
import assert from "node:assert/strict";
import { RecordedMicrophone } from "../hardware/recorded/microphone.ts";
import { chanceOf } from "../hardware/simulated/chance.ts";
import { judgeAnswer } from "../runtime/perception/voice/decide.ts";
import { listen } from "../runtime/perception/voice/listen.ts";
import { enrolVoice } from "../runtime/perception/voice/template.ts";
import { evaluateSpeech } from "./evaluate/speech.ts";
import { speechReport } from "./evaluate/speech_report.ts";
import { readSpeakers, type Speaker, spokenInARow } from "./evaluate/speech_takes.ts";

const field = Deno.env.get("FIELDWORK");
if (field === undefined) {
  console.log("voices of real people: skipped, set FIELDWORK to a folder of spoken digits");
}
const ignore = field === undefined;

const chance = chanceOf("speech");
const row = ({ takes }: Speaker, digits: readonly number[], take: number) =>
  spokenInARow(digits.map((digit) => takes[digit]![take]!), chance);

/** Waiting takes no time. */
const clock = {
  now_ms: () => 0,
  after(_delay_ms: number, call: () => void) {
    queueMicrotask(call);
    return () => {};
  },
};

Deno.test({
  name: "real people at a microphone are told apart by prompted digits, a replay is refused",
  ignore,
  async fn() {
    const speakers = await readSpeakers(`${field}/speech`, 20);
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const candidates = speakers.map((speaker) => ({
      visit: speaker.name,
      template: enrolVoice(
        [0, 1, 2, 3, 4].map((take) => ({ sound: row(speaker, all, take), said: all })),
      ),
    }));
    const digits = [7, 1, 3, 5];
    for (const speaker of speakers) {
      const microphone = new RecordedMicrophone({ id: "microphone-1", clock, rate_hz: 8000 });
      microphone.say(row(speaker, digits, 12));
      const answer = await listen(
        microphone,
        { words: 4, longest_s: 15 },
        new AbortController().signal,
      );
      assert.deepEqual(judgeAnswer(answer, { kind: "digits", digits }, candidates), {
        outcome: "chosen",
        visit: speaker.name,
        among: speakers.length,
        authenticates: false,
      });
      const other = { kind: "digits" as const, digits: [2, 9, 0, 6] };
      assert.equal(judgeAnswer(answer, other, candidates).outcome, "unknown");
    }
  },
});

Deno.test({
  name: "over many answers the right account is chosen and wrong digits are not taken",
  ignore,
  async fn() {
    const speakers = await readSpeakers(`${field}/speech`, 10);
    const options = { enrol: 5, digits: 4, answers: 40, splits: 1, seed: 1 };
    const figures = evaluateSpeech(speakers, options);
    console.log(speechReport(figures));
    // A hundred answers are too few to hold the bar to a percent: their interval must reach it.
    assert.ok(figures.right_account.interval[1] >= 0.98, `${figures.right_account.share}`);
    assert.ok(figures.wrong_digits.share <= 0.05, `${figures.wrong_digits.share}`);
    assert.ok(figures.one_wrong_digit.interval[0] <= 0.05, `${figures.one_wrong_digit.share}`);
    assert.ok(figures.other_microphone.share >= 0.9, `${figures.other_microphone.share}`);
  },
});
