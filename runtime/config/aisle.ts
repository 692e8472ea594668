/**
 * The words in which a store describes a walk-out aisle: its retailer, gates, shelves and what lies
 * on them.
 */
import { z } from "zod";
import { limits } from "../limits.ts";

const id = z.string().min(1).max(40).regex(
  /^[A-Za-z0-9_-]+$/,
  "use letters, digits, _ and - only",
);
const gtin = z.string().regex(/^[0-9]{8,14}$/, "give a GTIN of 8 to 14 digits");
const metres = z.number().min(-10_000).max(10_000);

const simulated = z.strictObject({ kind: z.literal("simulated") })
  .describe("Played by the store simulation; needs no equipment.");
const outside = z.strictObject({ kind: z.literal("outside") })
  .describe("Equipment of the store's own that speaks over HTTP or MQTT; see docs/walk-out.md.");
export const aisleDevice = z.discriminatedUnion("kind", [simulated, outside])
  .default({ kind: "outside" });

const gate = z.strictObject({
  id,
  zone: id.describe("Zone that the gate leads to."),
  ways: z.enum(["in", "out", "both"]).default("both"),
  device: aisleDevice,
});

const plate = z.strictObject({
  id: z.string().min(1).max(64).regex(/^[A-Za-z0-9_.-]+$/),
  x_m: metres.describe("Where one stands before it, in metres on the store's floor."),
  y_m: metres,
  stock: z.record(gtin, z.int().min(0).max(10_000)).describe("Units of each product when full."),
});

const shelf = z.strictObject({
  id,
  zone: id,
  plates: z.array(plate).min(1).max(64),
  device: aisleDevice,
});

const product = z.strictObject({
  gtin,
  unit_g: z.number().min(1).max(100_000).describe("Mean weight of a unit with its package."),
  deviation_g: z.number().min(0).max(10_000).describe("Its standard deviation."),
});

const mqtt = z.strictObject({
  url: z.string().max(1_024).regex(/^mqtts?:\/\//, "give a broker such as mqtts://broker:8883")
    .describe("Broker to which trackers and shelves of the store's own publish readings."),
  topic: z.string().min(1).max(200).default("saunter/readings")
    .describe("Topic, or filter, of messages with readings."),
  username: z.string().min(1).max(200).optional(),
  password_file: z.string().min(1).max(1_024).optional(),
});

/** A walk-out aisle, as it is written. */
export const aisle = z.strictObject({
  retailer: z.strictObject({
    url: z.string().max(1_024).describe(
      "Origin of the retailer's own system, such as https://shop.example: it admits shoppers and " +
        "prices carts. Plain http only on this machine.",
    ),
    key_file: z.string().min(1).max(1_024).optional()
      .describe("File whose first line is the key that the retailer wants presented."),
  }),
  gates: z.array(gate).min(1).max(limits.gates),
  shelves: z.array(shelf).min(1).max(limits.shelves),
  products: z.array(product).min(1).max(limits.aisle_products),
  mqtt: mqtt.optional(),
  tracking: z.strictObject({
    lag_ms: z.int().min(100).max(60_000).default(10_000)
      .describe("How long a change of weight waits for later looks at who was there."),
    grace_ms: z.int().min(100).max(600_000).default(15_000)
      .describe("A cart closes so long after its shopper has left, if it is beyond doubt; …"),
    deadline_ms: z.int().min(1_000).max(840_000).default(600_000)
      .describe("… otherwise it waits so long for more evidence, and then for a person."),
  }).prefault({}),
}).describe("A walk-out aisle: what is taken there is a cart, and the exit is the checkout.");

export type AisleConfig = z.output<typeof aisle>;
