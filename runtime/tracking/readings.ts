/**
 * What the senses of a walk-out store tell, in the one shape in which it comes from everywhere:
 * from devices of ours, over HTTP, over MQTT. Times are milliseconds since the epoch.
 */
import { z } from "zod";

const name = z.string().min(1).max(64).regex(/^[A-Za-z0-9_.-]+$/);
const at_ms = z.number().int().nonnegative().max(8.64e15);
const metres = z.number().min(-10_000).max(10_000);
const gtin = z.string().regex(/^[0-9]{8,14}$/);

/** A gate let somebody in, and this is the track that came through it. */
const entered = z.object({ type: z.literal("shopper.entered"), cart: name, track: name, at_ms });
/** A gate let somebody out; `bag_g` where a bag was weighed. */
const left = z.object({
  type: z.literal("shopper.left"),
  cart: name,
  at_ms,
  bag_g: z.number().min(0).max(200_000).optional(),
});
/** Where a track is on the floor. */
const seen = z.object({
  type: z.literal("person.seen"),
  track: name,
  at_ms,
  x_m: metres,
  y_m: metres,
});
/** A look at a person: this track looks like the shopper of that cart. */
const recognised = z.object({
  type: z.literal("person.recognised"),
  track: name,
  cart: name,
  at_ms,
});
/** The hand of this track was at this plate; once for each package that it moved, where the camera
 * can tell. */
const reached = z.object({ type: z.literal("hand.reached"), track: name, plate: name, at_ms });
/** What lies on a plate, as it is weighed now. */
const weighed = z.object({
  type: z.literal("plate.weighed"),
  plate: name,
  at_ms,
  weight_g: z.number().min(-100_000).max(1_000_000),
});
/** What a camera counts on a plate. */
const counted = z.object({
  type: z.literal("plate.counted"),
  plate: name,
  at_ms,
  counts: z.record(gtin, z.number().int().min(0).max(10_000)),
});

export const readingSchema = z.discriminatedUnion("type", [
  entered,
  left,
  seen,
  recognised,
  reached,
  weighed,
  counted,
]);
export type Reading = z.infer<typeof readingSchema>;
export type Left = z.infer<typeof left>;
export type Counted = z.infer<typeof counted>;
