/** The book of spoken digits: whoever is charged by a voice said what was shown. */
import assert from "node:assert/strict";
import { PeopleBook } from "./people.ts";
import { VoiceBook } from "./voices.ts";

const ana = new Float32Array([1]);
const bo = new Float32Array([2]);
const rule = "a voice tells who it is";

function book() {
  const found: string[] = [];
  const time = { now_ms: 1_000 };
  const people = new PeopleBook();
  for (const [account, voice] of [["ana", ana], ["bo", bo]] as const) {
    const person = {
      account,
      initials: "X",
      phrase: undefined,
      face: new Float32Array(),
      papers: undefined,
      voice,
    };
    people.settled({ fact: "settled", ...person });
  }
  const voices = new VoiceBook(
    (broken) => void found.push(broken),
    () => time.now_ms,
    people,
    (lane) => `ear-${lane}`,
  );
  const shows = (...digits: number[]) =>
    voices.prompted({ fact: "prompted", microphone: "ear-3", digits });
  const says = (voice: Float32Array, ...digits: number[]) =>
    voices.speaks({ fact: "speaks", microphone: "ear-3", digits, voice });
  return { found, time, voices, shows, says };
}

Deno.test("who said the digits that were shown is charged, and nobody else", () => {
  const { found, voices, shows, says } = book();
  shows(1, 2, 3, 4);
  says(ana, 1, 2, 3, 4);
  voices.charged("p", "ana", "3", 0);
  assert.deepEqual(found, []);
  voices.charged("p", "bo", "3", 0);
  voices.charged("p", "ana", "4", 0);
  assert.deepEqual(found, [rule, rule], "another's voice, and another lane's");
});

Deno.test("digits of an earlier prompt, or of an earlier sale, are no answer", () => {
  const { found, time, voices, shows, says } = book();
  shows(1, 2, 3, 4);
  shows(5, 6, 7, 8);
  says(bo, 1, 2, 3, 4);
  voices.charged("p", "bo", "3", 0);
  assert.deepEqual(found.splice(0), [rule]);
  says(bo, 5, 6, 7, 8);
  time.now_ms += 5_000;
  voices.charged("q", "bo", "3", time.now_ms);
  assert.deepEqual(found, [rule]);
});
