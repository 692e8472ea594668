/**
 * The walk-out aisle of the simulated shop: its gates, plates and goods, how many come, and what
 * they are like. What goes wrong in it stands in the plan of the day, as for the lanes.
 */
import { sampleCatalogue } from "../../retailer/catalogue.ts";

const plates = [
  { id: "tea", x_m: 0, y_m: 0, stock: { "2000000000015": 400, "2000000000022": 400 } },
  { id: "coffee", x_m: 3, y_m: 0, stock: { "2000000000039": 400 } },
  { id: "oil", x_m: 6, y_m: 0, stock: { "2000000000046": 400 } },
  { id: "sweets", x_m: 9, y_m: 0, stock: { "2000000000077": 400 } },
] as const;
const gtins: readonly string[] = plates.flatMap(({ stock }) => Object.keys(stock));

/** A hall of its own, with a beacon for those who come in by their face. */
export const aisle_zone = "aisle";
export const gate_camera = "gate-in";

/** As a configuration writes it. */
export const aislePlan = {
  retailer: { url: "http://127.0.0.1:8491" },
  gates: [
    { id: "in", zone: aisle_zone, ways: "in", face_camera: gate_camera },
    { id: "side", zone: aisle_zone, ways: "in" },
    { id: "out", zone: aisle_zone, ways: "out" },
  ],
  shelves: [{ id: "wall", zone: aisle_zone, plates }],
  products: sampleCatalogue.products.filter(({ gtin }) => gtins.includes(gtin))
    .map(({ gtin, unit_g }) => ({ gtin, unit_g, deviation_g: 1.5 })),
  tracking: { lag_ms: 2_000, grace_ms: 3_000, deadline_ms: 60_000 },
} as const;

/** Units of everything that the retailer's books begin with. */
export const opening_stock = 1_000_000;
/** What the retailer wants presented. */
export const connector_key = "k".repeat(40);

/** Who lives near the aisle, and how many of them come in an hour. */
export const aisle_people = 24;
export const trips_per_hour = 60;

/** What shoppers are like, in the best of stores too: shares of occasions. */
export const manners = {
  looks_only: 0.12,
  puts_back: 0.2,
  in_company: 0.1,
  /** Comes in by the face, where one is enrolled; who is not let in shows the code. */
  shows_face: 0.7,
  /** By the other entrance, where no camera looks. */
  comes_by_side: 0.3,
  slips_through: 0.02,
  bag_weighed: 0.7,
  says_no: 0.2,
  says_nothing: 0.2,
  settles_debt: 0.6,
  disputes: 0.25,
  disputes_late: 0.5,
} as const;

/** What the shop's own people are like. */
export const store_manners = {
  leaves_review: 0.08,
  leaves_dispute: 0.15,
  grants_dispute: 0.5,
  holds_first: 0.25,
  cancels_held: 0.2,
  gives_back: 0.15,
} as const;
