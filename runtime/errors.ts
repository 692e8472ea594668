/**
 * Three failures, three forms: an expected outcome is an event; trouble outside is one of the
 * errors here, with a closed `kind`; a broken invariant is an `InvariantError` and stops the
 * process.
 */

export type RuntimeErrorKind =
  | "usage"
  | "config_invalid"
  | "port_busy"
  | "data_corrupt"
  | "data_version"
  | "disk_full"
  | "disk_failed"
  | "model_invalid"
  | "request_invalid"
  | "unauthorised"
  | "not_found"
  | "busy"
  | "overloaded"
  | "issuer_unreachable"
  | "issuer_refused"
  | "retailer_unreachable"
  | "stopped";

/** Trouble outside. The message is one line, names the cause and the way out, holds no secret. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  constructor(readonly kind: RuntimeErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The gateway has stopped, or is stopping: whoever stopped it says why, once. */
export function isStopped(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === "stopped";
}

/** There is no room for it now; there may be in a moment. */
export function isOverloaded(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === "overloaded";
}

/** What was read is not as it was written. */
export function isDamage(error: unknown): error is RuntimeError {
  return error instanceof RuntimeError && error.kind === "data_corrupt";
}

/** A promise the code makes to itself was broken: nothing may go on from here. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws `InvariantError` unless the condition holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
