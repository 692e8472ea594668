/** JSON-LD in: what is read of it, and what is refused with the reason. */
import assert from "node:assert/strict";
import { limits } from "../limits.ts";
import { RuntimeError } from "../errors.ts";
import { contentOf, parseContent } from "./document.ts";
import { written } from "./testing.ts";

const refused = (node: unknown, reason: RegExp) =>
  assert.throws(
    () => contentOf(node, "a.jsonld"),
    (error) =>
      error instanceof RuntimeError && error.kind === "request_invalid" &&
      reason.test(error.message) && !error.message.includes("\n"),
  );

Deno.test("a recipe: name, ingredients and steps", () => {
  const [item] = contentOf(
    written({
      recipeIngredient: ["2 tomatoes", "1 onion"],
      recipeInstructions: [{ "@type": "HowToStep", text: "Cook." }],
    }),
    "a.jsonld",
  );
  assert.deepEqual(item, {
    id: "https://shop.example/1",
    kind: "recipe",
    language: "en",
    parts: [
      { field: "name", text: "Tomato soup" },
      { field: "ingredients", text: "2 tomatoes. 1 onion." },
      { field: "steps", text: "Cook." },
    ],
    personal: false,
  });
});

Deno.test("an offer: price, product, times, and for whom", () => {
  const [item] = contentOf(
    written({
      "@type": "Offer",
      price: "4.9",
      priceCurrency: "EUR",
      itemOffered: { "@type": "Product", gtin13: "2000000000060", brand: { name: "Fattoria" } },
      validFrom: "2026-11-01T08:00:00+01:00",
      validThrough: "2026-11-30T20:00:00Z",
      validForMemberTier: { "@type": "MemberProgramTier", name: "Regulars" },
    }),
    "a.jsonld",
  );
  assert.deepEqual(item, {
    id: "https://shop.example/1",
    kind: "offer",
    language: "en",
    parts: [{ field: "name", text: "Tomato soup" }],
    gtin: "02000000000060",
    brand: "Fattoria",
    price: { amount_minor: 490, currency: "EUR" },
    personal: true,
    from_ms: Date.UTC(2026, 10, 1, 7),
    until_ms: Date.UTC(2026, 10, 30, 20),
  });
});

Deno.test("GS1's words, prefixes and languages of values say the same", () => {
  const [item] = contentOf({
    "@context": { s: "http://schema.org/", gs1: "https://ref.gs1.org/voc/", "@language": "de-AT" },
    "@graph": [{
      "@id": "https://shop.example/2",
      "@type": ["gs1:Product"],
      "gs1:gtin": "2000000000060",
      "gs1:productName": [
        { "@value": "Tomatensoße", "@language": "de" },
        { "@value": "Tomato sauce", "@language": "en" },
      ],
      "s:description": "Aus Tomaten.",
      "gs1:brand": { "@type": "gs1:Brand", name: "Fattoria" },
      "https://ref.gs1.org/voc/ingredientStatement": "Tomaten, Salz",
    }],
  }, "b.jsonld");
  assert.equal(item?.kind, "product");
  assert.equal(item.language, "de");
  assert.equal(item.gtin, "02000000000060");
  assert.equal(item.brand, "Fattoria");
  assert.deepEqual(item.parts.map(({ text }) => text), [
    "Tomatensoße",
    "Aus Tomaten.",
    "Tomaten, Salz.",
  ]);
});

Deno.test("amounts keep to their currency's places", () => {
  const priced = (price: unknown, priceCurrency: string) =>
    contentOf(written({ "@type": "Offer", price, priceCurrency }), "a")[0]?.price?.amount_minor;
  assert.equal(priced("500", "JPY"), 500);
  assert.equal(priced(4.99, "EUR"), 499);
  assert.equal(priced("1.234", "BHD"), 1_234);
  refused(written({ "@type": "Offer", price: "4,99", priceCurrency: "EUR" }), /digits like 4.99/);
  refused(written({ "@type": "Offer", price: "4.99" }), /priceCurrency/);
  refused(written({ "@type": "Offer", price: "4.99", priceCurrency: "JPY" }), /0 decimal places/);
});

Deno.test("no context of others is loaded, and keywords that change meanings are refused", () => {
  refused(written({ "@context": "https://evil.example/context" }), /contexts are not loaded/);
  refused({ "@id": "https://shop.example/1" }, /no @context/);
  refused(written({ "@context": { name: "https://schema.org/description" } }), /not understood/);
  refused(written({ "@reverse": {} }), /@reverse/);
  refused(written({ about: { "@context": "https://schema.org" } }), /only the document/);
});

Deno.test("what a display could not show or find again is refused", () => {
  refused(written({ "@id": "recipe-1" }), /absolute address/);
  refused(written({ "@type": "Person" }), /Product, Offer, Recipe/);
  refused(written({ inLanguage: "sv" }), /en, de, fr or es/);
  refused(written({ name: " \u200b " }), /no name/);
  refused(written({ "@type": "Product", gtin: "2000000000061" }), /check digit/);
  refused(written({ gtin: 2000000000060 }), /check digit/);
  refused(written({ "@type": "Offer", validThrough: "2026-11-30" }), /with time and offset/);
  refused(written({ "@type": "Offer", validThrough: "2026-99-30T20:00:00Z" }), /with time/);
});

Deno.test("a document is bounded in text, depth and lists", () => {
  refused(written({ description: "x".repeat(limits.content_characters) }), /characters of text/);
  refused(
    written({ keywords: Array(limits.content_list + 1).fill("x") }),
    /list in it is too long/,
  );
  let deep: unknown = "x";
  for (let level = 0; level <= limits.content_depth; level++) deep = { about: deep };
  refused(written({ about: deep }), /nested too deeply/);
});

Deno.test("a text that is not JSON is refused in one line that does not repeat it", () => {
  assert.throws(
    () => parseContent("{secret", "a.jsonld"),
    (error) => error instanceof RuntimeError && !error.message.includes("secret"),
  );
  assert.throws(() => parseContent("[]", "a.jsonld"), /no JSON object/);
});
