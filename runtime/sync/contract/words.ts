/** The smallest words of the contract: names, times, money, bytes, and a line of a basket. */
import { z } from "zod";

export const id = z.string().min(1).max(80).regex(/^[A-Za-z0-9._:-]+$/);
export const text = z.string().min(1).max(200);
export const base64url = (bytes: number) =>
  z.string().max(Math.ceil((bytes * 4) / 3)).regex(/^[A-Za-z0-9_-]*$/);
export const time_ms = z.int().min(0).max(8.64e15);
/** No amount is above this. */
export const amount_most_minor = 100_000_000;
export const amount_minor = z.int().min(1).max(amount_most_minor);
export const currency = z.string().regex(/^[A-Z]{3}$/);
export const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
export const publicKey = z.string().length(43).regex(/^[A-Za-z0-9_-]+$/);
/** Compact JWS, EdDSA. */
export const jws = z.string().max(2_000).regex(/^[\w-]+\.[\w-]+\.[\w-]+$/);

/** What one must be to have something. An age is asked as a threshold and never told. */
export const need = z.string().regex(/^[a-z][a-z0-9_]{1,39}$/);

export const item = z.object({
  name: text,
  gtin: z.string().regex(/^\d{8,14}$/).optional(),
  quantity: z.int().min(1).max(10_000),
  amount_minor: z.int().min(0).max(amount_most_minor),
  /** `age_over_18`, or another eligibility that the issuer knows of accounts. */
  needs: need.optional(),
});
export const items = z.array(item).min(1).max(200);
