/** The rooms of the issuer, each built on those it needs. */
import type { House } from "../world.ts";
import { AccountValues } from "./account_values.ts";
import { Approvals } from "./approvals.ts";
import { Accounts } from "./accounts.ts";
import { Beacons } from "./beacons.ts";
import { Changes } from "./changes.ts";
import { CheckIns } from "./check_ins.ts";
import { Eligibility } from "./eligibility.ts";
import { Erasure } from "./erasure.ts";
import { Feed } from "./feed.ts";
import { Idempotency } from "./idempotency.ts";
import { Ledger } from "./ledger.ts";
import { Merchants } from "./merchants.ts";
import { Payments } from "./payments.ts";
import { Phrases } from "./phrases.ts";
import { Refunds } from "./refunds.ts";

export type Rooms = ReturnType<typeof openRooms>;

export function openRooms(house: House) {
  const accounts = new Accounts(house);
  const merchants = new Merchants(house);
  const feed = new Feed(house);
  const beacons = new Beacons(house, merchants, feed);
  const checkIns = new CheckIns(house, accounts, merchants, beacons, feed);
  const idempotency = new Idempotency(house);
  const ledger = new Ledger(house, merchants);
  const approvals = new Approvals(house, merchants, feed);
  const values = new AccountValues(house, accounts, approvals);
  const changes = new Changes(house, accounts, merchants, checkIns, values);
  const eligibility = new Eligibility(house, accounts, merchants, checkIns);
  const phrases = new Phrases(house, merchants, checkIns);
  const payments = new Payments({
    house,
    accounts,
    merchants,
    checkIns,
    idempotency,
    ledger,
    approvals,
    eligibility,
  });
  const erasure = new Erasure(house, accounts, checkIns);
  const refunds = new Refunds(house, accounts, merchants, idempotency, ledger, payments.rows);
  return {
    changes,
    values,
    refunds,
    erasure,
    accounts,
    merchants,
    feed,
    beacons,
    checkIns,
    idempotency,
    ledger,
    approvals,
    eligibility,
    phrases,
    payments,
  };
}
