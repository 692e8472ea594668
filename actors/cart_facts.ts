/** What a walk-out cart knows, the words it takes, and how an event changes it. */
import { none } from "./kept.ts";
import type { Item, Stamped } from "./messages.ts";
import type { PaymentOutcome } from "./payment_facts.ts";
import type {
  CartAlternative,
  CartLine,
  EntryEvidence,
  TrackerFact,
  TripFact,
  VisitorType,
} from "./walkout.ts";

/** What gates and payments tell a cart. */
export type CartMessage =
  | {
    readonly type: "gate.entered";
    readonly gate: string;
    readonly zone: string;
    readonly account: string;
    readonly visitor: string;
    readonly visitor_type: VisitorType;
    readonly people: number;
    readonly track: string;
    readonly evidence: EntryEvidence;
  }
  | {
    readonly type: "gate.left";
    readonly gate: string;
    readonly track: string;
    readonly bag_g?: number;
  }
  | {
    readonly type: "payment.ended";
    readonly payment: string;
    readonly outcome: PaymentOutcome;
    readonly receipt: string | null;
  };

/** Deadlines that are the store's to choose, told with the entry by whoever posts it. */
export type CartEvent = (CartMessage | TrackerFact | TripFact) & Stamped;
export type CartEventOf<T extends CartEvent["type"]> = Extract<CartEvent, { type: T }>;

/** A line that the shopper says is wrong. */
export interface Dispute {
  readonly dispute: string;
  readonly line: number;
  readonly gtin: string | null;
  readonly units: number;
  readonly raised_at_ms: number;
  readonly granted: boolean | null;
  readonly decided_by: string | null;
}

export interface CartContext {
  readonly trip: string;
  readonly gate: string;
  readonly zone: string;
  readonly account: string;
  readonly visitor: string;
  readonly visitor_type: VisitorType;
  readonly evidence: EntryEvidence | null;
  /** People of one account who shop together. */
  readonly people: number;
  readonly tracks: readonly string[];
  /** How many of them have gone. */
  readonly gone: number;
  /** What the bags of those weighed that were set down. A cart that an earlier release left has
   * none. */
  readonly bags_g?: readonly number[];
  readonly entered_at_ms: number;
  readonly left_at_ms: number | null;
  readonly lines: readonly CartLine[];
  readonly alternatives: readonly CartAlternative[];
  /** Probability that all lines are right. */
  readonly confidence: number;
  /** Why a person must look, or why nothing was sold. */
  readonly reason: string | null;
  /** What the tracker knew was lost on the way. */
  readonly forgotten: boolean;
  readonly decided_by: string | null;
  readonly purchase: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly Item[];
  readonly receipt: string | null;
  readonly disputes: readonly Dispute[];
}

export const emptyCart = (trip: string): CartContext => ({
  trip,
  gate: "",
  zone: "",
  account: "",
  visitor: "",
  visitor_type: "SHOPPER",
  evidence: null,
  people: 1,
  tracks: [],
  gone: 0,
  bags_g: none,
  entered_at_ms: 0,
  left_at_ms: null,
  lines: [],
  alternatives: [],
  confidence: 0,
  reason: null,
  forgotten: false,
  decided_by: null,
  purchase: null,
  amount_minor: 0,
  currency: "",
  items: [],
  receipt: null,
  disputes: [],
});

/** The first of a group brings the cart into being, the others come to it. */
export function entered(
  context: CartContext,
  { type: _, at_ms, track, ...entry }: CartEventOf<"gate.entered">,
): Partial<CartContext> {
  if (context.tracks.length > 0) {
    return { tracks: [...context.tracks, track], left_at_ms: null };
  }
  // Nothing is in it, and that is certain.
  return { ...entry, tracks: [track], entered_at_ms: at_ms, confidence: 1 };
}

/** One of them has gone, with or without a bag that was weighed. */
export function gone(
  { gone, bags_g = none }: CartContext,
  event: CartEvent,
): Pick<CartContext, "gone" | "bags_g"> {
  const weighed = event.type === "gate.left" && event.bag_g !== undefined;
  return { gone: gone + 1, bags_g: weighed ? [...bags_g, event.bag_g] : bags_g };
}

/** What all their bags weigh; null where somebody has gone whose bag was not weighed: the rest may
 * be in it. */
export const bagsOf = ({ gone, bags_g = none }: CartContext): number | null =>
  bags_g.length === gone ? bags_g.reduce((sum, bag_g) => sum + bag_g, 0) : null;

/** Products of which there is more in the cart than before, with the display beside their shelf. */
export function picked(
  context: CartContext,
  { lines, displays }: CartEventOf<"tracker.lines_changed">,
): { readonly display: string; readonly gtin: string }[] {
  return lines.flatMap(({ gtin, units }) => {
    const before = context.lines.find((line) => line.gtin === gtin)?.units ?? 0;
    const display = displays[gtin];
    return display === undefined || units <= before ? [] : [{ display, gtin }];
  });
}

/** The visit of whoever shops, where the entry was by one. */
export const visitOf = ({ evidence }: CartContext): string | null =>
  evidence === null || evidence.kind === "code_at_gate" ? null : evidence.visit;

/** What the tracker says in the end; where it had forgotten, it cannot be certain. */
export function closed(
  context: CartContext,
  event: CartEventOf<"tracker.cart_closed">,
): Partial<CartContext> {
  const { lines, alternatives, confidence, why } = event;
  const reason = context.forgotten ? "tracker_forgot" : why;
  return { lines, alternatives, confidence, reason };
}

/** The lines as a person has decided them; what was seen of each stays with it. */
export function decided(
  context: CartContext,
  { lines, operator }: CartEventOf<"operator.cart_decided">,
): Partial<CartContext> {
  return {
    lines: lines.filter(({ units }) => units > 0).map(({ gtin, units }): CartLine => ({
      gtin,
      units,
      confidence: 1,
      evidence: context.lines.find((line) => line.gtin === gtin)?.evidence ?? [],
    })),
    decided_by: operator,
  };
}

/** The most that one dispute can be about is what the line says. */
export function disputed(
  context: CartContext,
  { dispute, line, gtin, units, at_ms }: CartEventOf<"issuer.line_disputed">,
): Partial<CartContext> {
  if (context.disputes.some((known) => known.dispute === dispute)) return {};
  const raised: Dispute = {
    dispute,
    line,
    gtin,
    units,
    raised_at_ms: at_ms,
    granted: null,
    decided_by: null,
  };
  return { disputes: [...context.disputes, raised] };
}

/** The dispute with what became of it. */
export function settledDispute(
  context: CartContext,
  dispute: string,
  granted: boolean,
  decided_by: string | null,
): Partial<CartContext> {
  return {
    disputes: context.disputes.map((known) =>
      known.dispute === dispute
        ? { ...known, granted, decided_by: known.decided_by ?? decided_by }
        : known
    ),
  };
}

/** How sure the tracker was of what is disputed; nothing known is nothing sure. */
export function confidenceOf(context: CartContext, gtin: string | null): number {
  if (context.decided_by !== null) return 1;
  return context.lines.find((line) => line.gtin === gtin)?.confidence ?? 0;
}
