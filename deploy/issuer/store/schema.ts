/**
 * The tables of the issuer's file. Each relation that the rooms rely on (one live check-in an
 * account, one row a payment, one receipt a payment) is a constraint here as well.
 */

/** `SAUI` in ASCII, in the file's header. */
export const applicationId = 0x53415549;
/** Rises with every change of the tables below. */
export const schemaVersion = 1;

export const tables: readonly string[] = [
  /** The issuer's own seeds. Secret. */
  `CREATE TABLE house (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  signing_seed BLOB NOT NULL,
  sealing_seed BLOB NOT NULL
) STRICT`,
  `CREATE TABLE account (
  account TEXT PRIMARY KEY,
  device_public_key TEXT NOT NULL UNIQUE,
  first_name TEXT NOT NULL,
  initials TEXT NOT NULL,
  instrument TEXT NOT NULL,
  limit_minor INTEGER NOT NULL,
  opened_at_ms INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE consent (
  consent TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account,
  kind TEXT NOT NULL,
  version TEXT NOT NULL,
  given_at_ms INTEGER NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  UNIQUE (account, kind, version)
) STRICT`,
  /** Sealed to the issuer by the phone, and kept so. */
  `CREATE TABLE template (
  account TEXT NOT NULL REFERENCES account,
  model TEXT NOT NULL,
  consent TEXT NOT NULL REFERENCES consent,
  preset TEXT NOT NULL,
  dim INTEGER NOT NULL,
  enc TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  kept_at_ms INTEGER NOT NULL,
  PRIMARY KEY (account, model)
) STRICT`,
  `CREATE TABLE merchant (merchant TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT`,
  `CREATE TABLE store (
  store TEXT PRIMARY KEY,
  merchant TEXT NOT NULL REFERENCES merchant,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  accept_liveness TEXT NOT NULL
) STRICT`,
  `CREATE TABLE gateway (
  gateway TEXT PRIMARY KEY,
  store TEXT NOT NULL REFERENCES store,
  enrolment_hash BLOB NOT NULL,
  enrolment_used INTEGER NOT NULL DEFAULT 0,
  signing_public_key TEXT,
  sealing_public_key TEXT,
  feed_sequence INTEGER NOT NULL DEFAULT 0,
  feed_read INTEGER NOT NULL DEFAULT 0
) STRICT`,
  `CREATE TABLE beacon (
  hardware_id TEXT PRIMARY KEY,
  gateway TEXT NOT NULL REFERENCES gateway,
  store TEXT NOT NULL REFERENCES store,
  identity_key BLOB NOT NULL
) STRICT`,
  `CREATE INDEX beacon_gateway ON beacon (gateway)`,
  `CREATE TABLE period (
  hardware_id TEXT NOT NULL REFERENCES beacon,
  period INTEGER NOT NULL,
  nonce BLOB NOT NULL,
  PRIMARY KEY (hardware_id, period)
) STRICT`,
  `CREATE TABLE check_in (
  check_in TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account,
  hardware_id TEXT NOT NULL REFERENCES beacon,
  store TEXT NOT NULL REFERENCES store,
  period INTEGER NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  lease_expires_ms INTEGER NOT NULL,
  ended TEXT
) STRICT`,
  `CREATE UNIQUE INDEX check_in_live ON check_in (account) WHERE ended IS NULL`,
  `CREATE INDEX check_in_beacon ON check_in (hardware_id) WHERE ended IS NULL`,
  `CREATE INDEX check_in_lease ON check_in (lease_expires_ms) WHERE ended IS NULL`,
  /** `jws` is there while the token is unspent. Secret. */
  `CREATE TABLE token (
  account TEXT NOT NULL REFERENCES account,
  jti TEXT NOT NULL,
  check_in TEXT NOT NULL REFERENCES check_in,
  jws TEXT,
  expires_s INTEGER NOT NULL,
  spent_for TEXT,
  PRIMARY KEY (account, jti)
) STRICT`,
  `CREATE INDEX token_held ON token (check_in) WHERE spent_for IS NULL`,
  `CREATE INDEX token_expiry ON token (expires_s)`,
  /** `state` holds two that the ledger does not know: `pending`, `capturing` (the acquirer was
   * asked). `undo` counts the reasons for
   * which the acquirer must still be told to let go. */
  `CREATE TABLE payment (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  store TEXT NOT NULL REFERENCES store,
  payment TEXT NOT NULL,
  gateway TEXT NOT NULL REFERENCES gateway,
  state TEXT NOT NULL,
  undo INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  check_in TEXT,
  account TEXT,
  lane TEXT,
  operator TEXT,
  token TEXT,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  items TEXT,
  evidence TEXT,
  authorisation TEXT UNIQUE,
  authorised_until_ms INTEGER,
  captures INTEGER NOT NULL DEFAULT 0 CHECK (captures <= 1),
  captured_minor INTEGER NOT NULL DEFAULT 0 CHECK (captured_minor <= amount_minor),
  receipt TEXT UNIQUE,
  reason TEXT,
  at_ms INTEGER NOT NULL,
  UNIQUE (store, payment)
) STRICT`,
  `CREATE INDEX payment_gateway ON payment (gateway, position)`,
  `CREATE INDEX payment_held ON payment (authorised_until_ms) WHERE state = 'authorised'`,
  `CREATE INDEX payment_undo ON payment (position) WHERE undo > 0`,
  `CREATE TABLE receipt (
  account TEXT NOT NULL REFERENCES account,
  sequence INTEGER NOT NULL,
  receipt TEXT NOT NULL UNIQUE,
  payment TEXT NOT NULL,
  store TEXT NOT NULL REFERENCES store,
  merchant_name TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  items TEXT NOT NULL,
  captured_at_ms INTEGER NOT NULL,
  PRIMARY KEY (account, sequence),
  UNIQUE (store, payment)
) STRICT`,
  /** `answer` is null while the first request is under way. */
  `CREATE TABLE idempotency (
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  answer TEXT,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (principal, key)
) STRICT`,
  `CREATE INDEX idempotency_age ON idempotency (at_ms)`,
  /** `body` is as in `feedItem`; it is signed when it is sent. Secret: it holds nonces. */
  `CREATE TABLE feed (
  gateway TEXT NOT NULL REFERENCES gateway,
  sequence INTEGER NOT NULL,
  issued_at_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (gateway, sequence)
) STRICT`,
  `PRAGMA application_id = ${applicationId}`,
  `PRAGMA user_version = ${schemaVersion}`,
];
