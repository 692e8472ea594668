/**
 * The world as an issuer needs it, and what its operator may set. `main.ts` fills it with the real
 * one; tests and simulations with their own.
 */
import type { Clock, KeyPair, Log, Random, Vault } from "../../runtime/world.ts";
import type { AgeProofs } from "./age_proofs.ts";
import type { Acquirer } from "./acquirer.ts";
import type { AccountKeys } from "./store/account_keys.ts";
import type { IssuerStore } from "./store/store.ts";

export interface IssuerSettings {
  /** Bearer key for merchants, stores and gateways; without it nobody may register any. */
  readonly adminKey?: string;
  /** A beacon's code and nonce live for 2^k seconds, 0..15. */
  readonly rotation_exponent: number;
  /** How long a check-in lives after the last code its phone heard. */
  readonly lease_ms: number;
  /** How long after a proof the beacon's hardware identifier alone suffices. */
  readonly threshold_ms: number;
  /** Nobody shops for longer than this; a phone that stays is a ghost … */
  readonly stay_ms: number;
  /** … and is let in again only after this. */
  readonly rest_ms: number;
  /** How long an authorisation is held. */
  readonly authorisation_ms: number;
  /** Most that one sale may charge without asking, where the shopper has set nothing else. */
  readonly account_limit_minor: number;
  /** Most that the sales of one day may charge without asking. */
  readonly account_day_minor: number;
  /** Most that one sale may charge at all. */
  readonly account_most_minor: number;
  /** Most that stores together may accept of one account while the issuer is away; 0 for none. */
  readonly account_offline_minor: number;
  /** The same of one sale; 0: nothing is reserved. */
  readonly allowance_minor: number;
  /** How long a visit may use what is reserved for it, from when its store was last told. */
  readonly allowance_ms: number;
  /** Accounts that one address opens in ten minutes; more are told to come back. */
  readonly openings: number;
  /** Sales of one account in ten minutes, after which the shopper is asked. */
  readonly velocity_sales: number;
  /** Sales that one operator taps in ten minutes, after which shoppers are asked. */
  readonly operator_velocity_sales: number;
  /** Sales of one gateway in ten minutes; more are declined. */
  readonly gateway_velocity_sales: number;
  /** Most that one operator may give back in an hour … */
  readonly operator_refunds_minor: number;
  /** … and all that one gateway may. */
  readonly gateway_refunds_minor: number;
  /** How long a shopper has to say yes. */
  readonly approval_ms: number;
  /** Most that a face may be from the account's template to change its data: 1 less the cosine. */
  readonly change_distance: number;
  /** How long a change that could do harm waits before it takes effect. */
  readonly cooling_ms: number;
  /** The same for a walk-out cart: its shopper has left the shop. */
  readonly trip_approval_ms: number;
  /** How long after it began a walk-out trip may be priced: its cart may wait for a person. */
  readonly trip_open_ms: number;
  /** How long after its price a walk-out trip can be charged. */
  readonly trip_ms: number;
  /** After a trip was paid its lines may be disputed for so long. */
  readonly disputable_ms: number;
  /** A dispute that no gateway has decided by then is granted: the store has forgotten it. */
  readonly dispute_ms: number;
  /** After a trip its retailer may give back for so long. */
  readonly refund_ms: number;
}

export const defaultSettings: IssuerSettings = {
  rotation_exponent: 6,
  lease_ms: 90_000,
  threshold_ms: 20_000,
  stay_ms: 6 * 3_600_000,
  rest_ms: 3_600_000,
  authorisation_ms: 600_000,
  account_limit_minor: 50_000,
  account_day_minor: 200_000,
  account_most_minor: 500_000,
  account_offline_minor: 15_000,
  allowance_minor: 7_500,
  allowance_ms: 900_000,
  openings: 60,
  velocity_sales: 20,
  operator_velocity_sales: 600,
  gateway_velocity_sales: 12_000,
  operator_refunds_minor: 100_000,
  gateway_refunds_minor: 1_000_000,
  approval_ms: 45_000,
  change_distance: 0.25,
  cooling_ms: 86_400_000,
  trip_approval_ms: 4 * 3_600_000,
  trip_open_ms: 108 * 3_600_000,
  trip_ms: 46 * 3_600_000,
  disputable_ms: 24 * 3_600_000,
  dispute_ms: 72 * 3_600_000,
  refund_ms: 7 * 86_400_000,
};

export interface IssuerWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly store: IssuerStore;
  /** Each account's own sealing key, apart from the store. */
  readonly accountKeys: AccountKeys;
  readonly acquirer: Acquirer;
  /** Absent: no identity document is taken. */
  readonly ageProofs?: AgeProofs;
  readonly log: Log;
  readonly settings?: Partial<IssuerSettings>;
}

/** The world as the rooms see it. */
export interface House extends Omit<IssuerWorld, "settings"> {
  readonly settings: IssuerSettings;
  readonly signing: KeyPair;
  readonly sealing: KeyPair;
  /** It has run before with this store. */
  readonly reopened: boolean;
}
