/** The books of issuer and retailer as the auditor of trips reads them. */
import { sampleCatalogue } from "../../retailer/catalogue.ts";
import type { TripFiles } from "../audit/trip_agreement.ts";
import { shop } from "../setting.ts";
import type { SimulatedStore } from "../store.ts";
import { opening_stock } from "./plan.ts";

export function tripFilesOf(
  { issuer: { store: { tables } }, aisle }: Pick<SimulatedStore, "issuer" | "aisle">,
): TripFiles {
  const { ledger } = aisle.retailer;
  return {
    trip: (trip) => tables.trip.get(trip),
    payment: (trip) => tables.payment.first("by_name", shop.store.id, trip),
    disputes: (trip) => tables.dispute.all("of_trip", [trip]),
    purchase: (trip) => ledger.purchase(trip),
    retailerReceipt: (trip) => ledger.receiptOf(trip),
    stock: () =>
      new Map(sampleCatalogue.products.map(({ gtin, sku }) => [
        gtin,
        { began: opening_stock, left: ledger.units(sku) ?? 0 },
      ])),
  };
}
