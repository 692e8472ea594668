/** Enough of what may happen to a display to bring it everywhere. */
const soup = {
  content: "https://shop.example/soup",
  personal: true,
  similarity: 0.5,
  entity: "ingredient/tomato",
};

export const displaySamples = [
  {
    type: "store.display_configured",
    languages: ["en"],
    policy: { show_ms: 30_000, per_shopper: 1, per_display: 2, within_ms: 600_000 },
  },
  { type: "shopper.looked_at", gtin: "02000000000060", visit: null },
  { type: "shopper.looked_at", gtin: "02000000000060", visit: "ada" },
  { type: "cart.item_picked", gtin: "02000000000060", visit: "ada" },
  { type: "content.chosen", look: 1, choices: [soup] },
  { type: "visit.offers_answered", look: 1, agreed: true },
] as const;
