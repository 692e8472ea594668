/**
 * `/reconciliation`: the gateway's payments and refunds held against the issuer's ledger, on
 * demand, as after a backup of either was restored. What is under way is left out: it is not said
 * yet how it ends.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../world.ts";
import { Comparison, kinds, type LedgerRow, type View } from "./comparison.ts";
import { answers, security } from "./lane_decisions.ts";

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

const body = z.object({
  payments: z.int().openapi({ description: "Those that were held against each other." }),
  under_way: z.int(),
  differences: z.array(difference),
}).openapi("Reconciliation");

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

/** Actors of a kind, ended ones too, newest first and in pages: so many at most. */
export type Pages = (most: number) => Iterable<readonly View[]>;

export interface BooksOptions {
  readonly payments: Pages;
  readonly refunds: Pages;
  /** Any payment that is still kept, ended or not. */
  readonly payment: (payment: string) => View | undefined;
  /** How long payments are kept after their end. */
  readonly kept_ms: number;
  readonly clock: Clock;
  /** A moment by the clock in the time of the actors. */
  readonly timeOf: (clock_ms: number) => number;
  /** All that the issuer has of this gateway, in pages. */
  readonly ledger: () => AsyncIterable<readonly LedgerRow[]>;
}

/** Newest payments, and refunds, that are held against the ledger. Older ones are where it names
 * them. */
const most_actors = 100_000;
/** What is about to be forgotten may be gone by the clock of either side. */
const margin_ms = 86_400_000;

/** Adds the route. */
export function reconciliationRoute(app: OpenAPIHono, books: BooksOptions): void {
  app.openapi(route, async (context) => context.json(await compared(books), 200));
}

async function compared(books: BooksOptions): Promise<z.infer<typeof body>> {
  const { payments, payment, refunds, ledger, kept_ms, clock, timeOf } = books;
  const now_ms = clock.now_ms();
  const kept_since_ms = now_ms - kept_ms + margin_ms;
  const comparison = new Comparison({ payment, since_ms: timeOf(now_ms), kept_since_ms });
  /** Between two pages lanes have their turn. */
  const pause = () => new Promise<void>((go) => void clock.after(0, go));
  for (const page of payments(most_actors)) {
    comparison.takePayments(page);
    await pause();
  }
  let read = 0;
  for (const page of refunds(most_actors)) {
    comparison.takeRefunds(page);
    read += page.length;
    await pause();
  }
  if (read >= most_actors) comparison.leaveOutRefunds();
  for await (const page of ledger()) comparison.takeLedger(page);
  for (const page of refunds(most_actors)) {
    if (!page.every((refund) => comparison.takeLater(refund))) break;
  }
  return comparison.result();
}
