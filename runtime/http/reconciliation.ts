/**
 * `/reconciliation`: the gateway's payments and refunds held against the issuer's ledger, on
 * demand, as after a backup of either was restored. What is under way is left out: it is not said
 * yet how it ends.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ActorView } from "../engine/engine.ts";
import type { Clock } from "../world.ts";
import { answers, security } from "./lane_decisions.ts";

/** A payment as the issuer has it. */
export interface LedgerRow {
  readonly payment: string;
  readonly state: string;
  readonly amount_minor: number;
  readonly refunded_minor: number;
  readonly receipt: string | null;
  readonly at_ms: number;
}

const kinds = [
  "captured_here_alone",
  "captured_there_alone",
  "amount_differs",
  "receipt_differs",
  "refund_differs",
  "held_there",
] as const;
const difference = z.object({
  payment: z.string(),
  kind: z.enum(kinds),
  here: z.string().nullable().openapi({ description: "The payment's situation at the gateway." }),
  there: z.string().nullable().openapi({ description: "Its state in the issuer's ledger." }),
  here_minor: z.int().nullable(),
  there_minor: z.int().nullable(),
  here_refunded_minor: z.int().openapi({ description: "Given back, as the gateway has it." }),
  there_refunded_minor: z.int().nullable(),
}).openapi("Difference");
export type Difference = z.infer<typeof difference>;

const body = z.object({
  payments: z.int().openapi({ description: "Those that were held against each other." }),
  under_way: z.int(),
  differences: z.array(difference),
}).openapi("Reconciliation");

type View = Pick<ActorView, "address" | "state" | "context" | "done">;

/** What the gateway gave back, by payment; undefined while some of it is under way. */
function refundedOf(refunds: readonly View[]): Map<string, number | undefined> {
  const sums = new Map<string, number | undefined>();
  for (const { state, done, context } of refunds) {
    const payment = String(context["payment"]);
    const sum = sums.has(payment) ? sums.get(payment) : 0;
    const more = state === "refunded" ? Number(context["amount_minor"]) : 0;
    sums.set(payment, done && sum !== undefined ? sum + more : undefined);
  }
  return sums;
}

/** What the gateway knows beyond the lists that were read. */
export interface Beyond {
  /** One that is not among them because they hold only the newest. */
  readonly payment: (payment: string) => View | undefined;
  /** Of what ended before this nothing is kept here: whether it was sold nobody can say. */
  readonly kept_since_ms: number;
  /** Some refunds are not among those that were read: only of payments that are is all known. */
  readonly more_refunds: boolean;
}

const nothing: Beyond = { payment: () => undefined, kept_since_ms: -Infinity, more_refunds: false };

/** What of the two books does not agree. */
export function differencesOf(
  here: readonly View[],
  there: readonly LedgerRow[],
  refunds: readonly View[] = [],
  beyond = nothing,
): z.infer<typeof body> {
  const own = new Map(here.map((view) => [view.address.slice("payment/".length), view]));
  const refunded = refundedOf(refunds);
  const theirs = new Map(there.map((row) => [row.payment, row]));
  const differences: Difference[] = [];
  let payments = 0, under_way = 0;
  for (const payment of new Set([...own.keys(), ...theirs.keys()])) {
    const listed = own.get(payment);
    const view = listed ?? beyond.payment(payment);
    if (view === undefined && theirs.get(payment)!.at_ms < beyond.kept_since_ms) continue;
    const unsettled = refunded.has(payment) && refunded.get(payment) === undefined;
    if (view?.done === false || unsettled) {
      under_way += 1;
      continue;
    }
    payments += 1;
    const row = theirs.get(payment);
    const all_known = listed !== undefined || !beyond.more_refunds;
    const here_refunded_minor = all_known ? refunded.get(payment) ?? 0 : row?.refunded_minor ?? 0;
    const kind = kindOf(view, row, here_refunded_minor);
    if (kind === undefined) continue;
    differences.push({
      payment,
      kind,
      here: view === undefined ? null : String(view.state),
      there: row?.state ?? null,
      here_minor: view === undefined ? null : Number(view.context["charge_minor"]),
      there_minor: row?.amount_minor ?? null,
      here_refunded_minor,
      there_refunded_minor: row?.refunded_minor ?? null,
    });
  }
  return { payments, under_way, differences };
}

function kindOf(
  view: Pick<ActorView, "state" | "context"> | undefined,
  row: LedgerRow | undefined,
  here_refunded_minor: number,
): Difference["kind"] | undefined {
  const captured = view?.state === "captured";
  if (row?.state !== "captured") {
    if (captured) return "captured_here_alone";
    return row?.state === "authorised" ? "held_there" : undefined;
  }
  if (!captured) return "captured_there_alone";
  // What of a cart's price its retailer takes in the end is between that and the issuer.
  const of_cart = (view.context["cart"] ?? null) !== null;
  if (!of_cart && view.context["charge_minor"] !== row.amount_minor) return "amount_differs";
  if (view.context["receipt"] !== row.receipt) return "receipt_differs";
  return here_refunded_minor === row.refunded_minor ? undefined : "refund_differs";
}

const route = createRoute({
  method: "get",
  path: "/reconciliation",
  summary: "Hold the gateway's payments against the issuer's ledger",
  tags: ["books"],
  security,
  responses: {
    200: { description: "Done.", content: { "application/json": { schema: body } } },
    ...answers({ 503: "The issuer does not answer." }),
  },
});

export interface BooksOptions {
  /** The newest payments, ended ones too. */
  readonly payments: (limit: number) => readonly ActorView[];
  /** The newest refunds, ended ones too. */
  readonly refunds: (limit: number) => readonly ActorView[];
  /** Any payment that is still kept, ended or not. */
  readonly payment: (payment: string) => ActorView | undefined;
  /** How long payments are kept after their end. */
  readonly kept_ms: number;
  readonly clock: Clock;
  /** All that the issuer has of this gateway. */
  readonly ledger: () => Promise<readonly LedgerRow[]>;
}

/** Newest payments, and refunds, that are read at once. Older ones are held against the ledger
 * where it names them. */
const most_payments = 100_000;
/** What is about to be forgotten may be gone by the clock of either side. */
const margin_ms = 86_400_000;

/** Adds the route. */
export function reconciliationRoute(app: OpenAPIHono, books: BooksOptions): void {
  const { payments, payment, refunds, ledger, kept_ms, clock } = books;
  app.openapi(route, async (context) => {
    const both = () => [payments(most_payments), refunds(most_payments)] as const;
    const before = both().flat().filter(({ done }) => done);
    const ended = new Set(before.map(({ address }) => address));
    const there = await ledger();
    // What ended while the issuer was asked may stand in its ledger or not: the next time.
    const settled = (view: ActorView) => ended.has(view.address) ? view : { ...view, done: false };
    const [sold, given] = both();
    const beyond = {
      payment: sold.length < most_payments ? () => undefined : payment,
      kept_since_ms: clock.now_ms() - kept_ms + margin_ms,
      more_refunds: given.length >= most_payments,
    };
    const found = differencesOf(sold.map(settled), there, given.map(settled), beyond);
    return context.json(found, 200);
  });
}
