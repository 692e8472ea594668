/** The book of ages: what a wallet shows proves one age, of one account, for one sale. */
import assert from "node:assert/strict";
import type { Fact } from "../facts.ts";
import { AgeBook } from "./ages.ts";

const now = Date.UTC(2026, 8, 21);

function book() {
  const found: string[] = [];
  const time = { now_ms: now };
  const ages = new AgeBook((rule) => void found.push(rule), () => time.now_ms);
  return { found, time, ages };
}

const session = (nonce: string, sale: string) =>
  JSON.stringify(["saunter:x", `saunter:sale/harbour/c/${sale}/age_over_16`, nonce, "w"]);
const shown = {
  over: 16,
  is_over: true,
  by: "town",
  valid_until_ms: now + 1_000_000,
  session: session("n", "p"),
};
const shows = (more: Partial<typeof shown>): Extract<Fact, { fact: "shows_age" }> => ({
  fact: "shows_age",
  account: "bo",
  nonce: "n",
  wallet_nonce: "w",
  response: new TextEncoder().encode(JSON.stringify({ ...shown, ...more })),
});
const ageAsked = {
  fact: "age_asked",
  nonce: "n",
  account: "bo",
  payment: "p",
  need: "age_over_16",
  expires_ms: now + 300_000,
} as const;

Deno.test("a document proves an age for its sale, and nothing less does", () => {
  const wrong = [
    shows({ is_over: false }),
    shows({ over: 15 }),
    shows({ by: "nobody" }),
    shows({ valid_until_ms: now }),
    shows({ session: session("m", "p") }),
    shows({ session: session("n", "q") }),
    { ...shows({}), account: "ana" },
    { ...shows({}), wallet_nonce: "v" },
    { ...shows({}), response: new Uint8Array(3) },
  ];
  for (const presentation of wrong) {
    const { found, ages } = book();
    ages.asked(ageAsked);
    ages.shows(presentation);
    ages.proved({ fact: "age_proved", nonce: "n" });
    assert.deepEqual(found, ["an age is proved by a document for that sale"]);
    assert.equal(ages.covers("p", "bo", 16), false);
  }
  const late = book();
  late.ages.asked(ageAsked);
  late.time.now_ms += 300_000;
  late.ages.shows(shows({}));
  late.ages.proved({ fact: "age_proved", nonce: "n" });
  assert.equal(late.found.length, 1);
});

Deno.test("an age that was proved counts for its sale, its account and so many years", () => {
  const { found, ages } = book();
  ages.asked(ageAsked);
  ages.shows(shows({}));
  ages.proved({ fact: "age_proved", nonce: "n" });
  assert.deepEqual(found, []);
  assert.deepEqual(
    [
      ages.covers("p", "bo", 16),
      ages.covers("p", "bo", 18),
      ages.covers("q", "bo", 16),
      ages.covers("p", "ana", 16),
    ],
    [true, false, false, false],
  );
});
