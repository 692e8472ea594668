/**
 * What goes wrong at the gateway's doors, as RFC 9457 problem documents: what happened and the
 * way out, never the inside of the program.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { RuntimeError, type RuntimeErrorKind } from "../errors.ts";
import type { Log } from "../world.ts";

/** RFC 9457, as is the body. */
export const problemType = "application/problem+json";

export const problemBody = z.object({
  type: z.string().openapi({ example: "https://saunter.invalid/problems/busy" }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
}).openapi("Problem");

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 413
  | 415
  | 421
  | 422
  | 500
  | 503;

const titles: Readonly<Record<ProblemStatus, string>> = {
  400: "The request cannot be understood",
  401: "Who asks is not known here",
  403: "Not from there",
  404: "There is nothing here",
  405: "Not in this way",
  409: "Not now",
  413: "The request is too large",
  415: "The body is of another kind",
  421: "Not under this name",
  422: "The request makes no sense here",
  500: "The gateway has a fault",
  503: "The gateway cannot take this now",
};

/** A problem document as an answer. `kind` becomes the end of its `type`. */
export function problem(
  status: ProblemStatus,
  kind: string,
  detail: string,
  headers: Record<string, string> = {},
): Response {
  const body = {
    type: `https://saunter.invalid/problems/${kind}`,
    title: titles[status],
    status,
    detail,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": problemType, ...headers },
  });
}

const statuses: Partial<Record<RuntimeErrorKind, ProblemStatus>> = {
  request_invalid: 422,
  unauthorised: 401,
  not_found: 404,
  busy: 409,
  overloaded: 503,
  stopped: 503,
  issuer_unreachable: 503,
};

/** Answers for whatever a handler threw. What was not foreseen is told to the operator, in one
 * line, and to the caller only as a fault. */
export function onError(log: Log): (error: Error, context: Context) => Response {
  return (error, context) => {
    if (error instanceof RuntimeError) {
      const status = statuses[error.kind];
      const retry: Record<string, string> = status === 503 ? { "retry-after": "1" } : {};
      if (status !== undefined) return problem(status, error.kind, error.message, retry);
    }
    if (error instanceof HTTPException && error.status < 500) {
      // The framework refuses a body only for its form; its own words quote the caller.
      return problem(400, "request_invalid", "the body is not JSON; send one JSON object");
    }
    log("error", "a request failed", {
      method: context.req.method,
      path: context.req.path,
      reason: error.message,
    });
    return problem(500, "fault", "the gateway's log says more; try again");
  };
}
