/**
 * What walk-out services ask a retailer, after the published Just Walk Out connector: identities at
 * the gate, scans, and finished trips. Strict on the limits that are published, lenient about
 * fields that are not known. What the publication leaves open stands in `answers`, in one place.
 */
import { z } from "zod";

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
const short = z.string().min(1).max(255);
const timestamp = z.iso.datetime();
const base64 = z.string().min(1).max(1_000).regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .refine((text) => text.length % 4 === 0, "is not Base64");

const eventAtEntry = { id: uuid, timestamp, location: z.literal("ENTRY") };

export const verifyIdentityKeys = z.object({
  requestId: uuid,
  identityKey: base64,
  storeId: short,
  authEvent: z.object(eventAtEntry),
  keyChannel: z.literal("OPTICAL").optional(),
});

export const getShopper = z.object({
  requestId: uuid,
  shopperKey: base64,
  storeId: short,
  timestamp,
  shopperKeyType: z.enum(["QR_CODE", "PHONE_NUMBER"]).optional(),
});

/** Documentation and questions page contradict each other on where the code stands: in `value`, or
 * as Base64 in `id`. Both are taken. */
export const resolveScan = z.object({
  requestId: uuid,
  storeId: short,
  scanEvent: z.object({
    id: short,
    timestamp,
    location: z.literal("ENTRY"),
    value: z.string().max(1_000).optional(),
    channel: z.literal("OPTICAL"),
  }),
});

const visitorTypes = ["SHOPPER", "ASSOCIATE", "CASH", "LOYALTY"] as const;
const scanResult = z.object({ id: short, type: z.enum(visitorTypes) });

export const getScanDetails = z.object({ storeId: short, scanResult });

const cartItem = z.object({
  id: short,
  type: z.enum(["SKU", "SCANCODE"]),
  quantity: z.object({
    value: z.string().max(10).regex(/^\d+(\.\d+)?$/),
    unit: z.string().min(1).max(20),
  }),
  externalIdentifiers: z.array(z.object({ id: short, type: z.enum(["UPC", "EAN", "GTIN"]) }))
    .max(50).optional(),
  lineItemId: short.optional(),
});

export const createPurchases = z.object({
  requestId: uuid,
  idempotentShoppingTripId: short.regex(/^[0-9a-zA-Z_-]+$/),
  storeId: short,
  shoppingTrip: z.object({
    startTime: timestamp,
    endTime: timestamp,
    authEvents: z.array(z.object({
      id: uuid,
      timestamp: timestamp.optional(),
      location: z.enum(["ENTRY", "MANUAL_IN_STORE"]).optional(),
      payloadType: z.enum(["FINANCIAL", "SCAN_CODE"]),
      scanResult: scanResult.optional(),
    })).min(1).max(20),
  }).refine(
    ({ startTime, endTime }) => Date.parse(endTime) >= Date.parse(startTime),
    "ends before it starts",
  ),
  cartItems: z.array(cartItem).max(1_000).refine((items) => {
    const named = items.flatMap(({ lineItemId }) => lineItemId ?? []);
    return new Set(named).size === named.length;
  }, "has a lineItemId twice"),
  shopperIdentity: z.object({ id: short }).optional(),
  shopperDeviceId: short.optional(),
});

/** Not published: so many of a product were never taken on that trip, and are given back. */
export const tellDispute = z.object({
  requestId: short,
  idempotentShoppingTripId: short.regex(/^[0-9a-zA-Z_-]+$/),
  storeId: short,
  externalIdentifiers: z.array(z.object({ id: short, type: short })).max(20).default([]),
  quantity: z.object({ value: short.regex(/^\d{1,4}\.0$/), unit: z.literal("unit") }),
});

/** Not published: the shop's own people sign a shopper up, or turn one away. */
export const account = z.object({
  key: short.max(700),
  id: short,
  type: z.enum(visitorTypes),
  refused: z.boolean().default(false),
});

export type Purchase = z.infer<typeof createPurchases>;
export type Visitor = { readonly id: string; readonly type: typeof visitorTypes[number] };

/** Bodies of refusals, which the publication does not show. */
export const answers = {
  invalid: (where: string) => ({ errorMsg: "BadRequestException", field: where }),
  unknown_key: { errorMsg: "UnknownIdentityKey" },
  not_found: { errorMsg: "ResourceNotFound" },
  too_many: { errorMsg: "TooManyRequests" },
  forbidden: { errorMsg: "AccessDenied" },
  failed: { errorMsg: "InternalServerError" },
} as const;
