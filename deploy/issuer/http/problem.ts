/** Refusals and failures as RFC 9457 problems: a kind and a sentence, never a stack. */
import { RuntimeError } from "../../../runtime/errors.ts";
import {
  type ProblemKind,
  problems,
  problemType,
} from "../../../runtime/sync/contract/problems.ts";
import type { Log } from "../../../runtime/world.ts";
import { Refusal } from "../refusal.ts";

/** When it is worth asking again, in seconds. */
const retry_after_s: Partial<Record<ProblemKind, number>> = { overloaded: 1, openings_enough: 60 };

export function problemAnswer(kind: ProblemKind, detail?: string): Response {
  const [status, title] = problems[kind];
  const body = {
    type: problemType(kind),
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  const again_s = retry_after_s[kind];
  if (again_s !== undefined) headers.set("retry-after", String(again_s));
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
