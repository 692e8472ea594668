/**
 * The words between gateway, issuer and phones, as they cross the wire. One schema stands behind
 * validation, types and the issuer's OpenAPI document. Money is integer minor units, times are
 * milliseconds since the epoch, bytes are base64url without padding, unknown fields are dropped.
 */
// long because the words of one wire are read together
import { z } from "zod";
import type { approval, spendingLimits } from "./asking.ts";
import { tripItems } from "./walkout.ts";
import { forwarding, refusal } from "./offline.ts";
import { agreedToOffers, contentLatest } from "./shown.ts";
import {
  amount_minor,
  base64url,
  currency,
  hex,
  id,
  items,
  jws,
  publicKey,
  text,
  time_ms,
} from "./words.ts";
import { rotatedTemplate, sealedRotation, sealedTemplate } from "./sealed.ts";

export * from "./ages.ts";
export * from "./asking.ts";
export * from "./shown.ts";
export * from "./voice_words.ts";
export * from "./changes.ts";
export { rotatedTemplate, sealed, sealedRotation, sealedTemplate } from "./sealed.ts";
export * from "./walkout.ts";
export { type AllowancePayload, allowancePayload, type Refused } from "./offline.ts";
export { release, released } from "./offline.ts";
export { item, items } from "./words.ts";

/** Cursors of what is read page by page. */
export const afterSequence = z.object({ after: z.coerce.number().int().min(0).default(0) });
export const afterCursor = z.object({ after: id.optional() });

/* What a phone says. Signed with the account's device key, keyid `device:ACCOUNT`; opening an
 * account is signed with keyid `device-key:PUBLIC_KEY`. */
export const openAccount = z.object({
  first_name: z.string().min(1).max(60),
  initials: z.string().min(1).max(4),
  device_public_key: publicKey,
  /** A reference that the acquirer knows; the reference acquirer has test instruments. */
  instrument: id,
});
export const accountOpened = z.object({ account: id });

export const giveConsent = z.object({
  kind: z.enum(["face", "offers", "voice"]),
  version: id,
  given_at_ms: time_ms,
});
export const consentGiven = z.object({ consent: id });
/** Replaces the one before of the same model. */
export const putTemplate = sealedTemplate.extend({ consent: id });
export const templateKept = z.object({ model: hex(32), kept_at_ms: time_ms });

export const checkIn = z.object({
  hardware_id: id,
  /** Without it the phone has only met the beacon's hardware: no gateway is told of it yet. */
  code: hex(8).optional(),
  heard_at_ms: time_ms,
});
export const checkedIn = z.object({
  check_in: id,
  store: id,
  merchant_name: text,
  lease_expires_ms: time_ms,
  /** How long the lease goes on from this answer: for phones, whose clocks are their own. */
  lease_ms: z.int().min(0),
  /** Unspent tokens that the issuer holds for this check-in: give more when they run low. */
  tokens_held: z.int().min(0).default(0),
});
export const giveTokens = z.object({ tokens: z.array(jws).min(1).max(4) });
/** How many unspent tokens the check-in holds now; a phone gives new ones as they are spent. */
export const tokensHeld = z.object({ held: z.int().min(0) });
export const accountEnded = z.object({ account: id });
export const gatewayRevoked = z.object({ gateway: id });
export const checkInEnded = z.object({ check_in: id });

/** Payload of a one-time transaction token: JWS, EdDSA, kid `device:ACCOUNT`. Times in seconds as
 * RFC 7519 has them. */
export const tokenPayload = z.object({
  iss: id,
  /** The store. */
  aud: id,
  jti: id,
  purpose: z.literal("purchase"),
  check_in: id,
  iat: z.int(),
  exp: z.int(),
});

export const receipt = z.object({
  /** Ascending per account; the cursor of `GET /v1/receipts?after=`. */
  sequence: z.int(),
  receipt: id,
  payment: id,
  merchant_name: text,
  store: id,
  amount_minor,
  currency,
  items,
  captured_at_ms: time_ms,
  /** The refund that this is the receipt of; null for a charge. */
  refund: id.nullable().default(null),
});
export const receipts = z.object({
  receipts: z.array(receipt).max(100),
  /** What stores accepted while the issuer was away, and it would not have. */
  refusals: z.array(refusal).max(100).default([]),
  /** Questions that wait for an answer of this account. */
  approvals_waiting: z.int().min(0).default(0),
  /** Ages that a sale under way needs and the issuer does not know. */
  ages_asked: z.int().min(0).default(0),
  content_latest: contentLatest,
  /** Another number whenever `accountChanges` has something else to say; 0 while it has nothing. */
  account_changes: z.int().min(0).default(0),
});

/* What an administrator of the issuer says, with a bearer key. */
export const registerMerchant = z.object({ merchant: id, name: text });
export const registerStore = z.object({
  store: id,
  merchant: id,
  name: text,
  currency,
  /** Liveness outcomes with which a face may be charged in this store. */
  accept_liveness: z.array(z.enum(["passed", "not_assessed"])).max(2).default(["passed"]),
  /** Where it stands, so that a sale in two far places at once is noticed. */
  place: z.object({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }).optional(),
});
export const registerGateway = z.object({ gateway: id, store: id });
export const gatewayRegistered = z.object({ enrolment_code: z.string().min(20).max(80) });

/* What a gateway says. Signed with its key, keyid `gateway:ID`; enrolment with keyid
 * `gateway-key:PUBLIC_KEY`. */
export const enrolGateway = z.object({
  gateway: id,
  enrolment_code: z.string().min(20).max(80),
  signing_public_key: publicKey,
  sealing_public_key: publicKey,
});
export const issuerKeys = z.object({
  signing_public_key: publicKey,
  sealing_public_key: publicKey,
});
export const gatewayEnrolled = issuerKeys.extend({ gateway: id, store: id });
/** Signed with the key in use. The new ones count from the first request that they sign. */
export const turnGatewayKeys = z.object({
  signing_public_key: publicKey,
  sealing_public_key: publicKey,
});
export const registerBeacons = z.object({ hardware_ids: z.array(id).min(1).max(64) });

export const askAccountData = z.object({
  hardware_id: id,
  /** Both, or neither within the time that an earlier proof opened. */
  code: hex(8).optional(),
  nonce: base64url(32).optional(),
  /** `revision` of an answer that was taken in: what has not changed since is left out. */
  since: time_ms.optional(),
});
export const accountData = z.object({
  visits: z.array(z.object({
    check_in: id,
    account: id,
    first_name: z.string().max(60),
    initials: z.string().max(4),
    lease_expires_ms: time_ms,
    tokens: z.array(jws).max(4),
    /** What is reserved for sales while the issuer is away: see `allowancePayload`. */
    allowances: z.array(jws).max(4).default([]),
    /** Null when there is none; left out when it is as it was at `since`. */
    template: rotatedTemplate.nullable().optional(),
    offers: agreedToOffers,
  })).max(2_000),
  /** Of the templates in it. */
  rotations: z.array(sealedRotation).max(4).default([]),
  /** Rises with whatever changes at the beacon. */
  revision: time_ms,
  /** How long from now the hardware identifier alone suffices. */
  proved_for_ms: z.int().min(0).default(0),
});

export const evidence = z.object({
  kind: z.literal("face_at_pay_position"),
  camera: id,
  model: hex(32),
  frames: z.int().min(1).max(10_000),
  outcome: z.enum(["identified", "ambiguous"]),
  liveness: z.enum(["passed", "not_assessed"]),
  seen_at_ms: time_ms,
  /** What the shopper keyed or said rightly, where several could be meant. */
  challenge: z.enum(["initials", "phrase", "digits"]).optional(),
  /** To so many sides the head was turned, as the lane asked. */
  turns: z.int().min(1).max(8).optional(),
});
export const authorise = z.object({
  payment: id,
  check_in: id,
  token: jws,
  lane: id,
  amount_minor,
  currency,
  items,
  evidence,
  operator: id,
  /** Who confirmed that the shopper may have what `needs` something. */
  confirmed_by: id.optional(),
});
/** What was accepted while the issuer was away. */
export const forward = authorise.extend(forwarding);
export const authoriseOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("authorised"), authorisation: id, expires_ms: time_ms }),
  z.object({ outcome: z.literal("declined"), reason: id }),
  /** Above a limit: the shopper's answer follows on the feed, by then or never. */
  z.object({
    outcome: z.literal("approval_needed"),
    approval: id,
    reason: id,
    until_ms: time_ms,
  }),
]);
export const capture = z.object({ payment: id, authorisation: id, amount_minor, currency });
export const captureOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("captured"), receipt: id }),
  z.object({ outcome: z.literal("refused"), reason: id }),
]);
/** Gives back what was captured, or a part of it; the same `refund` again is the same one. */
export const refund = z.object({
  refund: id,
  payment: id,
  amount_minor,
  currency,
  operator: id,
  reason: text,
});
export const refundOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("refunded"), receipt: id }),
  z.object({ outcome: z.literal("refused"), reason: text }),
]);
/** Undoes what is held for the payment and refuses whatever comes for it later. */
export const reverse = z.object({ payment: id, reason: text });
export const reverseOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("reversed") }),
  /** It was captured before, and stays so: a gateway that asks has lost its memory of it. */
  z.object({ outcome: z.literal("captured"), receipt: id }),
]);

/** What merchants are owed for a day, by UTC, by store. */
export const settlement = z.object({
  day: z.string(),
  /** False while more may come. */
  over: z.boolean(),
  stores: z.array(z.object({
    store: id,
    merchant: id,
    currency: z.string(),
    charges: z.int(),
    charged_minor: z.int(),
    refunds: z.int(),
    refunded_minor: z.int(),
    net_minor: z.int(),
  })),
});

/** A line of a settlement: one capture, or one refund of it. */
const settlementLine = z.object({
  store: id,
  merchant: id,
  kind: z.enum(["charge", "refund"]),
  payment: id,
  /** Null for a charge. */
  refund: id.nullable(),
  receipt: id,
  amount_minor: z.int().min(0),
  currency: z.string(),
  at_ms: time_ms,
});
export const settlementLines = z.object({
  day: z.string(),
  over: z.boolean(),
  lines: z.array(settlementLine),
  /** Ask again with `after` this; null at the end. */
  next: id.nullable(),
});

export const ledger = z.object({
  payments: z.array(z.object({
    payment: id,
    gateway: id,
    check_in: id.nullable(),
    account: id.nullable(),
    state: z.enum(["authorised", "declined", "captured", "reversed", "expired"]),
    amount_minor: z.int().min(0),
    currency: z.string(),
    captures: z.int(),
    /** Given back, or about to be. */
    refunded_minor: z.int().min(0).default(0),
    receipt: id.nullable(),
    at_ms: time_ms,
  })).max(1_000),
  /** Ask again with `after` this; null at the end. */
  next: id.nullable(),
});

/** An item of the feed: the `data` of each server-sent event is a compact JWS by the issuer's
 * signing key over this; the SSE `id` is `sequence`. An item that is expired or for another
 * gateway is dropped. */
export const feedItem = z.object({
  sequence: z.int().min(1),
  /** The one that it comes after, where what stood between is forgotten: for a gateway whose disk
   * was put back, or is new. Left out it is the one before. */
  follows: z.int().min(0).optional(),
  gateway: id,
  issued_at_ms: time_ms,
  expires_ms: time_ms,
  body: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("beacon.code_set"),
      hardware_id: id,
      code: hex(8),
      nonce: base64url(32),
      from_ms: time_ms,
      until_ms: time_ms,
    }),
    z.object({ type: z.literal("check_in.announced"), hardware_id: id }),
    z.object({
      type: z.literal("approval.answered"),
      payment: id,
      approval: id,
      /** 0 is no. */
      amount_minor: z.int().min(0),
      reason: id.nullable(),
    }),
    /** A shopper has proved an age for this sale from the phone: ask again. */
    z.object({ type: z.literal("eligibility.proved"), payment: id }),
    z.object({
      type: z.literal("check_in.ended"),
      check_in: id,
      reason: z.enum(["left", "expired", "revoked", "erased"]),
    }),
    ...tripItems,
  ]),
});

/** RFC 9457. `type` is `https://saunter.invalid/problems/KIND`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
});

export type SpendingLimits = z.infer<typeof spendingLimits>;
export type Approval = z.infer<typeof approval>;
export type CheckedIn = z.infer<typeof checkedIn>;
export type SealedTemplate = z.infer<typeof sealedTemplate>;
export type RotatedTemplate = z.infer<typeof rotatedTemplate>;
export type SealedRotation = z.infer<typeof sealedRotation>;
export type Receipt = z.infer<typeof receipt>;
export type AccountData = z.infer<typeof accountData>;
export type FeedItem = z.infer<typeof feedItem>;
export type Ledger = z.infer<typeof ledger>;
export type TokenPayload = z.infer<typeof tokenPayload>;
