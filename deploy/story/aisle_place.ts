/** What stands in the walk-out aisle of a story, as its configuration says it. */
import { sampleCatalogue } from "../retailer/catalogue.ts";

/** What lies on the plate that each product has for itself. */
export const goods = ["TEA-01", "COF-01", "OIL-01", "CHO-01"].map((sku) =>
  sampleCatalogue.products.find((product) => product.sku === sku)!
);
export const stock = 20;
/** Looks at whoever stands before the way in. */
export const gateCamera = "gate-in";

/** The aisle's part of the configuration. */
export function aisleAt(retailer: string, broker?: string) {
  return {
    retailer: { url: retailer },
    ...(broker === undefined ? {} : { mqtt: { url: broker } }),
    gates: [
      { id: "in", zone: "hall", ways: "in", face_camera: gateCamera },
      { id: "out", zone: "hall", ways: "out" },
    ],
    shelves: [{
      id: "shelf-1",
      zone: "hall",
      plates: goods.map(({ sku, gtin }, index) => ({
        id: sku,
        x_m: 3 * index,
        y_m: 0,
        stock: { [gtin]: stock },
      })),
    }],
    products: goods.map(({ gtin, name, unit_g }) => ({ gtin, name, unit_g, deviation_g: 1.5 })),
    tracking: { lag_ms: 1_000, grace_ms: 1_500, deadline_ms: 4_000 },
  };
}
