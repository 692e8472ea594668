/** The words for content that is shown beside a product, on its way from a gateway to a phone. */
import { z } from "zod";
import { amount_minor, currency, id, time_ms } from "./words.ts";

/** A text in pieces; those that name what links it to the product are marked. */
const pieces = z.array(z.object({ text: z.string().max(8_000), mark: z.boolean() })).max(400);

export const content = z.object({
  /** Its address; nothing is fetched from there. */
  id: z.string().min(1).max(200),
  kind: z.enum(["product", "offer", "recipe", "notice"]),
  language: z.string().min(2).max(8),
  name: pieces,
  text: pieces,
  ingredients: pieces,
  price: z.object({ amount_minor, currency }).nullable(),
  /** For those only who agreed to offers. */
  personal: z.boolean(),
  link: z.object({ entity: z.string().max(80), label: z.string().max(200) }),
  /** Why it is shown, in plain words. */
  why: z.string().max(1_000),
});

/** A gateway shows something to a shopper who agreed to offers. */
export const showContent = z.object({ check_in: id, content });
export const contentTold = z.object({ sequence: z.int() });

export const shownContent = z.object({ sequence: z.int(), shown_at_ms: time_ms, content });
export const shownContents = z.object({ shown: z.array(shownContent).max(20) });

/** `sequence` of the latest content that was shown in the stay under way; 0 for none. */
export const contentLatest = z.int().min(0).default(0);

/** Of a visit: the account agreed to be shown offers. */
export const agreedToOffers = z.boolean().default(false);

export type Content = z.output<typeof content>;
export type ShownContent = z.output<typeof shownContent>;
