/** Refusals and failures as RFC 9457 problems: a kind and a sentence, never a stack. */
import { RuntimeError } from "../../../runtime/errors.ts";
import {
  type ProblemKind,
  problems,
  problemType,
} from "../../../runtime/sync/contract/problems.ts";
import type { Log } from "../../../runtime/world.ts";
import { Refusal } from "../refusal.ts";

export function problemAnswer(kind: ProblemKind, detail?: string): Response {
  const [status, title] = problems[kind];
  const body = {
    type: problemType(kind),
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
  };
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify(body), { status, headers });
}

/** What a thrown thing is to the one who asked; what only the operator may know goes to the log. */
export function refusalOf(error: unknown, log: Log): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RuntimeError && error.kind === "request_invalid") {
    return new Refusal("request_invalid", error.message);
  }
  log("error", "a request failed", { reason: String(error) });
  if (!(error instanceof RuntimeError)) return new Refusal("internal");
  if (error.kind === "disk_full") return new Refusal("storage_full");
  return new Refusal(error.kind === "issuer_unreachable" ? "acquirer_unreachable" : "internal");
}

export function problemOf(error: unknown, log: Log): Response {
  const { kind, detail } = refusalOf(error, log);
  return problemAnswer(kind, detail);
}
