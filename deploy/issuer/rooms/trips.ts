/**
 * Walk-out trips: who may come in by a code that his phone signed or by a check-in that somebody
 * vouches for, and how a trip ends. What it costs is for `charges.ts`.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { Trip } from "../../../runtime/sync/contract/schemas.ts";
import { readEntryCode } from "../../../runtime/sync/contract/tokens.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { TripRow } from "../store/trip_tables.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { CheckIns } from "./check_ins.ts";
import { forDue } from "./due.ts";
import type { Feed } from "./feed.ts";
import type { Merchants, Store } from "./merchants.ts";

type AskAdmit = z.output<typeof schemas.admit>;
type Admitted = z.output<typeof schemas.admitted>;
type Ended = z.output<typeof schemas.tripEnded>;

/** Who stands at the gate, or why nobody does. */
type Visitor =
  | {
    readonly account: string;
    readonly people: number;
    readonly evidence: Record<string, string>;
    readonly spend?: { readonly jti: string; readonly expires_s: number };
  }
  | { readonly reason: string };

/** States in which money of the account is outstanding. */
const outstanding = ["owed", "unpaid"];

export class Trips {
  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly merchants: Merchants,
    readonly checkIns: CheckIns,
    readonly feed: Feed,
  ) {}

  find(trip: string): TripRow | undefined {
    return this.house.store.tables.trip.get(trip);
  }

  /** Begins a trip, or says why not. The same trip of the same gateway again is the same answer. */
  admit(gateway: string, ask: AskAdmit): Admitted {
    const { trip: trips, entry } = this.house.store.tables;
    const store = this.#storeOf(gateway);
    const known = this.find(ask.trip);
    if (known !== undefined) {
      return known.gateway === gateway && known.state === "open"
        ? this.#admitted(known)
        : { outcome: "refused", reason: "trip_over" };
    }
    const visitor = this.#visitor(store, ask);
    if ("reason" in visitor) return { outcome: "refused", reason: visitor.reason };
    const { account, people, evidence, spend } = visitor;
    const refusal = this.#refusal(account);
    if (refusal !== undefined) return { outcome: "refused", reason: refusal };
    const now_ms = this.house.clock.now_ms();
    const row: TripRow = {
      trip: ask.trip,
      store: store.store,
      account,
      gateway,
      gate: ask.gate,
      state: "open",
      evidence: JSON.stringify(evidence),
      people,
      entered_at_ms: now_ms,
      expires_ms: now_ms + this.house.settings.trip_open_ms,
      order_id: null,
      checkout_hash: null,
      mode: null,
      total_minor: 0,
      currency: store.currency,
      items: null,
      due: 0,
      reason: null,
      ended_at_ms: null,
    };
    trips.insert(row);
    if (spend !== undefined) entry.insert({ account, trip: ask.trip, ...spend });
    return this.#admitted(row);
  }

  /** Nothing is charged for the trip any more; unless the retailer had priced it before. */
  end(gateway: string, { trip, reason }: z.output<typeof schemas.endTrip>): Ended {
    const found = this.find(trip);
    // It never began: there is nothing that could be charged.
    if (found === undefined) return { outcome: "ended" };
    if (found.gateway !== gateway) throw new Refusal("payment_foreign");
    if (found.state === "open") {
      this.close(found, "ended", reason);
      return { outcome: "ended" };
    }
    if (found.state === "ended") return { outcome: "ended" };
    if (found.state === "cancelled" || found.items === null) return { outcome: "cancelled" };
    const { total_minor, currency, items } = found;
    return { outcome: "priced", amount_minor: total_minor, currency, items: JSON.parse(items) };
  }

  /** The state of a trip of which nothing more is to come. */
  close(row: TripRow, state: string, reason: string | null): void {
    const ended_at_ms = this.house.clock.now_ms();
    this.house.store.tables.trip.change(row, { state, reason, due: 0, ended_at_ms });
  }

  /** What the account's shopper sees, newest first. */
  of(account: string): { trips: Trip[] } {
    const { tables } = this.house.store;
    const rows = tables.trip.all("of_account", [account]).slice(-limits.trips_page).reverse();
    return {
      trips: rows.map((row) => ({
        trip: row.trip,
        store: row.store,
        merchant_name: this.merchants.findStore(row.store)?.merchant_name ?? row.store,
        entered_at_ms: row.entered_at_ms,
        state: row.state as Trip["state"],
        amount_minor: row.total_minor,
        refunded_minor: tables.payment.first("by_name", row.store, row.trip)?.refunded_minor ?? 0,
        currency: row.currency,
        items: row.items === null ? [] : JSON.parse(row.items),
        reason: row.reason,
        disputes: tables.dispute.all("of_trip", [row.trip]).slice(0, limits.disputes_of_trip)
          .map(({ dispute, line, units, amount_minor, granted }) => ({
            dispute,
            line,
            units,
            amount_minor,
            granted: granted === null ? null : granted === 1,
          })),
      })),
    };
  }

  /** Forgets codes that could not open a gate any more. True where more is left. */
  prune(): boolean {
    const { store } = this.house;
    const { entry } = store.tables;
    const below = this.house.clock.now_ms() / 1000 - limits.clock_tolerance_s;
    const old = { below, limit: limits.sweep_rows };
    return forDue(store, entry.all("by_expiry", [], old), (row) => entry.remove(row));
  }

  #admitted({ account, people }: TripRow): Admitted {
    return { outcome: "admitted", account, identity_key: account, people };
  }

  #storeOf(gateway: string): Store {
    const found = this.merchants.findStore(this.merchants.find(gateway)?.store ?? "");
    if (!found) throw new Refusal("store_unknown");
    return found;
  }

  #refusal(account: string): string | undefined {
    const rows = this.house.store.tables.trip.all("of_account", [account]);
    if (rows.some(({ state }) => outstanding.includes(state))) return "outstanding_balance";
    const open = rows.filter(({ ended_at_ms }) => ended_at_ms === null).length;
    return open >= limits.open_trips ? "trips_enough" : undefined;
  }

  #visitor(store: Store, ask: AskAdmit): Visitor {
    if (ask.code !== undefined) return this.#byCode(store, ask.code);
    if (ask.check_in === undefined) return { reason: "nobody_shown" };
    const { camera, operator, people } = ask;
    if (camera === undefined && operator === undefined) return { reason: "nobody_vouches" };
    const found = this.checkIns.find(ask.check_in);
    if (!found || found.store !== store.store || !this.checkIns.isLive(found)) {
      return { reason: "check_in_ended" };
    }
    const { account, check_in } = found;
    if (operator !== undefined) {
      return { account, people, evidence: { kind: "associate", check_in, operator } };
    }
    // A camera says who that is, and nothing of who comes along: his phone does.
    const evidence = { kind: "face_at_gate", check_in, camera: camera ?? "" };
    return { account, people: this.checkIns.parties.of(check_in), evidence };
  }

  #byCode(store: Store, code: string): Visitor {
    const { vault, clock, store: { tables } } = this.house;
    const read = readEntryCode(
      vault,
      code,
      (kid) =>
        kid.startsWith("device:")
          ? this.accounts.deviceKey(kid.slice("device:".length))
          : undefined,
    );
    if (read === undefined) return { reason: "code_unreadable" };
    const now_s = clock.now_ms() / 1000;
    if (read.exp <= now_s || read.exp - read.iat > limits.entry_code_s) {
      return { reason: "code_expired" };
    }
    if (read.iat > now_s + limits.clock_tolerance_s) return { reason: "code_of_the_future" };
    if (read.aud !== undefined && read.aud !== store.store) return { reason: "code_store_wrong" };
    if (tables.entry.get(read.iss, read.jti) !== undefined) return { reason: "code_spent" };
    return {
      account: read.iss,
      people: read.people,
      evidence: { kind: "code_at_gate", jti: read.jti },
      spend: { jti: read.jti, expires_s: read.exp },
    };
  }
}
