/** The linker finds what a text names, where it names it, and nothing that only looks alike. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createLinker } from "./link.ts";
import { smallShop } from "./testing.ts";
import { tidyText } from "./words.ts";

const linker = createLinker(smallShop());
const found = (text: string, language = "en") =>
  linker.mentions(tidyText(text), language).map(({ entity }) => entity);

Deno.test("a mention has its place in the text and a score", () => {
  const text = "Ripe Tomatoes, basil";
  const [tomato] = linker.mentions(text, "en");
  assert.ok(tomato);
  assert.equal(text.slice(tomato.start, tomato.end), "Tomatoes");
  assert.equal(tomato.entity, "ingredient/tomato");
  assert.equal(tomato.score, 0.9);
});

Deno.test("the longest name wins, and a phrase that means something else is nothing", () => {
  assert.deepEqual(found("olive oil and an olive"), ["ingredient/olive-oil", "ingredient/olive"]);
  assert.deepEqual(found("Tomato, best before date"), ["ingredient/tomato"]);
});

Deno.test("a word of several meanings needs company", () => {
  assert.deepEqual(found("Save the date"), []);
  assert.deepEqual(found("A date with basil"), ["ingredient/date", "ingredient/basil"]);
});

Deno.test("a brand that is an ordinary word needs to be said as one", () => {
  assert.deepEqual(found("Only today"), []);
  assert.deepEqual(found("Only tomatoes today"), ["ingredient/tomato"]);
  assert.deepEqual(found("Tomatoes by Only"), ["ingredient/tomato", "brand/only"]);
  assert.deepEqual(found("Only® tomatoes"), ["brand/only", "ingredient/tomato"]);
  assert.deepEqual(found("the fattoria next door"), []);
  assert.deepEqual(found("the Fattoria sauce"), ["brand/fattoria", "category/sauce"]);
});

Deno.test("what is absent is not there, and what follows is", () => {
  assert.deepEqual(found("sauce without basil, but with tomato"), [
    "category/sauce",
    "ingredient/tomato",
  ]);
  assert.deepEqual(found("a nut-free sauce"), ["category/sauce"]);
  assert.deepEqual(found("nussfreie Soße", "de"), ["category/sauce"]);
});

Deno.test("both halves of a German compound are meant, when both are known", () => {
  assert.deepEqual(found("Tomatensoße", "de").sort(), ["category/sauce", "ingredient/tomato"]);
  assert.deepEqual(found("Tomatendünger", "de"), []);
});

Deno.test("a sentence in another language is read in its own", () => {
  assert.deepEqual(found("Wir sind auf dem Markt und haben Tomaten. Tomaten!", "en"), [
    "ingredient/tomato",
  ]);
});

Deno.test("a number counts with a right check digit when it is known or called one", () => {
  assert.deepEqual(found("2000000000060"), ["gtin/02000000000060"]);
  assert.deepEqual(found("2000000000061"), []);
  assert.deepEqual(found("order 4006381333931"), []);
  assert.deepEqual(found("EAN 4006381333931"), ["gtin/04006381333931"]);
});

Deno.test("mentions lie within the text, in order, and are the same again", () => {
  const words = [
    "tomato",
    "Olive oil",
    "date",
    "without",
    "Only",
    "®",
    "-free",
    ".",
    "EAN 96385074",
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "grapheme" })), {
    maxLength: 20,
  }).map((parts) => tidyText(parts.join(" ")));
  fc.assert(fc.property(text, fc.constantFrom("en", "de", "fr", "es"), (text, language) => {
    const all = linker.mentions(text, language);
    for (const [at, { start, end, score }] of all.entries()) {
      assert.ok(start >= (all[at - 1]?.start ?? 0) && start < end && end <= text.length);
      assert.ok(score >= 0.6 && score <= 1);
    }
    assert.deepEqual(linker.mentions(text, language), all);
  }));
});
