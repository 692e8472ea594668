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
export function problemOf(error: unknown, log: Log): Response {
  if (error instanceof Refusal) return problemAnswer(error.kind, error.detail);
  if (error instanceof RuntimeError && error.kind === "request_invalid") {
    return problemAnswer("request_invalid", error.message);
  }
  log("error", "a request failed", { reason: String(error) });
  if (!(error instanceof RuntimeError)) return problemAnswer("internal");
  if (error.kind === "disk_full") return problemAnswer("storage_full");
  return problemAnswer(error.kind === "issuer_unreachable" ? "acquirer_unreachable" : "internal");
}
