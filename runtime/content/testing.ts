/** A small shop with words of every kind, for the tests of this room. */
import { parseCatalogue } from "./catalogue.ts";

const tomato = "ingredient/tomato", sauce = "category/sauce", vegetables = "category/vegetables";

export const catalogueText = JSON.stringify({
  concepts: [
    { id: vegetables, labels: { en: ["vegetable"], de: ["Gemüse"] } },
    { id: sauce, labels: { en: ["sauce"], de: ["Soße"] } },
    { id: "category/oil", labels: { en: ["oil"] }, common: { en: ["oil"] } },
    { id: tomato, labels: { en: ["tomato"], de: ["Tomate"] }, broader: [vegetables] },
    { id: "ingredient/basil", labels: { en: ["basil"], de: ["Basilikum"] } },
    { id: "ingredient/olive", labels: { en: ["olive"] }, broader: [vegetables] },
    { id: "ingredient/olive-oil", labels: { en: ["olive oil"] }, broader: ["category/oil"] },
    {
      id: "ingredient/date",
      labels: { en: ["date"] },
      common: { en: ["date"] },
      not: { en: ["best before date"] },
    },
    { id: "ingredient/nut", labels: { en: ["nut"], de: ["Nuss"] } },
  ],
  brands: [
    { id: "brand/only", name: "Only", common: ["en"] },
    { id: "brand/fattoria", name: "Fattoria" },
  ],
  products: [
    {
      gtin: "2000000000060",
      name: { en: "Tomato sauce", de: "Tomatensoße" },
      brand: "brand/fattoria",
      about: [sauce, tomato],
    },
    { gtin: "2000000000053", name: { en: "Tomatoes" }, brand: "brand/only", about: [tomato] },
  ],
});

export const smallShop = () => parseCatalogue(catalogueText, "small.json");

/** A document in schema.org's words. */
export const written = (node: Record<string, unknown>) => ({
  "@context": "https://schema.org",
  "@id": "https://shop.example/1",
  "@type": "Recipe",
  inLanguage: "en",
  name: "Tomato soup",
  ...node,
});
