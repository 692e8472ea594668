/**
 * The price of a cart: promotions first, then tax on what is left, then deposits. Prices are before
 * tax, as in the checkout of the connector. Whole minor units throughout; halves round up, line by
 * line, so that the totals are the sums of what is shown.
 */
import { decimal } from "../../runtime/money.ts";
import type { Catalogue, Product, Promotion } from "./catalogue.ts";

export interface PricedLine {
  readonly product: Product;
  readonly units: number;
  readonly gross_minor: number;
  readonly off_minor: number;
  readonly tax_minor: number;
  readonly deposit_minor: number;
  readonly total_minor: number;
}

export interface Priced {
  readonly currency: string;
  readonly lines: readonly PricedLine[];
  readonly subtotal_minor: number;
  readonly promotions_minor: number;
  readonly tax_minor: number;
  readonly deposits_minor: number;
  readonly total_minor: number;
}

const share = (amount_minor: number, basis_points: number) =>
  Math.floor((amount_minor * basis_points + 5_000) / 10_000);

function offOf(promotion: Promotion, product: Product, units: number, gross_minor: number): number {
  switch (promotion.kind) {
    case "percentage":
      return share(gross_minor, promotion.basis_points);
    case "fixed":
      return promotion.off_minor * units;
    case "one_free":
      return Math.floor(units / promotion.of) * product.price_minor;
  }
}

/** Prices so many units of each product. Promotions stack, and never take more than is asked. */
export function priceOf(
  { currency, promotions }: Catalogue,
  cart: readonly { readonly product: Product; readonly units: number }[],
): Priced {
  const lines = cart.map(({ product, units }): PricedLine => {
    const gross_minor = product.price_minor * units;
    const off_minor = promotions.filter(({ sku }) => sku === product.sku).reduce(
      (off, promotion) =>
        Math.min(gross_minor, off + offOf(promotion, product, units, gross_minor - off)),
      0,
    );
    const tax_minor = share(gross_minor - off_minor, product.tax_basis_points);
    const deposit_minor = (product.deposit_minor ?? 0) * units;
    const total_minor = gross_minor - off_minor + tax_minor + deposit_minor;
    return { product, units, gross_minor, off_minor, tax_minor, deposit_minor, total_minor };
  });
  const sum = (of: (line: PricedLine) => number) => lines.reduce((all, line) => all + of(line), 0);
  return {
    currency,
    lines,
    subtotal_minor: sum(({ gross_minor }) => gross_minor),
    promotions_minor: sum(({ off_minor }) => off_minor),
    tax_minor: sum((line) => line.tax_minor),
    deposits_minor: sum(({ deposit_minor }) => deposit_minor),
    total_minor: sum(({ total_minor }) => total_minor),
  };
}

/** The body of `POST /v1/checkout/carts`. */
export function checkoutOf(trip: string, storeId: string, priced: Priced) {
  const money = (amount_minor: number) => ({
    amount: decimal(amount_minor, priced.currency, 2),
    currencyCode: priced.currency,
  });
  return {
    idempotentShoppingTripId: trip,
    storeId,
    lineItems: priced.lines.map((line) => ({
      productId: line.product.sku,
      // Beyond what is published: what a receipt shows.
      productName: line.product.name,
      externalIdentifiers: [{ id: line.product.gtin, type: "GTIN" }],
      type: "SKU",
      quantity: { value: `${line.units}.0`, unit: "unit" },
      unitPrice: {
        price: money(line.gross_minor),
        totalPrice: money(line.total_minor),
        salesTax: money(line.tax_minor),
        depositsAndFees: line.deposit_minor === 0 ? [] : [{
          depositAndFeeAmount: money(line.deposit_minor),
          depositAndFeeDescription: "Deposit",
        }],
        promotions: line.off_minor === 0 ? [] : [{
          promotionAmount: money(line.off_minor),
          promotionDescription: "Offer",
        }],
      },
    })),
    orderTotals: {
      subTotal: money(priced.subtotal_minor),
      promotionsTotal: money(priced.promotions_minor),
      salesTaxTotal: money(priced.tax_minor),
      depositsAndFeesTotal: money(priced.deposits_minor),
      priceTotal: money(priced.total_minor),
    },
  };
}
