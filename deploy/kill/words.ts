/**
 * What the kill test and its gateway tell each other, one JSON line each: who stands before which
 * camera goes in, what is on the air and the gateway's books come out.
 */
import { z } from "zod";
import { ledger } from "../../runtime/sync/contract/schemas.ts";

/** To the gateway, after its orders. */
const heard = z.discriminatedUnion("say", [
  /** Somebody steps to the pay position, as the numbers of their face, or nobody stands there. */
  z.strictObject({
    say: z.literal("before"),
    camera: z.string(),
    face: z.array(z.number()).nullable(),
    /** It could be a film as well. */
    unsure: z.boolean().optional(),
  }),
  /** A phone at the beacon's letterbox; bytes are base64. */
  z.strictObject({
    say: z.literal("letter"),
    hardware_id: z.string(),
    number: z.int(),
    from: z.string(),
    bytes: z.base64(),
  }),
  /** Somebody speaks at a microphone: 16-bit samples, base64. */
  z.strictObject({
    say: z.literal("speaks"),
    microphone: z.string(),
    rate_hz: z.int(),
    samples: z.base64(),
  }),
  /** Whoever stands there turns the head to a side. */
  z.strictObject({ say: z.literal("turn"), camera: z.string(), side: z.enum(["left", "right"]) }),
  z.strictObject({ say: z.literal("progress") }),
  z.strictObject({ say: z.literal("books") }),
]);
export type ToGateway = z.infer<typeof heard>;

const payment = z.strictObject({
  payment: z.string(),
  state: z.string(),
  visit: z.string().nullable(),
  amount_minor: z.int(),
  currency: z.string(),
  receipt: z.string().nullable(),
});

/** From the gateway. */
const told = z.discriminatedUnion("say", [
  z.strictObject({ say: z.literal("listening"), url: z.string() }),
  z.strictObject({
    say: z.literal("on_air"),
    hardware_id: z.string(),
    code: z.string(),
    /** What somebody beside the beacon reads from it. */
    nonce: z.string(),
    until_ms: z.number(),
  }),
  /** What came of a letter; null when nothing did. */
  z.strictObject({
    say: z.literal("answer"),
    number: z.int(),
    bytes: z.base64().nullable(),
  }),
  z.strictObject({
    say: z.literal("books"),
    gateway: z.array(payment),
    /** All pages of the issuer's ledger. */
    issuer: z.array(ledger.shape.payments.element),
  }),
  z.strictObject({
    say: z.literal("progress"),
    /** Payments under way. */
    unsettled: z.int(),
    /** Commands without the issuer's answer. */
    outbox: z.int(),
    /** Lanes that are busy. */
    busy: z.array(z.string()),
  }),
]);
export type FromGateway = z.infer<typeof told>;
export type Told<Word extends FromGateway["say"]> = Extract<FromGateway, { say: Word }>;

export const readToGateway = (line: string): ToGateway => heard.parse(JSON.parse(line));
export const readFromGateway = (line: string): FromGateway => told.parse(JSON.parse(line));
