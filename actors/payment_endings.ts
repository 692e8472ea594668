/**
 * The ways in which a payment comes to an end, as its situations share them: given up before the
 * issuer was asked, reversed afterwards, and what lane and visit are told.
 */
import type { PaymentOutcome } from "./payment_facts.ts";

/** What is noted and told with the end. */
type Last =
  | "noteReason"
  | "noteTurnFailed"
  | "noteWrong"
  | "returnStandIn"
  | "unspend"
  | ReturnType<typeof because>
  | Unspent;
type Unspent = { readonly type: "release"; readonly params: { readonly token_spent: boolean } };

/** While a reservation is asked for: the visit is free again, its token unspent. */
export const unspent: Unspent = { type: "release", params: { token_spent: false } };

/** As long as the issuer may hold something, the reservation is kept. */
const kept = (actions: readonly Last[]) =>
  actions.filter((action) => action !== unspent && action !== "unspend");

/** Given up before the issuer was asked: done at once. A sale in whose middle the gateway was
 * started may have gone further than this disk knows: only the issuer's answer ends it, and what
 * the issuer captured was captured. */
export function givesUp(...actions: readonly Last[]) {
  return [
    {
      guard: "isResumed" as const,
      target: "reversing" as const,
      actions: [...kept(actions), "reverse" as const],
    },
    { target: "cancelled" as const, actions: [...actions] },
  ];
}

type EndsIf =
  | "isTurnFailedTooOften"
  | "turnsAreOver"
  | "isHeardWrongTooOften"
  | "isWrongTooOften"
  | "triesAreOver"
  | "dropsAll";

/** The same when something was tried once too often, or nothing is left. */
export function givesUpIf<Guard extends EndsIf>(guard: Guard, ...actions: readonly Last[]) {
  return [
    {
      guard: `${guard}Resumed` as const,
      target: "reversing" as const,
      actions: [...kept(actions), "reverse" as const],
    },
    { guard, target: "cancelled" as const, actions: [...actions] },
  ];
}

const cancel = givesUp("noteReason");
export const cancels = {
  "operator.cancelled": cancel,
  "pos.cancel_requested": cancel,
  "lane.withdrawn": cancel,
};
const let_go = givesUp("noteReason", unspent);
export const letsGo = {
  "operator.cancelled": let_go,
  "pos.cancel_requested": let_go,
  "lane.withdrawn": let_go,
};
/** The issuer was asked: it may hold money, and only its answer to the reversal is the end. */
export const reversal = {
  target: "reversing" as const,
  actions: ["noteReason" as const, "reverse" as const],
};
export const spent = { type: "release" as const, params: { token_spent: true } };
export const because = (reason: string) => ({ type: "because" as const, params: { reason } });
export const ended = (outcome: PaymentOutcome) => ({
  type: "tellEnded" as const,
  params: { outcome },
});
