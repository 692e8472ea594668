/**
 * What a retailer's own system asks of the issuer, after the published Just Walk Out connector:
 * strict on what is published, lenient about fields that are not known. `http/connector.ts` speaks
 * it; who asks is proved before.
 */
import { z } from "zod";
import { minorUnits } from "../../runtime/money.ts";
import { amount_most_minor, items } from "../../runtime/sync/contract/words.ts";
import { toHex, utf8 } from "../../runtime/vault/bytes.ts";
import { ConnectorRefusal } from "./connector_refusal.ts";
import type { Price } from "./rooms/charges.ts";
import type { Rooms } from "./rooms/rooms.ts";
import type { House } from "./world.ts";

const storeId = z.string().min(1).max(255).regex(/^[0-9a-zA-Z_-]*$/);
const tripId = z.string().min(1).max(255).regex(/^[0-9a-zA-Z_-]+$/);
const currency = z.string().max(3).regex(/^[A-Z]{3}$/);
/** Money of the checkout: a string with exactly two decimals. */
const written = z.object({
  amount: z.string().regex(/^\d{1,9}\.\d{2}$/),
  currencyCode: currency,
});
/** Money of the payment service: a number. */
const amountOf = z.object({ amount: z.number(), code: currency });
const trip = z.object({ storeId, shoppingTripId: tripId });

const lineItem = z.object({
  productId: z.string().min(1).max(255),
  /** Not published: the name on the receipt. */
  productName: z.string().min(1).max(200).optional(),
  externalIdentifiers: z.array(z.object({ id: z.string().max(255), type: z.string() })).optional(),
  type: z.enum(["SKU", "SCANCODE"]),
  quantity: z.object({
    value: z.string().max(10).regex(/^\d+(\.\d+)?$/),
    unit: z.string().max(20),
  }),
  unitPrice: z.object({
    totalPrice: written,
    price: written,
    salesTax: written.optional(),
    promotions: z.array(z.object({ promotionAmount: written })).optional(),
    depositsAndFees: z.array(z.object({ depositAndFeeAmount: written })).optional(),
  }),
});

export const bodies = {
  checkout: z.object({
    idempotentShoppingTripId: tripId,
    storeId,
    lineItems: z.array(lineItem).max(200),
    orderTotals: z.object({
      priceTotal: written.optional(),
      subTotal: written.optional(),
      promotionsTotal: written.optional(),
      salesTaxTotal: written.optional(),
      depositsAndFeesTotal: written.optional(),
    }),
  }),
  adjust: trip.extend({ amount: amountOf }),
  capture: trip.extend({ amount: amountOf }),
  cancel: trip,
  refund: trip.extend({
    amount: amountOf,
    refundRequestId: z.string().max(36).regex(
      /^[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ),
    refundReasonCode: z.enum([
      "DAMAGED_ITEM",
      "EXPIRED_ITEM",
      "UNWANTED_ITEM",
      "JWO_TECH_ERROR",
      "OTHER",
    ]),
  }),
  transactionalData: trip,
  paymentStatus: trip.extend({
    totalAmount: amountOf,
    settledAmount: amountOf,
    paymentStatusTime: z.number(),
  }),
} as const;

type Bodies = { [Name in keyof typeof bodies]: z.output<typeof bodies[Name]> };
export type ConnectorCall = keyof Bodies;
export interface Said {
  readonly status: 200 | 201;
  /** Null for an empty answer. */
  readonly body: unknown;
}

/** Each for the merchant that asks; they throw `ConnectorRefusal`. */
export type Connector = {
  readonly [Name in ConnectorCall]: (merchant: string, body: Bodies[Name]) => Said | Promise<Said>;
};

const nothing: Said = { status: 200, body: null };

/** Whole minor units of an amount in a trip's currency, such as the payment service writes it. */
function numbered(
  { amount, code }: z.output<typeof amountOf>,
  currency: string,
  field = "amount",
): number {
  if (code !== currency) throw new ConnectorRefusal("BadRequestException", `${field}.code`);
  // What sums of floating point leave behind is no money: 7.470000000000001 is 7.47.
  const minor = minorUnits(amount.toFixed(6), currency);
  if (minor === undefined || minor > amount_most_minor) {
    throw new ConnectorRefusal("BadRequestException", field);
  }
  return minor;
}

/** The same, above nothing. */
function charged(money: z.output<typeof amountOf>, currency: string): number {
  const minor = numbered(money, currency);
  if (minor === 0) throw new ConnectorRefusal("BadRequestException", "amount");
  return minor;
}

/** What the lines cost, held against the totals. */
export function priceOf({ lineItems, orderTotals }: Bodies["checkout"], currency: string): Price {
  if (lineItems.length === 0) throw new ConnectorRefusal("CartContentValidationFailed");
  const { priceTotal, subTotal, promotionsTotal, salesTaxTotal } = orderTotals;
  const wrong = () => new ConnectorRefusal("CartOrderTotalInvalid");
  if (priceTotal === undefined || subTotal === undefined) throw wrong();
  const codes = [
    ...Object.values(orderTotals),
    ...lineItems.map(({ unitPrice }) => unitPrice.totalPrice),
  ].map((money) => money?.currencyCode);
  if (codes.some((code) => code !== undefined && code !== currency)) throw wrong();
  const minorOf = (money: z.output<typeof written> | undefined) => {
    const minor = minorUnits(money?.amount ?? "0", currency);
    if (minor === undefined) throw wrong();
    return minor;
  };
  const total_minor = minorOf(priceTotal);
  const sum_minor = minorOf(subTotal) - minorOf(promotionsTotal) + minorOf(salesTaxTotal) +
    minorOf(orderTotals.depositsAndFeesTotal);
  if (sum_minor !== total_minor) throw wrong();
  const lines = lineItems.map((line) => ({ line, quantity: Number(line.quantity.value) }));
  // The publication does not say whether a line's price is of one unit or of all.
  const readings = [
    ({ line }: typeof lines[number]) => minorOf(line.unitPrice.totalPrice),
    ({ line, quantity }: typeof lines[number]) =>
      Math.round(minorOf(line.unitPrice.totalPrice) * quantity),
  ];
  const of = readings.find((read) =>
    lines.reduce((sum, one) => sum + read(one), 0) === total_minor
  );
  if (of === undefined) throw wrong();
  const price = {
    total_minor,
    items: lines.map((one) => {
      const { productId, productName, externalIdentifiers = [] } = one.line;
      const numbers = [productId, ...externalIdentifiers.map(({ id }) => id)];
      const gtin = numbers.find((number) => /^\d{8,14}$/.test(number));
      return {
        name: productName ?? productId.slice(0, 200),
        ...(gtin === undefined ? {} : { gtin }),
        quantity: Math.max(1, Math.round(one.quantity)),
        amount_minor: of(one),
      };
    }),
  };
  // Gateway and phone are told of it in the words of their contract, or not at all.
  if (total_minor > amount_most_minor || !items.safeParse(price.items).success) {
    throw new ConnectorRefusal("CartContentValidationFailed");
  }
  return price;
}

export function connector(house: House, rooms: Rooms): Connector {
  const { charges, refunds } = rooms;
  const all = <T>(change: () => T): T => house.store.transaction(change);
  const own = (merchant: string, { storeId, shoppingTripId }: z.output<typeof trip>) =>
    charges.ofMerchant(merchant, shoppingTripId, storeId, "UnknownShoppingTrip");
  return {
    checkout(merchant, body) {
      const { idempotentShoppingTripId, storeId } = body;
      const unknown = "UnknownShoppingTripException" as const;
      const found = charges.ofMerchant(merchant, idempotentShoppingTripId, storeId, unknown);
      const price = priceOf(body, found.currency);
      const hash = toHex(house.vault.sha256(utf8(JSON.stringify(body))));
      const orderId = all(() =>
        charges.checkout(merchant, idempotentShoppingTripId, storeId, price, hash)
      );
      return { status: 201, body: { orderId } };
    },
    async adjust(merchant, body) {
      const { shoppingTripId, storeId } = body;
      const total_minor = charged(body.amount, own(merchant, body).currency);
      return {
        status: 200,
        body: await charges.adjust(merchant, shoppingTripId, storeId, total_minor),
      };
    },
    async capture(merchant, body) {
      const { shoppingTripId, storeId } = body;
      const amount_minor = charged(body.amount, own(merchant, body).currency);
      await charges.capture(merchant, shoppingTripId, storeId, amount_minor);
      return nothing;
    },
    cancel(merchant, { shoppingTripId, storeId }) {
      all(() => charges.cancel(merchant, shoppingTripId, storeId));
      return nothing;
    },
    async refund(merchant, body) {
      const found = own(merchant, body);
      const amount_minor = charged(body.amount, found.currency);
      const since_ms = found.ended_at_ms ?? found.entered_at_ms;
      // One that was begun in time is the same one when it is asked for again.
      const known = house.store.tables.refund.get(found.store, body.refundRequestId) !== undefined;
      if (!known && house.clock.now_ms() - since_ms > house.settings.refund_ms) {
        throw new ConnectorRefusal("ShoppingTripExpiredException");
      }
      const result = await refunds.refundTrip(found.gateway, {
        refund: body.refundRequestId,
        payment: found.trip,
        amount_minor,
        currency: found.currency,
        operator: "retailer",
        reason: body.refundReasonCode,
      });
      if (result.outcome === "refused") {
        throw new ConnectorRefusal("BadRequestException", result.reason);
      }
      return { status: 200, body: { reconciliationId: result.receipt } };
    },
    transactionalData(merchant, body) {
      const found = own(merchant, body);
      const payment = rooms.payments.rows.find(found.store, found.trip);
      if (payment?.state !== "captured") {
        throw new ConnectorRefusal("BadRequestException", "shoppingTripId");
      }
      // No card is read here: what a card alone would say is left out.
      return {
        status: 200,
        body: {
          brand: "ACCOUNT",
          currency: payment.currency,
          authorizationResponseCode: "00",
          reconciliationId: payment.receipt,
          cardStatementTransactionId: `${payment.store}/${payment.payment}/${payment.tries}`,
        },
      };
    },
    paymentStatus(merchant, body) {
      const { shoppingTripId, storeId, totalAmount, settledAmount } = body;
      const { currency } = own(merchant, body);
      const total = numbered(totalAmount, currency, "totalAmount");
      const settled = numbered(settledAmount, currency, "settledAmount");
      all(() => charges.status(merchant, shoppingTripId, storeId, settled, total));
      return nothing;
    },
  };
}
