/**
 * What the demo store sells, and what a shopper puts on the belt. Article numbers lie in the range
 * that GS1 keeps for demonstrations (prefix 952), with correct check digits.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { LineRequest } from "../../runtime/counter.ts";
import { checkDigit } from "../../runtime/content/gtin.ts";

export interface Article {
  readonly name: string;
  readonly gtin: string;
  /** Price of one. */
  readonly price_minor: number;
  /** Of what is not for everybody. */
  readonly category?: string;
}

const shelf: readonly (readonly [name: string, price_minor: number])[] = [
  ["Rye bread 750 g", 289],
  ["Butter, salted 250 g", 249],
  ["Whole milk 1 l", 119],
  ["Free-range eggs, 10", 329],
  ["Gouda, sliced 200 g", 219],
  ["Bananas 1 kg", 179],
  ["Apples, Elstar 1 kg", 299],
  ["Vine tomatoes 500 g", 249],
  ["Cucumber", 89],
  ["Spinach, frozen 450 g", 169],
  ["Spaghetti 500 g", 129],
  ["Basmati rice 1 kg", 349],
  ["Olive oil 500 ml", 799],
  ["Chickpeas 400 g", 99],
  ["Dark chocolate 70 % 100 g", 199],
  ["Oat biscuits 225 g", 189],
  ["Filter coffee 500 g", 649],
  ["Earl Grey, 25 bags", 279],
  ["Sparkling water 6 x 1.5 l", 294],
  ["Orange juice 1 l", 259],
  ["Yoghurt, plain 500 g", 139],
  ["Chicken breast 400 g", 599],
  ["Smoked tofu 200 g", 259],
  ["Hummus 175 g", 189],
  ["Olives, green 150 g", 229],
  ["Washing-up liquid 500 ml", 159],
  ["Toothpaste 75 ml", 195],
  ["Paper towels, 4 rolls", 399],
  ["Batteries AA, 4", 549],
  ["Sunflowers, bunch", 499],
];

export const articles: readonly Article[] = shelf.map(([name, price_minor], place) => {
  const digits = `9521234${String(50_000 + place * 37).padStart(5, "0")}`;
  return { name, price_minor, gtin: `${digits}${checkDigit(digits)}` };
});

type Counted = readonly [name: string, price_minor: number, category: string];
const counter: readonly Counted[] = [
  ["Lager 6 x 330 ml", 549, "beer_wine"],
  ["Riesling 750 ml", 699, "beer_wine"],
  ["Rum 700 ml", 1_499, "spirits"],
  ["Ibuprofen 600 mg, 20", 899, "prescription"],
];
const counter_from = 60_000;

/** What is sold to some only. */
const restrictedArticles: readonly Article[] = counter.map(([name, price_minor, category], at) => {
  const digits = `9521234${counter_from + at * 37}`;
  return { name, price_minor, category, gtin: `${digits}${checkDigit(digits)}` };
});

/** A basket: one to six articles, each once, now and then several of one; with something that is
 * not for everybody where that is wanted. */
export function fillBasket(
  chance: Chance,
  { restricted = false } = {},
): { items: LineRequest[]; amount_minor: number } {
  const left = [...articles];
  const items: LineRequest[] = [];
  for (let more = 1 + chance.whole(6); more > 0; more--) {
    const [article] = left.splice(chance.whole(left.length), 1);
    if (article === undefined) break;
    const quantity = chance.happens(0.2) ? 2 + chance.whole(2) : 1;
    items.push({
      name: article.name,
      gtin: article.gtin,
      quantity,
      amount_minor: article.price_minor * quantity,
    });
  }
  if (restricted) {
    const { name, gtin, price_minor, category } = chance.pick(restrictedArticles);
    const line = { name, gtin, quantity: 1, amount_minor: price_minor };
    items.push(category === undefined ? line : { ...line, category });
  }
  return { items, amount_minor: items.reduce((sum, item) => sum + item.amount_minor, 0) };
}
