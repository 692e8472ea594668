/** The rooms of the issuer, each built on those it needs. */
import type { House } from "../world.ts";
import { AccountValues } from "./account_values.ts";
import { Approvals } from "./approvals.ts";
import { AccountData } from "./account_data.ts";
import { Ages } from "./ages.ts";
import { Accounts } from "./accounts.ts";
import { Allowances } from "./allowances.ts";
import { Beacons } from "./beacons.ts";
import { Changes } from "./changes.ts";
import { type ChargeNeeds, Charges } from "./charges.ts";
import { CheckIns } from "./check_ins.ts";
import { Disputes } from "./disputes.ts";
import { Eligibility } from "./eligibility.ts";
import { Erasure } from "./erasure.ts";
import { Feed } from "./feed.ts";
import { Forwards } from "./forwards.ts";
import { Idempotency } from "./idempotency.ts";
import { Ledger } from "./ledger.ts";
import { Merchants } from "./merchants.ts";
import { Offers } from "./offers.ts";
import { Payments } from "./payments.ts";
import { Phrases } from "./phrases.ts";
import { Rotations } from "./rotations.ts";
import { Refunds } from "./refunds.ts";
import { Settlements } from "./settlements.ts";
import { Tallies } from "./tallies.ts";
import { Trips } from "./trips.ts";
import { Voices } from "./voices.ts";
import { issuerLimits } from "../limits.ts";
import { VisitTokens } from "./visit_tokens.ts";
import { WakeUps } from "./wake_ups.ts";

export type Rooms = ReturnType<typeof openRooms>;

export function openRooms(house: House) {
  const tallies = new Tallies(house);
  const accounts = new Accounts(house, tallies);
  const merchants = new Merchants(house);
  const feed = new Feed(house);
  const beacons = new Beacons(house, merchants, feed);
  const rotations = new Rotations(house);
  const approvals = new Approvals(house, merchants, feed);
  const allowances = new Allowances(house, merchants, approvals);
  const tokens = new VisitTokens(house, accounts);
  const wakeUps = new WakeUps(house, beacons, feed);
  const checkIns = new CheckIns(house, merchants, beacons, feed, tokens, wakeUps);
  const telling = { house, accounts, merchants, beacons, rotations, allowances, tokens };
  const idempotency = new Idempotency(house);
  const ledger = new Ledger(house, merchants);
  const ages = new Ages(house, merchants, feed);
  const eligibility = new Eligibility(house, accounts, merchants, checkIns, ages);
  const phrases = new Phrases(house, merchants, checkIns, tallies);
  const judging = { house, accounts, merchants, checkIns, idempotency, ledger };
  const payments = new Payments({ ...judging, approvals, eligibility, tallies });
  const { rows } = payments;
  const forwards = new Forwards({ ...judging, approvals, eligibility, allowances, rows });
  const erasure = new Erasure(house, accounts, checkIns);
  const refunds = new Refunds(house, accounts, merchants, idempotency, ledger, payments.rows);
  return {
    ...changeRooms({ house, accounts, merchants, checkIns, approvals }),
    ...walkOutRooms({ ...judging, approvals, feed, refunds, idempotency, rows, payments }),
    allowances,
    ...{ ages, forwards, refunds },
    erasure,
    settlements: new Settlements(house, merchants),
    offers: new Offers(house, accounts, merchants, checkIns),
    accounts,
    merchants,
    feed,
    beacons,
    checkIns,
    wakeUps,
    accountData: new AccountData(telling),
    idempotency,
    ledger,
    approvals,
    eligibility,
    phrases,
    tallies,
    voices: new Voices(house, merchants, checkIns),
    payments,
  };
}

/** Changes of account data at a lane, and what can be changed. */
function changeRooms({ house, accounts, merchants, checkIns, approvals }: {
  readonly house: House;
  readonly accounts: Accounts;
  readonly merchants: Merchants;
  readonly checkIns: CheckIns;
  readonly approvals: Approvals;
}) {
  const values = new AccountValues(house, accounts, approvals);
  return { values, changes: new Changes(house, accounts, merchants, checkIns, values) };
}

/** Walk-out trips: who may make one, what it costs, what its shopper says about it. */
function walkOutRooms(
  shared: Omit<ChargeNeeds, "trips"> & {
    readonly checkIns: CheckIns;
    readonly refunds: Refunds;
    readonly idempotency: Idempotency;
    readonly payments: Payments;
  },
) {
  const { house, accounts, merchants, checkIns, feed, refunds, idempotency, payments } = shared;
  const trips = new Trips(house, accounts, merchants, checkIns, feed);
  const charges = new Charges({ ...shared, trips });
  payments.onLearned = (found, receipt) => charges.charging.learned(found, receipt);
  const disputes = new Disputes(house, trips, feed, refunds, idempotency);
  refunds.onMade = ({ gateway, refund, payment, amount_minor, reason }, receipt, currency) =>
    feed.add(
      gateway,
      { type: "trip.refunded", trip: payment, refund, amount_minor, currency, receipt, reason },
      house.clock.now_ms() + issuerLimits.trip_feed_ms,
    );
  return { trips, charges, disputes };
}
