/**
 * The issuer as those see it who ask: typed words of the contract, each failure one of three that a
 * caller can act on. `client.ts` says them over HTTP; a simulation hands them over in memory.
 */
import type { z } from "zod";
import { RuntimeError } from "../../errors.ts";
import { type ProblemKind, problems } from "./problems.ts";
import type { RouteName, routes } from "./routes.ts";
import type { FeedItem } from "./schemas.ts";
import type { Signer } from "./signatures.ts";

type Routes = typeof routes;
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What the contract answers to a request. */
export type Answer<Name extends RouteName> = Output<Routes[Name]["answer"]>;

/** What goes with a request, beside its name. */
export interface Ask<Name extends RouteName> {
  readonly body?: Input<Routes[Name]["request"]>;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Values for the braces of the path. */
  readonly path?: Readonly<Record<string, string>>;
  /** Idempotency-Key: the same on every try of the same request. */
  readonly key?: string;
  /** How often it was sent before, without an answer that was heard: the same request, marked. */
  readonly repeat?: number;
  /** Bearer key of an administrator. */
  readonly bearer?: string;
  readonly signal?: AbortSignal;
}

/**
 * Rejects with `RuntimeError`:
 * - `issuer_unreachable`: no answer that can be trusted, so whether it was done is unknown. Try
 *   again with the same key. (Network, 5xx, 429, a first try still under way, a wrong signature.)
 * - `unauthorised`, an `Unauthorised`: the issuer did not take the signature; nothing was done by
 *   this try.
 * - `issuer_refused`, an `IssuerRefusal`: the issuer's last word, with its kind.
 * - `stopped`: the caller's signal.
 */
export interface IssuerPort {
  call<Name extends RouteName>(name: Name, ask?: Ask<Name>): Promise<Answer<Name>>;
  /** Reads the feed after this sequence, once its head was checked. Each item is the issuer's own;
   * undefined is a sign of life. The signal ends it; a break throws. */
  items(after: number, signal: AbortSignal): Promise<AsyncIterable<FeedItem | undefined>>;
}

/** Who asks, and which issuer is believed. */
export interface Speaker {
  /** Without it requests are not signed (`keys`, and what an administrator says). */
  readonly signer?: Signer;
  /** Raw Ed25519 key of the issuer, learned at enrolment. Without it only `keys` may be asked. */
  readonly issuerPublicKey?: Uint8Array;
}

/** A way to the issuer, for whoever speaks. */
export type Speak = (speaker: Speaker) => IssuerPort;

/** The issuer understood and said no. */
export class IssuerRefusal extends RuntimeError {
  constructor(readonly problem: ProblemKind | "unknown", message: string) {
    super("issuer_refused", message);
  }
}

/** The issuer did not take the signature. */
export class Unauthorised extends RuntimeError {
  constructor(readonly problem: ProblemKind | "unknown", message: string) {
    super("unauthorised", message);
  }
}

/** What the caller makes of a problem. */
export function troubleOf(kind: ProblemKind | undefined, status: number, words: string): Error {
  const later = kind === "idempotency_in_progress" || kind === "payment_busy";
  if (status >= 500 || status === 429 || later) return unreachable(words);
  const message = `${kind ?? "unknown"}: ${words}`;
  const made = status === 401 ? Unauthorised : IssuerRefusal;
  return new made(kind ?? "unknown", message);
}

/** The same for one that did not cross HTTP. */
export function troubleOfKind(kind: ProblemKind, detail?: string): Error {
  const [status, title] = problems[kind];
  return troubleOf(kind, status, detail ?? title);
}

export function unreachable(reason: string): RuntimeError {
  return new RuntimeError("issuer_unreachable", `no answer of the issuer: ${reason}`);
}

export function givenUp(): RuntimeError {
  return new RuntimeError("stopped", "the request was given up by its caller");
}
