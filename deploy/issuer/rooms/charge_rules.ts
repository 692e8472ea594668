/**
 * Whether a charge may be asked of the acquirer at all: the check-in lives, the token is this
 * account's for this visit and unspent, the evidence meets the store's policy, the limit holds.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
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

/** Undefined when the account may have all that is in the basket, and somebody looked. */
function faultOfItems(
  eligibility: Eligibility,
  { account }: Account,
  { items, confirmed_by }: Ask,
): string | undefined {
  const needs = new Set(items.flatMap(({ needs }) => needs ?? []));
  if (needs.size === 0) return undefined;
  if (confirmed_by === undefined) return "eligibility_unconfirmed";
  return [...needs].every((need) => eligibility.meets(account, need)) ? undefined : "not_eligible";
}

function ruleOnToken(
  { vault, clock, store }: House,
  accounts: Accounts,
  check_in: CheckIn,
  jws: string,
): { readonly jti: string } | { readonly reason: string } {
  const token = readToken(vault, jws, () => accounts.deviceKey(check_in.account));
  if (!token) return { reason: "token_unreadable" };
  if (token.iss !== check_in.account || token.check_in !== check_in.check_in) {
    return { reason: "token_check_in_wrong" };
  }
  if (token.aud !== check_in.store) return { reason: "token_store_wrong" };
  if (token.exp <= clock.now_ms() / 1000) return { reason: "token_expired" };
  const kept = store.tables.token.get(token.iss, token.jti);
  if (!kept) return { reason: "token_unknown" };
  return kept.spent_for === null ? { jti: token.jti } : { reason: "token_spent" };
}

/** Undefined when the evidence is of this store's kind, of this account's model and of now. */
function faultOfEvidence(
  { clock }: House,
  accounts: Accounts,
  store: Store,
  { account }: Account,
  { evidence, operator }: Ask,
): string | undefined {
  if (!store.accept_liveness.includes(evidence.liveness)) return "evidence_liveness";
  if (!accounts.hasTemplate(account, evidence.model)) return "evidence_model";
  const age_ms = clock.now_ms() - evidence.seen_at_ms;
  const fresh = age_ms <= limits.evidence_age_ms && age_ms >= -limits.clock_tolerance_s * 1000;
  if (!fresh) return "evidence_old";
  // Several people were possible: then a person must have chosen, or an answer told which.
  const told = evidence.challenge !== undefined || !["automatic", "shopper"].includes(operator);
  if (evidence.outcome === "ambiguous" && !told) return "evidence_ambiguous";
  return undefined;
}
