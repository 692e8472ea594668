/** Prompted digits choose the right one of those in range, and anything else names nobody. */
import assert from "node:assert/strict";
import { decideVoice, judgeAnswer, voiceRule, type VoiceScore } from "./decide.ts";
import { PROMPT_BYTES, promptDigits, type VoicePrompt } from "./prompt.ts";
import { wipeVoiceTemplate } from "./template.ts";
import { enrolledTone, spoken } from "./testing.ts";

const phrases = [[1, 5, 9], [2, 6, 3], [8, 4, 7]];
const candidates = [0, 1, 2].map((voice) => ({
  visit: `visit-${voice}`,
  template: enrolledTone(voice, phrases[voice]),
}));
const digits = (...said: number[]): VoicePrompt => ({ kind: "digits", digits: said });
const unknown = (reason: string) => ({ outcome: "unknown", reason, authenticates: false });
const chosen = (visit: string) => ({ outcome: "chosen", visit, among: 3, authenticates: false });

Deno.test("each is chosen by the digits that were prompted", () => {
  for (const voice of [0, 1, 2]) {
    const answer = spoken(voice, [7, 0, 3, 5], `answer ${voice}`);
    assert.deepEqual(
      judgeAnswer(answer, digits(7, 0, 3, 5), candidates),
      chosen(`visit-${voice}`),
    );
  }
});

Deno.test("an answer at another rate, and louder, chooses the same", () => {
  const answer = spoken(1, [2, 9, 4, 8], "fine microphone", { rate_hz: 16_000 });
  const louder = { ...answer, samples: answer.samples.map((sample) => sample * 2) };
  assert.deepEqual(judgeAnswer(louder, digits(2, 9, 4, 8), candidates), chosen("visit-1"));
});

Deno.test("the answer to another prompt, replayed, is refused", () => {
  const recorded = spoken(1, [7, 0, 3, 5], "overheard");
  assert.deepEqual(judgeAnswer(recorded, digits(7, 0, 3, 5), candidates), chosen("visit-1"));
  assert.deepEqual(
    judgeAnswer(recorded, digits(4, 8, 1, 6), candidates),
    unknown("strange_voice"),
  );
  const swapped = judgeAnswer(recorded, digits(7, 0, 5, 3), candidates);
  assert.equal(swapped.outcome, "unknown");
  const one_wrong = judgeAnswer(recorded, digits(7, 0, 3, 6), candidates);
  assert.equal(one_wrong.outcome, "unknown");
});

Deno.test("too few words, too many and silence are no answer", () => {
  const prompt = digits(7, 0, 3, 5);
  const ask = (words: number[]) => judgeAnswer(spoken(0, words, "count"), prompt, candidates);
  assert.deepEqual(ask([7, 0, 3]), unknown("word_count"));
  assert.deepEqual(ask([7, 0, 3, 5, 1]), unknown("word_count"));
  assert.deepEqual(ask([]), unknown("word_count"));
});

Deno.test("one voice alone is never named, even by its own right answer", () => {
  const answer = spoken(0, [7, 0, 3, 5], "alone");
  const prompt = digits(7, 0, 3, 5);
  assert.deepEqual(judgeAnswer(answer, prompt, candidates.slice(0, 1)), unknown("no_choice"));
  assert.deepEqual(judgeAnswer(answer, prompt, []), unknown("no_choice"));
});

Deno.test("a stranger's voice is nobody's", () => {
  const answer = spoken(9, [7, 0, 3, 5], "stranger");
  const verdict = judgeAnswer(answer, digits(7, 0, 3, 5), candidates);
  assert.deepEqual(verdict, unknown("strange_voice"));
});

Deno.test("a phrase chooses whoever enrolled it, and another phrase nobody", () => {
  const say = (voice: number, words: readonly number[]) =>
    judgeAnswer(
      spoken(voice, words, `say ${voice}`, { pause_s: 0.2 }),
      { kind: "phrase" },
      candidates,
    );
  for (const voice of [0, 1, 2]) {
    assert.deepEqual(say(voice, phrases[voice]!), chosen(`visit-${voice}`));
  }
  assert.equal(say(0, [6, 0, 2]).outcome, "unknown");
  assert.deepEqual(say(0, []), unknown("word_count"));
  const without = [0, 1].map((voice) => ({ visit: `${voice}`, template: enrolledTone(voice) }));
  const verdict = judgeAnswer(spoken(0, [1, 2], "none"), { kind: "phrase" }, without);
  assert.deepEqual(verdict, unknown("no_choice"));
});

Deno.test("a template of another model, or one that was wiped, is an error and no answer", () => {
  const answer = spoken(0, [7, 0, 3, 5], "other");
  const judge = (changes: object) =>
    judgeAnswer(answer, digits(7, 0, 3, 5), [
      candidates[0]!,
      { visit: "other", template: { ...candidates[1]!.template, ...changes } },
    ]);
  assert.throws(() => judge({ preset: "16k" }), /16k.*cannot be compared.*enrol again/);
  assert.throws(() => judge({ version: 2 }), /enrol again/);
  const { takes } = candidates[1]!.template;
  assert.throws(() => judge({ takes: [{ ...takes[0]!, from: 1e9 }] }), /damaged/);
  assert.throws(() => judge({ takes: [{ ...takes[0]!, word: 10 }] }), /damaged/);
  assert.throws(() => judge({ takes: Array(89).fill(takes[0]) }), /damaged/);
  const gone = enrolledTone(1);
  wipeVoiceTemplate(gone);
  assert.throws(() => judge(gone), /damaged/);
});

Deno.test("the declared rule: threshold, margin, digits, in this order", () => {
  const score = (visit: string, cost: number, changes: object = {}): VoiceScore => ({
    visit,
    cost,
    strangeness: 1,
    worstDigit: () => 0.9,
    ...changes,
  });
  const decide = (...scores: VoiceScore[]) => decideVoice(scores, "digits", voiceRule);
  const far = score("b", 20);
  const reason = (...scores: VoiceScore[]) => {
    const verdict = decide(...scores);
    return verdict.outcome === "unknown" ? verdict.reason : verdict.visit;
  };
  assert.equal(reason(far, score("a", 10)), "a");
  assert.equal(reason(far, score("a", 10, { strangeness: 2 })), "strange_voice");
  assert.equal(reason(far, score("a", 10, { strangeness: NaN })), "strange_voice");
  assert.equal(reason(score("b", 10.05), score("a", 10)), "no_margin");
  assert.equal(reason(far, score("a", 10, { worstDigit: () => 1.3 })), "wrong_words");
  assert.equal(reason(far, score("a", 10, { worstDigit: () => NaN })), "wrong_words");
  assert.equal(reason(score("b", Infinity), score("a", 10)), "no_choice");
  assert.equal(reason(score("b", NaN), score("a", 10)), "no_choice");
});

Deno.test("prompts are drawn without favour, with no digit twice", () => {
  const seen = new Array<number>(10).fill(0);
  let state = 1;
  for (let i = 0; i < 2_000; i++) {
    const bytes = Uint8Array.from({ length: PROMPT_BYTES }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
    const prompt = promptDigits(bytes);
    assert.ok(prompt.kind === "digits" && new Set(prompt.digits).size === 4);
    seen[prompt.digits[0]!]!++;
  }
  assert.ok(seen.every((count) => Math.abs(count - 200) < 70), seen.join());
  assert.deepEqual(promptDigits(Uint8Array.of(250, 255, 13, 252, 0, 8, 7)), digits(3, 0, 1, 2));
  assert.throws(() => promptDigits(Uint8Array.of(250, 251)), /too few random bytes/);
  assert.throws(() => promptDigits(new Uint8Array(64), 11), /one to ten/);
});
