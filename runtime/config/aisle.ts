/**
 * The words in which a store describes a walk-out aisle: its retailer, gates, shelves and what lies
 * on them.
 */
import { z } from "zod";
import { limits } from "../limits.ts";
import { node, v4l2 } from "./devices.ts";

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
const aisleDevice = z.discriminatedUnion("kind", [simulated, outside])
  .default({ kind: "outside" });

const chip = node.describe(
  "A GPIO chip such as /dev/gpiochip0; where there are several, a udev rule of your own names it.",
);
const gpioLine = z.int().min(0).max(1_023);
const active_low = z.boolean().default(false)
  .describe("A line that is on is at low voltage, as most relay boards want it.");

const gpioGate = z.strictObject({
  kind: z.literal("gpio"),
  chip,
  line: gpioLine.describe("Number of the relay's line on the chip."),
  open_ms: z.int().min(100).max(60_000).default(5_000)
    .describe("How long the relay is on after it was last asked to open."),
  active_low,
}).describe("A gate with a relay on a GPIO line of this machine.");

const gpioLamp = z.strictObject({
  chip,
  lights: z.strictObject({
    closed: gpioLine.optional(),
    asking: gpioLine.optional(),
    open: gpioLine.optional(),
  }).describe("Lines of the lights: one is lit at a time, where the lamp has it."),
  active_low,
}).describe("A signal lamp at the gate, on GPIO lines of this machine.");

const gate = z.strictObject({
  id,
  zone: id.describe("Zone that the gate leads to."),
  ways: z.enum(["in", "out", "both"]).default("both"),
  device: z.discriminatedUnion("kind", [simulated, outside, gpioGate])
    .default({ kind: "outside" }),
  lamp: gpioLamp.optional(),
  camera: v4l2.optional()
    .describe("A camera of this machine to which phones show their codes; small formats will do."),
  face_camera: id.optional()
    .describe("One of `cameras`: a face that it knows opens the gate for whoever has checked in."),
});

const serialScale = z.strictObject({
  kind: z.literal("serial"),
  path: node.describe(
    "The scale's line: /dev/serial/by-id/... is the same scale wherever it is plugged in.",
  ),
  baud: z.union([
    z.literal(2_400),
    z.literal(4_800),
    z.literal(9_600),
    z.literal(19_200),
    z.literal(38_400),
  ]).default(9_600),
}).describe("A scale on a serial line of this machine that sends its weighings by itself.");

const plate = z.strictObject({
  id: z.string().min(1).max(64).regex(/^[A-Za-z0-9_.-]+$/),
  x_m: metres.describe("Where one stands before it, in metres on the store's floor."),
  y_m: metres,
  stock: z.record(gtin, z.int().min(0).max(10_000)).describe("Units of each product when full."),
  scale: serialScale.optional()
    .describe("The scale below the plate, where this machine reads it itself."),
});

const shelf = z.strictObject({
  id,
  zone: id,
  plates: z.array(plate).min(1).max(64),
  device: aisleDevice,
});

const product = z.strictObject({
  gtin,
  name: z.string().min(1).max(80).optional()
    .describe("What the people of the store call it, where they decide about carts."),
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
