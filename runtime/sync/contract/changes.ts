/**
 * Changes of account data that are asked for at a lane, and proved by a face that the issuer alone
 * compares: no template leaves it for that.
 */
import { z } from "zod";
import { sealedTemplate } from "./sealed.ts";
import { amount_minor, base64url, id, text, time_ms } from "./words.ts";

/** What is to become of what. */
export const wantedChange = z.discriminatedUnion("what", [
  /** A reference that the acquirer knows. */
  z.object({ what: z.literal("instrument"), instrument: id }),
  /** E.164. */
  z.object({ what: z.literal("phone"), phone: z.string().regex(/^\+[1-9]\d{6,14}$/) }),
  z.object({ what: z.literal("address"), address: text }),
  z.object({ what: z.literal("email"), email: z.email().max(200) }),
  /** Of one sale, and of all sales within a day. */
  z.object({ what: z.literal("limit"), sale_minor: amount_minor, day_minor: amount_minor }),
]);
/** `change` is the gateway's own name for it: the same again is the same change. */
export const beginChange = z.object({
  change: id,
  check_in: id,
  lane: id,
  operator: id,
  wanted: wantedChange,
});
/** The probe is bound to the nonce, and counts only as long as that is good. */
export const changeBegun = z.object({ nonce: base64url(32), expires_ms: time_ms });
/** What the camera knows of the face whose numbers are sealed. */
const proofOfLife = z.object({
  camera: id,
  frames: z.int().min(1).max(10_000),
  liveness: z.enum(["passed", "not_assessed"]),
  seen_at_ms: time_ms,
});
/** The probe is sealed to the issuer with all of this as associated data. */
export const proveChange = z.object({
  change: id,
  lane: id,
  evidence: proofOfLife,
  probe: sealedTemplate,
});
export const endChange = z.object({ change: id });
/** How a change ended; `withdrawn`: it did not come to be, and will not. */
export const changeEnded = z.object({
  outcome: z.enum(["applied", "refused", "withdrawn"]),
  reason: id.nullable(),
  /** Faces that may still differ before the account is locked for changes. */
  tries_left: z.int().min(0).nullable(),
  /** When it takes effect: what could do harm waits, so that its owner can stop it. */
  effective_at_ms: time_ms.nullable(),
});

/** A change as its owner's phone is told of it. */
const accountChange = z.object({
  change: id,
  wanted: wantedChange,
  /** `waiting`: it takes effect later, unless it is undone. */
  state: z.enum(["waiting", "applied", "refused", "undone"]),
  reason: id.nullable(),
  merchant_name: text,
  store: id,
  at_ms: time_ms,
  effective_at_ms: time_ms.nullable(),
  /** Until then it can be undone; null when it cannot. */
  undo_until_ms: time_ms.nullable(),
});
export const accountChanges = z.object({ changes: z.array(accountChange).max(50) });
/** A request whose path says it all. */
export const nothingMore = z.object({});
export const changeUndone = z.object({ change: id, state: z.enum(["undone"]) });

/** What the issuer has of the person, for the person. */
export const accountShown = z.object({
  account: id,
  first_name: z.string().max(60),
  initials: z.string().max(4),
  instrument: id,
  phone: z.string().nullable(),
  address: z.string().nullable(),
  email: z.string().nullable(),
});

export type WantedChange = z.infer<typeof wantedChange>;
export type ChangeEnded = z.infer<typeof changeEnded>;
export type AccountChange = z.infer<typeof accountChange>;
export type ProofOfLife = z.infer<typeof proofOfLife>;
