/**
 * What a walk-out aisle may be told from outside, over HTTP, MQTT or by devices of ours, in one
 * schema: the senses of `tracking/readings.ts`, and what gates see.
 */
import { z } from "zod";
import { readingSchema } from "../tracking/readings.ts";

const name = z.string().min(1).max(64).regex(/^[A-Za-z0-9_.-]+$/);
const at_ms = z.number().int().nonnegative().max(8.64e15);

/** Senses only: who enters and leaves is for gates to say. */
const senses = readingSchema.options.filter((option) =>
  !["shopper.entered", "shopper.left"].includes(option.shape.type.value)
);

/** Somebody went through a gate. */
export const gatePassed = z.object({
  type: z.literal("gate.passed").describe("Somebody went through a gate."),
  gate: name.describe("The gate, by its id in the store's configuration."),
  way: z.enum(["in", "out"]),
  track: name.describe("The tracker's name of whoever went through."),
  at_ms,
  cart: name.optional()
    .describe("Out: whose cart it is, where the gate itself knows; otherwise the tracker's guess."),
  bag_g: z.number().min(0).max(200_000).optional()
    .describe("Out: what the bag weighed, in grams, where one was weighed."),
});
/** A reader of the store's own has read the code of a phone. Secret until it is spent. */
export const gateCode = z.object({
  type: z.literal("gate.code_shown").describe("A code of a phone was read at a gate."),
  gate: name,
  code: z.string().min(20).max(2_000).describe("The text of the code."),
  at_ms,
});

export const aisleReading = z.discriminatedUnion(
  "type",
  [...senses, gatePassed, gateCode] as unknown as [typeof gatePassed, typeof gateCode],
);
export type GatePassed = z.infer<typeof gatePassed>;
export type GateCode = z.infer<typeof gateCode>;
export type Sensed = Exclude<
  z.infer<typeof readingSchema>,
  { type: "shopper.entered" } | { type: "shopper.left" }
>;
export type AisleReading = Sensed | GatePassed | GateCode;

/** Readings of one message, whatever brings it. */
export const readings_at_most = 500;
export const aisleReadings = z.object({
  readings: z.array(aisleReading).min(1).max(readings_at_most),
}) as unknown as z.ZodType<{ readings: AisleReading[] }>;

/** The JSON Schema (2020-12) of a message. */
export function aisleReadingsJsonSchema(): unknown {
  return {
    $id: "https://saunter.invalid/readings.schema.json",
    title: "Saunter readings of a walk-out aisle",
    ...z.toJSONSchema(aisleReadings),
  };
}
