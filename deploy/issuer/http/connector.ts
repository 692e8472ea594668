/**
 * The retailer's side of the issuer over HTTP, at the published paths and with the published
 * answers. In the place of an AWS signature stands RFC 9421, as everywhere here.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { RuntimeError } from "../../../runtime/errors.ts";
import { type ProblemKind, problems } from "../../../runtime/sync/contract/problems.ts";
import { fromUtf8 } from "../../../runtime/vault/bytes.ts";
import { bodies, type Connector, type ConnectorCall } from "../connector.ts";
import { connectorErrors, ConnectorRefusal } from "../connector_refusal.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Core } from "./app.ts";
import { credentialsOf } from "./credentials.ts";
import type { Variables } from "./envelope.ts";

const routes: Readonly<Record<ConnectorCall, readonly [path: string, summary: string]>> = {
  checkout: ["/v1/checkout/carts", "Price a walk-out cart: the issuer charges it"],
  adjust: ["/v1/adjust/charge", "Hold the total of a cart"],
  capture: ["/v1/capture/charge", "Take what is held, or less"],
  cancel: ["/v1/cancel/charge", "Let go of what is held: nothing is to be paid"],
  refund: ["/v1/refund", "Give back what was captured, or a part of it"],
  transactionalData: ["/v1/payment/transactional-data", "What a receipt needs of the payment"],
  paymentStatus: ["/v1/feedback/payment-status", "What was settled with the retailer itself"],
};

/** Refusals that the same request does not meet a little later. */
const busy: ReadonlySet<ProblemKind> = new Set(["idempotency_in_progress", "payment_busy"]);

const errorBody = z.object({ errorMsg: z.string(), field: z.string().optional() });

/** Adds the routes. */
export function connectorRoutes(app: OpenAPIHono<Variables>, house: House, core: Core): void {
  for (const name of Object.keys(routes) as ConnectorCall[]) {
    const [path, summary] = routes[name];
    describe(app, name, path, summary);
    app.post(path, async (context) => {
      try {
        return await said(name, house, core, context);
      } catch (error) {
        return refused(house, error);
      }
    });
  }
}

async function said(
  name: ConnectorCall,
  house: House,
  { authority, connector }: Core,
  context: Context<Variables>,
): Promise<Response> {
  const parts = context.get("parts");
  const merchant = authority.retailer(credentialsOf(house.vault, parts));
  const body = read(name, fromUtf8(parts.body) ?? "");
  const call = connector[name] as Connector["checkout"];
  const answer = await call(merchant, body as never);
  return answer.body === null
    ? new Response(null, { status: answer.status })
    : Response.json(answer.body, { status: answer.status });
}

function read(name: ConnectorCall, text: string): unknown {
  const invalid = name === "checkout" ? "InvalidRequestException" : "BadRequestException";
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ConnectorRefusal(invalid, "body");
  }
  const parsed = bodies[name].safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ConnectorRefusal(invalid, parsed.error.issues[0]?.path.join(".") || "body");
}

function refused(house: House, error: unknown): Response {
  const refusal = refusalOf(error);
  if (refusal.status >= 500) {
    // What is to be said again is no fault.
    const level = refusal.status === 503 ? "info" : "error";
    house.log(level, "a retailer's request failed", { reason: String(error) });
  }
  const field = refusal.field === undefined ? {} : { field: refusal.field };
  return Response.json({ errorMsg: refusal.error, ...field }, { status: refusal.status });
}

function refusalOf(error: unknown): ConnectorRefusal {
  if (error instanceof ConnectorRefusal) return error;
  if (error instanceof Refusal) {
    if (error.kind === "overloaded") return new ConnectorRefusal("TooManyRequestsException");
    if (/^(signature_|digest_|key_unknown)/.test(error.kind)) {
      return new ConnectorRefusal("AuthenticationException");
    }
    // A retailer takes a 400 for the last word, and never asks again.
    const [status] = problems[error.kind];
    if (status >= 500 || busy.has(error.kind)) {
      return new ConnectorRefusal("ServiceUnavailableException");
    }
    return new ConnectorRefusal("BadRequestException", error.kind);
  }
  const away = error instanceof RuntimeError && error.kind === "issuer_unreachable";
  return new ConnectorRefusal(away ? "ServiceUnavailableException" : "InternalServerException");
}

function describe(
  app: OpenAPIHono<Variables>,
  name: ConnectorCall,
  path: string,
  summary: string,
): void {
  const status = name === "checkout" ? 201 : 200;
  const problems = Object.fromEntries(
    [...new Set(Object.values(connectorErrors))].map((code) => [code, {
      description: "Refused: `errorMsg` is the kind.",
      content: { "application/json": { schema: errorBody } },
    }]),
  );
  app.openAPIRegistry.registerPath(createRoute({
    method: "post",
    path,
    operationId: `retailer_${name}`,
    summary,
    description: "For a retailer's own system. Signed with keyid `retailer:…`.",
    security: [{ signature: [] }],
    request: {
      body: { required: true, content: { "application/json": { schema: bodies[name] } } },
    },
    responses: { [status]: { description: "Done, or done before." }, ...problems },
  }));
}
