/** The rows of the issuer's tables. Times end in `_ms` or `_s`, money in `_minor`. */
// long because every row is to be seen beside the others

/** The issuer's own seeds. Secret. */
export interface HouseRow {
  /** Always 1: there is one. */
  readonly id: number;
  readonly signing_seed: Uint8Array;
  readonly sealing_seed: Uint8Array;
}

/** A key that signed ahead of this clock: see `AheadRecord`. */
export interface AheadRow {
  readonly keyid: string;
  readonly created_s: number;
}

export interface AccountRow {
  readonly account: string;
  readonly device_public_key: string;
  readonly first_name: string;
  readonly initials: string;
  readonly instrument: string;
  readonly limit_minor: number;
  readonly opened_at_ms: number;
}

export interface ConsentRow {
  readonly consent: string;
  readonly account: string;
  readonly kind: string;
  readonly version: string;
  readonly given_at_ms: number;
  readonly recorded_at_ms: number;
  readonly revoked_at_ms: number | null;
}

/** Sealed to the issuer by the phone, and kept so. */
export interface TemplateRow {
  readonly account: string;
  readonly model: string;
  readonly consent: string;
  readonly preset: string;
  readonly dim: number;
  readonly enc: string;
  readonly ciphertext: string;
  readonly kept_at_ms: number;
}

/** Sealed to the issuer by the phone, and kept so. */
export interface VoiceRow {
  readonly account: string;
  readonly consent: string;
  readonly model: string;
  readonly preset: string;
  readonly version: number;
  readonly enc: string;
  readonly ciphertext: string;
  readonly kept_at_ms: number;
}

export interface MerchantRow {
  readonly merchant: string;
  readonly name: string;
}

export interface StoreRow {
  readonly store: string;
  readonly merchant: string;
  readonly name: string;
  readonly currency: string;
  /** A JSON array. */
  readonly accept_liveness: string;
  /** JSON; null where it is not known. */
  readonly place: string | null;
}

export interface GatewayRow {
  readonly gateway: string;
  readonly store: string;
  readonly enrolment_hash: Uint8Array;
  readonly enrolment_used: number;
  readonly signing_public_key: string | null;
  readonly sealing_public_key: string | null;
  /** Announced under the present ones, and not used yet. */
  readonly next_signing_public_key: string | null;
  readonly next_sealing_public_key: string | null;
  readonly feed_sequence: number;
  readonly feed_read: number;
}

export interface BeaconRow {
  readonly hardware_id: string;
  readonly gateway: string;
  readonly store: string;
  readonly identity_key: Uint8Array;
  /** Rises with whatever changes among the check-ins at the beacon. */
  readonly revision: number;
}

export interface PeriodRow {
  readonly hardware_id: string;
  readonly period: number;
  readonly nonce: Uint8Array;
}

export interface CheckInRow {
  readonly check_in: string;
  readonly account: string;
  readonly hardware_id: string;
  readonly store: string;
  readonly period: number;
  readonly opened_at_ms: number;
  readonly lease_expires_ms: number;
  /** The beacon's revision when what its gateway may know last changed … */
  readonly revision: number;
  /** … and when the template that goes with it did. */
  readonly template_revision: number;
  /** Why it ended; null while it lives. */
  readonly ended: string | null;
}

export interface TokenRow {
  readonly account: string;
  readonly jti: string;
  readonly check_in: string;
  /** There while the token is unspent. Secret. */
  readonly jws: string | null;
  readonly expires_s: number;
  readonly spent_for: string | null;
}

export interface PaymentRow {
  readonly position: number;
  readonly store: string;
  readonly payment: string;
  readonly gateway: string;
  /** Two that the ledger does not know: `pending`, `capturing` (the acquirer was asked). */
  readonly state:
    | "pending"
    | "awaiting_approval"
    | "authorised"
    | "declined"
    | "capturing"
    | "captured"
    | "reversed"
    | "expired";
  /** Counts the reasons for which the acquirer must still be told to let go. */
  readonly undo: number;
  readonly tries: number;
  readonly check_in: string | null;
  readonly account: string | null;
  /** Of which the acquirer is asked for the last try; null where nothing is asked, or a former
   * release did: then it is the account's own. */
  readonly instrument: string | null;
  readonly lane: string | null;
  readonly operator: string | null;
  readonly token: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: string | null;
  readonly evidence: string | null;
  /** The operator who confirmed that the shopper may have what is restricted. */
  readonly confirmed_by: string | null;
  readonly authorisation: string | null;
  readonly authorised_until_ms: number | null;
  readonly captures: number;
  readonly captured_minor: number;
  /** Given back, or about to be. */
  readonly refunded_minor: number;
  readonly receipt: string | null;
  readonly reason: string | null;
  /** When a store accepted it while the issuer was away, and under which allowance. */
  readonly accepted_at_ms: number | null;
  readonly allowance: string | null;
  readonly at_ms: number;
}

/** What is kept back of an account for a visit, to be used once while the issuer is away. */
export interface AllowanceRow {
  readonly allowance: string;
  readonly account: string;
  readonly check_in: string;
  readonly store: string;
  readonly gateway: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly issued_at_ms: number;
  readonly expires_ms: number;
  /** What was accepted under it is heard until then. */
  readonly forward_until_ms: number;
  readonly jws: string;
  readonly ended: "spent" | "released" | "lapsed" | null;
  readonly spent_for: string | null;
}

/** A sale that was accepted while the issuer was away, and refused afterwards. */
export interface RefusalRow {
  readonly account: string;
  readonly sequence: number;
  readonly payment: string;
  readonly store: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly reason: string;
  readonly accepted_at_ms: number;
  readonly refused_at_ms: number;
}

export interface RefundRow {
  readonly store: string;
  readonly refund: string;
  readonly payment: string;
  readonly gateway: string;
  readonly state: "pending" | "refunded" | "refused";
  readonly amount_minor: number;
  readonly operator: string;
  readonly reason: string;
  readonly receipt: string | null;
  readonly at_ms: number;
}

/** What the shopper lets pass unasked, where it is not the issuer's own. */
export interface SpendingRow {
  readonly account: string;
  readonly sale_minor: number;
  readonly day_minor: number;
  readonly offline_minor: number | null;
  /** A JSON array of `{merchant, sale_minor}`. */
  readonly merchants: string;
}

/** A question to the shopper about one try of a payment. */
export interface ApprovalRow {
  readonly approval: string;
  readonly account: string;
  readonly store: string;
  readonly payment: string;
  readonly gateway: string;
  readonly amount_minor: number;
  readonly reason: string;
  readonly asked_at_ms: number;
  readonly expires_ms: number;
  /** `answered`, `expired` or `withdrawn`; null while it waits. */
  readonly ended: string | null;
  /** What was agreed to; 0 is no. */
  readonly answer_minor: number;
  /** The keyid of the device. */
  readonly answered_by: string | null;
}

/** Another device of an account, which may answer for it. */
export interface DeviceRow {
  readonly account: string;
  readonly device: string;
  readonly public_key: string;
  readonly name: string;
  readonly added_at_ms: number;
}

/** What is known of a person. The date leaves this table for nobody. */
export interface EligibilityRow {
  readonly account: string;
  readonly birth_date: string | null;
  /** A JSON array. */
  readonly others: string;
}

/** An age that a sale needs and that a phone may prove for it. */
export interface AgeQuestionRow {
  readonly nonce: string;
  readonly account: string;
  readonly check_in: string;
  readonly store: string;
  readonly payment: string;
  readonly need: string;
  readonly asked_at_ms: number;
  readonly expires_ms: number;
  /** 1 once it is proved, for this sale alone. */
  readonly proved: number;
}

/** What a store was told of a person. */
export interface AttestationRow {
  readonly position: number;
  readonly check_in: string;
  readonly payment: string;
  readonly gateway: string;
  readonly need: string;
  readonly eligible: number;
  readonly at_ms: number;
}

/** Secret. */
export interface PhraseRow {
  readonly account: string;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
  readonly set_at_ms: number;
}

/** How a person is reached. */
export interface ContactRow {
  readonly account: string;
  readonly phone: string | null;
  readonly address: string | null;
  readonly email: string | null;
}

/** A change of account data that was asked for at a lane. */
export interface ChangeRow {
  /** The phone's name for it; the gateway's own is `attempt`. */
  readonly change: string;
  readonly gateway: string;
  readonly attempt: string;
  readonly store: string;
  readonly account: string;
  readonly lane: string;
  readonly operator: string;
  readonly what: string;
  /** JSON; and what it was before, once it is applied. */
  readonly wanted: string;
  readonly former: string | null;
  /** There until the proof. Secret. */
  readonly nonce: string | null;
  readonly state: "open" | "waiting" | "applied" | "refused" | "withdrawn" | "undone";
  readonly reason: string | null;
  readonly begun_at_ms: number;
  readonly expires_ms: number;
  readonly effective_at_ms: number | null;
}

export interface ReceiptRow {
  readonly account: string;
  readonly sequence: number;
  readonly receipt: string;
  readonly payment: string;
  readonly store: string;
  readonly merchant_name: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: string;
  readonly captured_at_ms: number;
  /** Empty for the receipt of a charge. */
  readonly refund: string;
}

export interface IdempotencyRow {
  readonly principal: string;
  readonly key: string;
  readonly request_hash: Uint8Array;
  /** Null while the first request is under way. */
  readonly answer: string | null;
  readonly at_ms: number;
}

/** How often something happened in a while: see `Tallies`. */
export interface TallyRow {
  readonly name: string;
  /** The number of the slot of time. */
  readonly slot: number;
  readonly count: number;
  /** Of no use after this. */
  readonly until_ms: number;
}

export interface FeedRow {
  readonly gateway: string;
  readonly sequence: number;
  readonly issued_at_ms: number;
  readonly expires_ms: number;
  /** As in `feedItem`; it is signed when it is sent. Secret: it holds nonces. */
  readonly body: string;
}
