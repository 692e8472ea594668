/** What stands beside what: the similarity as it is declared, links, and what may not be shown. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { RuntimeError } from "../errors.ts";
import { ancestors, parseCatalogue } from "./catalogue.ts";
import { contentOf } from "./document.ts";
import { Library } from "./library.ts";
import { compare, expanded, Frequencies } from "./similarity.ts";
import { catalogueText, smallShop, written } from "./testing.ts";

const at_ms = Date.UTC(2026, 10, 2);
const tomatoes = "02000000000053", sauce = "02000000000060";

function libraryOf(...nodes: readonly Record<string, unknown>[]): Library {
  const library = new Library(smallShop());
  for (const [place, node] of nodes.entries()) {
    const id = `https://shop.example/${place}`;
    for (const item of contentOf(written({ "@id": id, ...node }), "test")) library.put(item);
  }
  return library;
}
const beside = (library: Library, gtin: string, languages: ("en" | "de")[] = ["en"]) =>
  library.beside(library.catalogue.products.get(gtin)!, languages, at_ms)
    .map(({ item, entity }) => [item.item.parts[0]!.text, entity]);

Deno.test("the similarity is the cosine of what is sure, rare and broader by half", () => {
  const shop = smallShop();
  const one = expanded(shop, new Map([["ingredient/tomato", 1]]));
  assert.deepEqual([...one], [["ingredient/tomato", 1], ["category/vegetables", 0.5]]);
  const other = expanded(shop, new Map([["ingredient/olive", 0.8]]));
  const by = new Frequencies();
  by.add(one);
  by.add(other);
  const [own, shared] = [Math.log(1 + 2 / 1), Math.log(1 + 2 / 2)];
  const lengths = Math.hypot(own, 0.5 * shared) * Math.hypot(0.8 * own, 0.4 * shared);
  const { similarity, shared: links } = compare(one, other, by);
  assert.ok(Math.abs(similarity - 0.5 * 0.4 * shared ** 2 / lengths) < 1e-12);
  assert.deepEqual(links, [{ entity: "category/vegetables", share: 1 }]);
});

Deno.test("a similarity is symmetric, within 0 and 1, and 1 with itself", () => {
  const shop = smallShop();
  const annotation = fc.dictionary(
    fc.constantFrom(...shop.concepts.keys()),
    fc.double({ min: 0.1, max: 1, noNaN: true }),
    { minKeys: 1 },
  ).map((sure) => expanded(shop, new Map(Object.entries(sure))));
  fc.assert(fc.property(annotation, annotation, (one, other) => {
    const by = new Frequencies();
    by.add(one);
    by.add(other);
    const there = compare(one, other, by).similarity, back = compare(other, one, by).similarity;
    assert.ok(Math.abs(there - back) < 1e-9 && there >= 0 && there <= 1);
    assert.ok(Math.abs(compare(one, one, by).similarity - 1) < 1e-9);
  }));
});

Deno.test("the nearest content comes first, with the thing that links the two", () => {
  const library = libraryOf(
    { name: "Basil sauce" },
    { name: "Tomato soup", description: "With basil." },
    { name: "Closed on Monday" },
  );
  assert.deepEqual(beside(library, tomatoes), [["Tomato soup", "ingredient/tomato"]]);
  assert.deepEqual(beside(library, sauce).map(([name]) => name), ["Basil sauce", "Tomato soup"]);
});

Deno.test("an offer for the very product comes first; its own page is not shown beside it", () => {
  const offered = { "@type": "Product", gtin: "2000000000053" };
  const library = libraryOf(
    { name: "Tomato soup" },
    { "@type": "Offer", name: "Two for one", itemOffered: offered },
    { "@type": "Product", name: "Tomatoes", gtin: "2000000000053" },
    { "@type": "SpecialAnnouncement", name: "Recall of tomato sauce 2000000000060" },
  );
  assert.deepEqual(beside(library, tomatoes)[0], ["Two for one", `gtin/${tomatoes}`]);
  const shown = beside(library, tomatoes).map(([name]) => name);
  assert.ok(!shown.includes("Tomatoes"));
  assert.ok(!shown.some((name) => name?.startsWith("Recall")), "it names another product");
  assert.equal(library.page(tomatoes, ["de", "en"])?.item.parts[0]?.text, "Tomatoes");
});

Deno.test("content has its time and its language", () => {
  const library = libraryOf(
    { "@type": "Offer", name: "Tomato week", validThrough: "2026-11-01T00:00:00Z" },
    { "@type": "Offer", name: "Tomato month", validFrom: "2026-12-01T00:00:00Z" },
    { name: "Tomatensuppe", inLanguage: "de" },
    { name: "Tomato salad" },
  );
  assert.deepEqual(beside(library, tomatoes, ["en"]), [["Tomato salad", "ingredient/tomato"]]);
  assert.deepEqual(beside(library, tomatoes, ["de", "en"]), [[
    "Tomatensuppe",
    "ingredient/tomato",
  ]]);
});

Deno.test("an item is replaced and taken out by its id", () => {
  const library = libraryOf({ name: "Tomato soup" });
  library.put(contentOf(written({ "@id": "https://shop.example/0", name: "Basil" }), "test")[0]!);
  assert.equal(library.size, 1);
  assert.deepEqual(beside(library, tomatoes), []);
  assert.equal(library.remove("https://shop.example/0"), true);
  assert.equal(library.remove("https://shop.example/0"), false);
});

Deno.test("what is marked is the link, or a kind of it", () => {
  const library = libraryOf({ name: "Olives, tomatoes and basil" });
  const [part] = library.items()[0]!.parts;
  const marks = library.marks(part!, "category/vegetables");
  assert.deepEqual(marks.map(({ start, end }) => part!.text.slice(start, end)), [
    "Olives",
    "tomatoes",
  ]);
});

Deno.test("a catalogue is refused with the place of what is wrong", () => {
  const refused = (
    change: (draft: Record<string, Record<string, unknown>[]>) => void,
    why: RegExp,
  ) => {
    const draft = JSON.parse(catalogueText);
    change(draft);
    assert.throws(
      () => parseCatalogue(JSON.stringify(draft), "shop.json"),
      (error) =>
        error instanceof RuntimeError && error.kind === "config_invalid" && why.test(error.message),
    );
  };
  refused((draft) => draft["products"]![0]!["gtin"] = "2000000000061", /products.0.gtin/);
  refused((draft) => draft["products"]![0]!["brand"] = "brand/none", /names brand\/none/);
  refused((draft) => draft["concepts"]!.push(draft["concepts"]![0]!), /there twice/);
  refused((draft) => draft["brands"] = [{ id: "brand/x" }], /brands.0.name/);
  assert.throws(() => parseCatalogue("{", "shop.json"), /shop.json: is not JSON/);
});

Deno.test("a circle of broader things ends", () => {
  const draft = JSON.parse(catalogueText);
  draft.concepts[0].broader = ["ingredient/tomato"];
  const shop = parseCatalogue(JSON.stringify(draft), "circle");
  assert.deepEqual([...ancestors(shop, "ingredient/tomato")], [["category/vegetables", 1]]);
});
