/** Which shelf is told of what a decided cart took. */
import assert from "node:assert/strict";
import { aisle } from "../config/aisle.ts";
import { takenFrom } from "./taken.ts";

const [tea, rice, oil] = ["2000000000015", "2000000000022", "2000000000039"];
const plate = (id: string, ...gtins: string[]) => ({
  id,
  x_m: 0,
  y_m: 0,
  stock: Object.fromEntries(gtins.map((gtin) => [gtin, 9])),
});
const { shelves } = aisle.parse({
  retailer: { url: "http://127.0.0.1:8491" },
  gates: [{ id: "door", zone: "hall" }],
  shelves: [
    { id: "low", zone: "hall", plates: [plate("a", tea), plate("b", rice)] },
    { id: "high", zone: "hall", plates: [plate("c", rice)] },
  ],
  products: [tea, rice].map((gtin) => ({ gtin, unit_g: 125, deviation_g: 1 })),
});

Deno.test("a shelf is told of what was seen to be taken there, or lies nowhere else", () => {
  const line = (gtin: string, plate: string | null) => ({ gtin, units: 2, plate });
  const lines = [
    line(tea, "c"),
    line(tea, null),
    line(rice, null),
    line(oil, null),
    line(oil, "x"),
  ];
  const told = takenFrom(shelves, { type: "shelf.note_taken", cart: "ana", lines });
  const took = (plate: string) => ({ type: "cart.took", cart: "ana", plate, gtin: tea, units: 2 });
  assert.deepEqual(told, [
    { shelf: "high", fact: took("c") },
    { shelf: "low", fact: took("a") },
  ]);
});
