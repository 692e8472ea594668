/**
 * Whether a charge may be asked of the acquirer at all: the check-in lives, the token is this
 * account's for this visit and unspent, the evidence meets the store's policy, the limit holds.
 * What was accepted while the issuer was away is judged as of that moment.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { TokenPayload } from "../../../runtime/sync/contract/schemas.ts";
import { readToken } from "../../../runtime/sync/contract/tokens.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { CheckIn, CheckIns } from "./check_ins.ts";
import type { Eligibility } from "./eligibility.ts";
import type { Store } from "./merchants.ts";

type Ask = z.output<typeof schemas.authorise>;

/** What a charge stands on; or the reason why there is none. */
export type Ruling =
  | { readonly account: Account; readonly check_in: CheckIn; readonly token: string }
  | { readonly reason: string };

/** Looks only; spends nothing. */
export function ruleOnCharge(
  house: House,
  rooms: {
    readonly accounts: Accounts;
    readonly checkIns: CheckIns;
    readonly eligibility: Eligibility;
  },
  store: Store,
  ask: Ask,
): Ruling {
  const check_in = rooms.checkIns.find(ask.check_in);
  if (!check_in || check_in.store !== store.store) return { reason: "check_in_unknown" };
  if (!rooms.checkIns.isLive(check_in)) return { reason: "check_in_ended" };
  const account = rooms.accounts.find(check_in.account);
  if (!account) return { reason: "check_in_unknown" };
  const token = ruleOnToken(house, rooms.accounts, check_in, ask.token);
  if ("reason" in token) return token;
  const reason = faultOfEvidence(house, rooms.accounts, store, account, ask) ??
    (ask.currency === store.currency ? undefined : "currency_wrong") ??
    (ask.amount_minor <= house.settings.account_most_minor ? undefined : "over_limit") ??
    faultOfItems(rooms.eligibility, account, ask);
  return reason === undefined ? { account, check_in, token: token.jti } : { reason };
}

/** The same for what was accepted while the issuer was away, as of then: the stay may be over by
 * now, and its tokens forgotten. What the store could not ask it was not asked. */
export function ruleOnForward(
  house: House,
  rooms: {
    readonly accounts: Accounts;
    readonly checkIns: CheckIns;
    readonly eligibility: Eligibility;
  },
  store: Store,
  ask: Ask & { readonly accepted_at_ms: number },
): { readonly account: Account; readonly token: TokenPayload } | { readonly reason: string } {
  const check_in = rooms.checkIns.find(ask.check_in);
  const account = check_in && rooms.accounts.find(check_in.account);
  if (!check_in || !account || check_in.store !== store.store) {
    return { reason: "check_in_unknown" };
  }
  const token = tokenOf(house, rooms.accounts, check_in, ask.token, ask.accepted_at_ms);
  if ("reason" in token) return token;
  const kept = house.store.tables.token.get(token.iss, token.jti);
  if (kept && kept.spent_for !== null && kept.spent_for !== ask.payment) {
    return { reason: "token_spent" };
  }
  const reason = faultOfSight(store, ask, ask.accepted_at_ms) ??
    (ask.currency === store.currency ? undefined : "currency_wrong") ??
    (ask.amount_minor <= house.settings.account_most_minor ? undefined : "over_limit") ??
    faultOfItems(rooms.eligibility, account, ask);
  return reason === undefined ? { account, token } : { reason };
}

/** Undefined when the account may have all that is in the basket, and somebody looked. */
function faultOfItems(
  eligibility: Eligibility,
  { account }: Account,
  ask: Ask,
): string | undefined {
  const { items, confirmed_by } = ask;
  const needs = new Set(items.flatMap(({ needs }) => needs ?? []));
  if (needs.size === 0) return undefined;
  if (confirmed_by === undefined) return "eligibility_unconfirmed";
  return [...needs].every((need) => eligibility.meets(account, need, ask))
    ? undefined
    : "not_eligible";
}

function ruleOnToken(
  house: House,
  accounts: Accounts,
  check_in: CheckIn,
  jws: string,
): { readonly jti: string } | { readonly reason: string } {
  const token = tokenOf(house, accounts, check_in, jws, house.clock.now_ms());
  if ("reason" in token) return token;
  const kept = house.store.tables.token.get(token.iss, token.jti);
  if (!kept) return { reason: "token_unknown" };
  return kept.spent_for === null ? { jti: token.jti } : { reason: "token_spent" };
}

/** The token, when the shopper's device made it for this visit and it was valid then. */
function tokenOf(
  { vault }: House,
  accounts: Accounts,
  check_in: CheckIn,
  jws: string,
  at_ms: number,
): TokenPayload | { readonly reason: string } {
  const token = readToken(vault, jws, () => accounts.deviceKey(check_in.account));
  if (!token) return { reason: "token_unreadable" };
  if (token.iss !== check_in.account || token.check_in !== check_in.check_in) {
    return { reason: "token_check_in_wrong" };
  }
  if (token.aud !== check_in.store) return { reason: "token_store_wrong" };
  return token.exp <= at_ms / 1000 ? { reason: "token_expired" } : token;
}

/** Undefined when the evidence is of this store's kind, of this account's model and of now. */
function faultOfEvidence(
  { clock }: House,
  accounts: Accounts,
  store: Store,
  { account }: Account,
  ask: Ask,
): string | undefined {
  if (!accounts.hasTemplate(account, ask.evidence.model)) return "evidence_model";
  return faultOfSight(store, ask, clock.now_ms());
}

/** Undefined when what was seen is of this store's kind, and of that time. */
function faultOfSight(
  store: Store,
  { evidence, operator }: Ask,
  at_ms: number,
): string | undefined {
  if (!store.accept_liveness.includes(evidence.liveness)) return "evidence_liveness";
  const age_ms = at_ms - evidence.seen_at_ms;
  const fresh = age_ms <= limits.evidence_age_ms && age_ms >= -limits.clock_tolerance_s * 1000;
  if (!fresh) return "evidence_old";
  // Several people were possible: then a person must have chosen, or an answer told which.
  const told = evidence.challenge !== undefined || !["automatic", "shopper"].includes(operator);
  if (evidence.outcome === "ambiguous" && !told) return "evidence_ambiguous";
  return undefined;
}
