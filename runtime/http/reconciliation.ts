/**
 * `/reconciliation`: the gateway's payments and refunds held against the issuer's ledger, on
 * demand, as after a backup of either was restored. What is under way is left out: it is not said
 * yet how it ends.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ActorView } from "../engine/engine.ts";
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

/** What of the two books does not agree. */
export function differencesOf(
  here: readonly View[],
  there: readonly LedgerRow[],
  refunds: readonly View[] = [],
): z.infer<typeof body> {
  const own = new Map(here.map((view) => [view.address.slice("payment/".length), view]));
  const refunded = refundedOf(refunds);
  const theirs = new Map(there.map((row) => [row.payment, row]));
  const differences: Difference[] = [];
  let payments = 0, under_way = 0;
  for (const payment of new Set([...own.keys(), ...theirs.keys()])) {
    const view = own.get(payment);
    const unsettled = refunded.has(payment) && refunded.get(payment) === undefined;
    if (view?.done === false || unsettled) {
      under_way += 1;
      continue;
    }
    payments += 1;
    const row = theirs.get(payment);
    const here_refunded_minor = refunded.get(payment) ?? 0;
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
  /** All that the issuer has of this gateway. */
  readonly ledger: () => Promise<readonly LedgerRow[]>;
}

/** More than a store sells while anybody still asks about it. */
const most_payments = 100_000;

/** Adds the route. */
export function reconciliationRoute(app: OpenAPIHono, books: BooksOptions): void {
  const { payments, refunds, ledger } = books;
  app.openapi(route, async (context) => {
    const both = () => [payments(most_payments), refunds(most_payments)] as const;
    const before = both().flat().filter(({ done }) => done);
    const ended = new Set(before.map(({ address }) => address));
    const there = await ledger();
    // What ended while the issuer was asked may stand in its ledger or not: the next time.
    const settled = (view: ActorView) => ended.has(view.address) ? view : { ...view, done: false };
    const [sold, given] = both();
    return context.json(differencesOf(sold.map(settled), there, given.map(settled)), 200);
  });
}
