/**
 * What people at a lane decide about a sale: who pays, whether this person may have what is in the
 * basket, what is taken out of it, the answer to a challenge, and that it is given up.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { limits } from "../limits.ts";
import { saleBody } from "./counter.ts";
import { problemBody, problemType } from "./problems.ts";
import type { SignedIn } from "./operator_sessions.ts";
import type { Sales } from "./sales.ts";

export const id = z.string().min(1).max(80).regex(/^[A-Za-z0-9._:-]+$/);
export const laneAndPayment = z.object({ lane: id, payment: id });
export const security = [{ key: [] }, {}];
/** What an operator decides. */
export const decides = [{ key: [], operator: [] }, { operator: [] }];
export const tags = ["lane"];

const selection = z.strictObject({ visit: id }).openapi("Selection");
const cancellation = z.strictObject({}).openapi("Cancellation");
const eligibility = z.union([
  z.strictObject({ confirmed: z.literal(true) }),
  z.strictObject({
    drop: z.array(z.int().min(0).max(199)).min(1).max(200),
    dropped: z.int().min(0).max(200).optional().openapi({
      description: "How many lines `dropped` had when this was decided. With it the same word " +
        "again, or one about another basket, takes nothing more out, and is answered as it stands.",
    }),
  }),
]).openapi("Eligibility");
const answer = z.strictObject({
  kind: z.enum(["initials", "phrase"]),
  answer: z.string().min(1).max(60).openapi({
    description: "As it was keyed. It is compared and kept nowhere.",
  }),
}).openapi("Answer");

/** The ways in which a route says no. */
export const answers = (kinds: Record<number, string>) =>
  Object.fromEntries(
    Object.entries(kinds).map(([status, description]) => [status, {
      description,
      content: { [problemType]: { schema: problemBody } },
    }]),
  );
/** The answers about what may take its time. */
export const inTime = <T extends z.ZodType>(schema: T, ended: string, goesOn: string) => ({
  200: { description: ended, content: { "application/json": { schema } } },
  202: { description: goesOn, content: { "application/json": { schema } } },
});
export const sale = inTime(
  saleBody,
  "The sale has ended; `outcome` says how.",
  "The sale is in progress.",
);
/** How long an answer may wait for the end. */
export const wait_ms = z.coerce.number().int().min(0).max(limits.waiting_ms).default(0).openapi({
  description: "How long to wait for the outcome before answering `in progress`.",
});
/** A name that a till gives. */
export const posId = z.string().min(1).max(80).regex(/^[\x20-\x7e]+$/);
/** The till's own name for a try. */
export const service_id = (what: string) =>
  posId.openapi({ description: `The try; the same again finds the same ${what}.` });
export const json = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});

const decision = <Path extends string, T extends z.ZodType>(
  path: Path,
  summary: string,
  schema: T,
  refusal: string,
) =>
  createRoute({
    method: "post",
    path: `/lane/{lane}/sales/{payment}/${path}` as const,
    summary,
    tags,
    security: path === "answer" ? security : decides,
    request: { params: laneAndPayment, body: json(schema) },
    responses: {
      ...sale,
      ...answers({
        401: "Nobody has signed in.",
        404: "The lane has no such payment.",
        409: refusal,
      }),
    },
  });

const selectCandidate = decision(
  "selection",
  "Choose who pays",
  selection,
  "Not a candidate, or the sale is past that point.",
);
const cancelSale = decision(
  "cancellation",
  "Give the sale up; final once the issuer has undone what it holds",
  cancellation,
  "The sale is past that point.",
);
const decideEligibility = decision(
  "eligibility",
  "Confirm that this person may have what is restricted, or take lines out",
  eligibility,
  "The issuer does not attest it, there is no such line, or the sale does not wait for that.",
);
const giveAnswer = decision(
  "answer",
  "Give the shopper's answer to a challenge",
  answer,
  "The sale does not wait for an answer.",
);

/** A sale and the status that goes with it. */
/** What is told, with the status that fits it. */
export const withStatus = <Told extends { readonly outcome: string | null }>(told: Told) =>
  [told, told.outcome === null ? 202 as const : 200 as const] as const;

/** Adds the routes. */
export function decisionRoutes(app: OpenAPIHono, sales: Sales, signedIn: SignedIn): void {
  app.openapi(selectCandidate, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const { visit } = context.req.valid("json");
    return context.json(...withStatus(await sales.select(lane, payment, visit, signedIn(context))));
  });

  app.openapi(cancelSale, async (context) => {
    const { lane, payment } = context.req.valid("param");
    return context.json(...withStatus(await sales.cancel(lane, payment, signedIn(context))));
  });

  app.openapi(decideEligibility, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const body = context.req.valid("json");
    const operator = signedIn(context);
    const done = "drop" in body
      ? sales.dropItems(lane, payment, { items: body.drop, dropped: body.dropped }, operator)
      : sales.confirmEligibility(lane, payment, operator);
    return context.json(...withStatus(await done));
  });

  app.openapi(giveAnswer, async (context) => {
    const { lane, payment } = context.req.valid("param");
    const { kind, answer } = context.req.valid("json");
    return context.json(...withStatus(await sales.answer(lane, payment, kind, answer)));
  });
}
