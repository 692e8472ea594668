/**
 * The tables of the issuer. Each relation that the rooms rely on (one live check-in an account, one
 * row a payment, one receipt a payment) is a rule of its table as well.
 */
import type * as rows from "./rows.ts";
import { table } from "./shape.ts";

/** `SAUI` in ASCII, in the file's header. */
export const applicationId = 0x53415549;
/** Rises with every change of the tables below. */
export const schemaVersion = 2;

const living = { column: "ended", is: null } as const;
const unspent = { column: "spent_for", is: null } as const;

export const shapes = {
  house: table<rows.HouseRow>()({
    columns: { id: "integer", signing_seed: "blob", sealing_seed: "blob" },
    key: ["id"],
    at_most: { id: 1 },
  }),
  account: table<rows.AccountRow>()({
    columns: {
      account: "text",
      device_public_key: "text",
      first_name: "text",
      initials: "text",
      instrument: "text",
      limit_minor: "integer",
      opened_at_ms: "integer",
    },
    key: ["account"],
    indexes: { everyone: {}, of_device: { by: ["device_public_key"], unique: true } },
  }),
  consent: table<rows.ConsentRow>()({
    columns: {
      consent: "text",
      account: "text",
      kind: "text",
      version: "text",
      given_at_ms: "integer",
      recorded_at_ms: "integer",
    },
    key: ["consent"],
    indexes: { of_account: { by: ["account", "kind", "version"], unique: true } },
    references: { account: "account" },
  }),
  template: table<rows.TemplateRow>()({
    columns: {
      account: "text",
      model: "text",
      consent: "text",
      preset: "text",
      dim: "integer",
      enc: "text",
      ciphertext: "text",
      kept_at_ms: "integer",
    },
    key: ["account", "model"],
    indexes: { of_account: { by: ["account"], order: ["kept_at_ms"] } },
    references: { account: "account", consent: "consent" },
  }),
  merchant: table<rows.MerchantRow>()({
    columns: { merchant: "text", name: "text" },
    key: ["merchant"],
  }),
  store: table<rows.StoreRow>()({
    columns: {
      store: "text",
      merchant: "text",
      name: "text",
      currency: "text",
      accept_liveness: "text",
    },
    key: ["store"],
    references: { merchant: "merchant" },
  }),
  gateway: table<rows.GatewayRow>()({
    columns: {
      gateway: "text",
      store: "text",
      enrolment_hash: "blob",
      enrolment_used: "integer",
      signing_public_key: "text?",
      sealing_public_key: "text?",
      feed_sequence: "integer",
      feed_read: "integer",
    },
    key: ["gateway"],
    indexes: { everyone: {} },
    references: { store: "store" },
  }),
  beacon: table<rows.BeaconRow>()({
    columns: {
      hardware_id: "text",
      gateway: "text",
      store: "text",
      identity_key: "blob",
      revision: "integer",
    },
    key: ["hardware_id"],
    indexes: { of_gateway: { by: ["gateway"] } },
    references: { gateway: "gateway", store: "store" },
  }),
  period: table<rows.PeriodRow>()({
    columns: { hardware_id: "text", period: "integer", nonce: "blob" },
    key: ["hardware_id", "period"],
    indexes: { by_age: { order: ["period"] } },
    references: { hardware_id: "beacon" },
  }),
  check_in: table<rows.CheckInRow>()({
    columns: {
      check_in: "text",
      account: "text",
      hardware_id: "text",
      store: "text",
      period: "integer",
      opened_at_ms: "integer",
      lease_expires_ms: "integer",
      revision: "integer",
      template_revision: "integer",
      ended: "text?",
    },
    key: ["check_in"],
    indexes: {
      live_of: { by: ["account"], where: living, unique: true },
      live_at: { by: ["hardware_id"], order: ["revision"], where: living },
      by_lease: { order: ["lease_expires_ms"], where: living },
    },
    references: { account: "account", hardware_id: "beacon", store: "store" },
  }),
  token: table<rows.TokenRow>()({
    columns: {
      account: "text",
      jti: "text",
      check_in: "text",
      jws: "text?",
      expires_s: "integer",
      spent_for: "text?",
    },
    key: ["account", "jti"],
    indexes: {
      held: { by: ["check_in"], order: ["jti"], where: unspent },
      by_expiry: { order: ["expires_s"] },
    },
    references: { account: "account", check_in: "check_in" },
  }),
  payment: table<rows.PaymentRow>()({
    columns: {
      position: "integer",
      store: "text",
      payment: "text",
      gateway: "text",
      state: "text",
      undo: "integer",
      tries: "integer",
      check_in: "text?",
      account: "text?",
      lane: "text?",
      operator: "text?",
      token: "text?",
      amount_minor: "integer",
      currency: "text",
      items: "text?",
      evidence: "text?",
      authorisation: "text?",
      authorised_until_ms: "integer?",
      captures: "integer",
      captured_minor: "integer",
      receipt: "text?",
      reason: "text?",
      at_ms: "integer",
    },
    key: ["position"],
    counted: true,
    indexes: {
      by_name: { by: ["store", "payment"], unique: true },
      by_authorisation: { by: ["authorisation"], unique: true },
      by_receipt: { by: ["receipt"], unique: true },
      of_gateway: { by: ["gateway"], order: ["position"] },
      held: { order: ["authorised_until_ms"], where: { column: "state", is: "authorised" } },
      to_undo: { order: ["position"], where: { column: "undo", above: 0 } },
    },
    references: { store: "store", gateway: "gateway" },
    at_most: { captures: 1, captured_minor: "amount_minor" },
  }),
  receipt: table<rows.ReceiptRow>()({
    columns: {
      account: "text",
      sequence: "integer",
      receipt: "text",
      payment: "text",
      store: "text",
      merchant_name: "text",
      amount_minor: "integer",
      currency: "text",
      items: "text",
      captured_at_ms: "integer",
    },
    key: ["account", "sequence"],
    indexes: {
      of_account: { by: ["account"], order: ["sequence"] },
      by_name: { by: ["receipt"], unique: true },
      by_payment: { by: ["store", "payment"], unique: true },
    },
    references: { account: "account", store: "store" },
  }),
  idempotency: table<rows.IdempotencyRow>()({
    columns: {
      principal: "text",
      key: "text",
      request_hash: "blob",
      answer: "text?",
      at_ms: "integer",
    },
    key: ["principal", "key"],
    indexes: { by_age: { order: ["at_ms"] } },
  }),
  feed: table<rows.FeedRow>()({
    columns: {
      gateway: "text",
      sequence: "integer",
      issued_at_ms: "integer",
      expires_ms: "integer",
      body: "text",
    },
    key: ["gateway", "sequence"],
    indexes: { of_gateway: { by: ["gateway"], order: ["sequence"] } },
    references: { gateway: "gateway" },
  }),
};
