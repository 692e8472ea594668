/** Enrolment keeps what it needs, asks again for what is missing, and can be wiped. */
import assert from "node:assert/strict";
import { limits } from "../../limits.ts";
import { FRAME_DIM } from "./features.ts";
import { checkVoiceTemplate, enrolVoice, voiceModel, wipeVoiceTemplate } from "./template.ts";
import { enrolledTone, recordingsOf, spoken } from "./testing.ts";

Deno.test("a template says how it was made and holds each take once", () => {
  const template = enrolledTone(0, [4, 2]);
  checkVoiceTemplate(template);
  const { model, preset, version } = template;
  assert.deepEqual({ model, preset, version }, voiceModel);
  assert.equal(template.takes.length, 33);
  assert.equal(template.takes.filter(({ word }) => word === "phrase").length, 3);
  assert.equal(template.takes.filter(({ word }) => word === 7).length, 3);
  let next = 0;
  for (const { from, count } of template.takes) {
    assert.equal(from, next);
    next += count;
  }
  assert.equal(template.values.length, next * FRAME_DIM);
});

Deno.test("wiping leaves no number of the voice", () => {
  const template = enrolledTone(1, [4, 2]);
  assert.ok(template.values.some((value) => value !== 0));
  wipeVoiceTemplate(template);
  assert.ok(template.values.every((value) => value === 0));
  assert.ok(template.spreads.every((value) => value === 0));
});

Deno.test("an incomplete enrolment says what to record again", () => {
  const all = recordingsOf(0, [4, 2]);
  const nine = { sound: spoken(0, [0, 1, 2], "nine"), said: [0, 1, 2, 3] };
  assert.throws(() => enrolVoice([...all, nine]), /3 words were heard where 4 were asked for/);
  assert.throws(() => enrolVoice(all.slice(0, 4)), /the digit 0 was said 2 times, not 3/);
  assert.throws(() => enrolVoice(all.slice(0, 5)), /the phrase was said 2 times, not 3/);
  const silence = { sound: spoken(0, [], "silence"), said: "phrase" as const };
  assert.throws(() => enrolVoice([...all, silence]), /nothing was heard/);
  assert.throws(
    () => enrolVoice(Array(limits.voice_recordings + 1).fill(all[0])),
    /17 recordings, at most 16/,
  );
});
