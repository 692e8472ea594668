/**
 * What a visit knows and how an event changes it: its context, tokens and allowances, and what a
 * payment is handed of them.
 */
import type { OffersAnswered, OffersAsked } from "./display_words.ts";
import { kept, none } from "./kept.ts";
import { limits } from "./limits.ts";
import {
  type Allowance,
  type CheckInEnd,
  type Emitted,
  type PresenceEvent,
  type Stamped,
  tell,
} from "./messages.ts";
import type { PaymentMessage } from "./payment.ts";

/** What payments tell a visit. */
export type VisitMessage =
  | {
    readonly type: "payment.reservation_asked";
    readonly payment: string;
    /** Counts the payment's tries; the answer names it, so that an old answer is not taken. */
    readonly attempt: number;
    /** The issuer is away: it is to be paid with an allowance. */
    readonly offline: boolean;
  }
  | {
    readonly type: "payment.reservation_released";
    readonly payment: string;
    /** The token has gone to the issuer, whatever came of it. */
    readonly token_spent: boolean;
    /** It was accepted against the allowance that went with the token. */
    readonly allowance_used: boolean;
    /** The issuer's receipt when the shopper was charged: the visit's history tells of it. */
    readonly receipt: string | null;
  }
  | OffersAsked;
export type VisitEvent = (PresenceEvent | VisitMessage) & Stamped;
type Opened = Extract<VisitEvent, { type: "issuer.visit_opened" }>;
type Asked = Extract<VisitEvent, { type: "payment.reservation_asked" }>;

export interface VisitContext {
  readonly id: string;
  readonly account: string;
  readonly first_name: string;
  readonly initials: string;
  readonly zone: string;
  readonly template: boolean;
  /** Known by a template of another model than the store's. */
  readonly enrol_again: boolean;
  /** The account has agreed to be shown offers. */
  readonly offers: boolean;
  readonly lease_expires_ms: number;
  /** The last stretch of the lease, in which nothing renewed it. */
  readonly fading_ms: number;
  readonly tokens: readonly string[];
  /** Endings of tokens that went to the issuer: enough to know one again, useless to spend. */
  readonly spent_tokens: readonly string[];
  /** The payment that holds the reservation, and the token it was handed. */
  readonly held_by: string | null;
  readonly token: string | null;
  readonly attempt: number;
  /** What the issuer has reserved for the time that it is away. */
  readonly allowances: readonly Allowance[];
  /** The one that went out with the token. */
  readonly allowance: Allowance | null;
  readonly used_allowances: readonly string[];
  readonly ended: CheckInEnd | null;
}

/** The end of a signature: two tokens never share it. */
const endingOf = (token: string) => token.slice(-32);

/** The tokens of a renewal, without those that are spent or in use. */
export function freshTokens(context: VisitContext, event: Opened): readonly string[] {
  const fresh = event.tokens
    .filter((token) => token !== context.token && !context.spent_tokens.includes(endingOf(token)));
  return kept(fresh, 0, limits.tokens);
}

/** Those of a renewal that are not used or in use. */
function freshAllowances(context: VisitContext, event: Opened): readonly Allowance[] {
  const gone = [context.allowance?.allowance, ...context.used_allowances];
  const fresh = (event.allowances ?? none).filter(({ allowance }) => !gone.includes(allowance));
  return kept(fresh, 0, limits.allowances);
}

/** Takes over what the issuer says; a late answer does not shorten the lease. */
export function renewed(context: VisitContext, event: Opened): Partial<VisitContext> {
  const lease_expires_ms = Math.max(context.lease_expires_ms, event.lease_expires_ms);
  return {
    account: event.account,
    first_name: event.first_name,
    initials: event.initials,
    zone: event.zone,
    template: event.template,
    enrol_again: event.enrol_again ?? false,
    offers: event.offers ?? false,
    ended: null,
    tokens: freshTokens(context, event),
    allowances: freshAllowances(context, event),
    lease_expires_ms,
    fading_ms: Math.floor(
      Math.min(limits.fading_ms, (lease_expires_ms - event.at_ms) * limits.fading_share),
    ),
  };
}

/** What is left of the allowances when the reservation ends. */
function allowancesAfter(context: VisitContext, used: boolean): Partial<VisitContext> {
  const { allowance, allowances, used_allowances } = context;
  if (allowance === null) return {};
  if (!used) return { allowance: null, allowances: [allowance, ...allowances] };
  const known = [...used_allowances, allowance.allowance].slice(-limits.spent_tokens);
  return { allowance: null, used_allowances: known };
}

/** Ends the reservation: token and allowance are spent for good or lie ready again. */
export function released(context: VisitContext, tokenSpent: boolean, used: boolean) {
  const { token, tokens, spent_tokens } = context;
  const free = { held_by: null, token: null, ...allowancesAfter(context, used) };
  if (token === null) return free;
  if (!tokenSpent) return { ...free, tokens: [token, ...tokens].slice(0, limits.tokens) };
  return { ...free, spent_tokens: [...spent_tokens, endingOf(token)].slice(-limits.spent_tokens) };
}

/** Reserves for the payment that asks; the one that holds already keeps its token. */
export function held(context: VisitContext, asked: Asked): Partial<VisitContext> {
  const { payment, attempt, at_ms } = asked;
  if (context.held_by === payment) return { attempt };
  const [token = null] = context.tokens;
  const valid = context.allowances.filter(({ expires_ms }) => expires_ms > at_ms);
  const [allowance = null] = valid;
  const [tokens, allowances] = [kept(context.tokens, 1), kept(valid, 1)];
  return { held_by: payment, attempt, token, tokens, allowance, allowances };
}

/** The answer to a payment that cannot have the reservation, with the reason. */
export function refusal(context: VisitContext, event: VisitEvent): Emitted {
  const asked = event as Asked;
  let reason = "no_token";
  if (context.ended !== null) reason = "left";
  else if (context.held_by !== null) reason = "held_elsewhere";
  else if (!context.template) reason = context.enrol_again ? "enrol_again" : "no_template";
  return tell<PaymentMessage>(`payment/${asked.payment}`, {
    type: "visit.reservation_refused",
    visit: context.id,
    attempt: asked.attempt,
    reason,
  });
}

/** The answer to a display. */
export function saidOffers(event: VisitEvent, agreed: boolean): Emitted {
  const { display, look } = event as OffersAsked;
  const type = "visit.offers_answered";
  return tell<OffersAnswered>(`display/${display}`, { type, look, agreed });
}

/** Until when the stay may be charged although nobody can say that it goes on. */
export const lasts_ms = ({ allowances }: VisitContext) =>
  Math.max(0, ...allowances.map(({ expires_ms }) => expires_ms));
