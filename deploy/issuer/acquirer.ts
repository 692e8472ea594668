/** The port to whoever moves the money. */
import type { IssuerStore } from "./store/store.ts";

export interface AcquirerRequest {
  /** One a try of a payment; the same request twice has one effect and one answer. */
  readonly reference: string;
  readonly instrument: string;
  readonly amount_minor: number;
  readonly currency: string;
}

/** Each call may be repeated. Rejects with `RuntimeError` `issuer_unreachable` when the acquirer
 * gave no answer; it may then have done what it was asked. */
export interface Acquirer {
  authorise(
    request: AcquirerRequest,
  ): Promise<
    { readonly outcome: "authorised" } | { readonly outcome: "declined"; readonly reason: string }
  >;
  /** Takes the amount of an authorisation, or less. What was taken before is not taken again, and
   * the answer says how much it was. */
  capture(
    request: AcquirerRequest,
  ): Promise<Taken | { readonly outcome: "refused"; readonly reason: string }>;
  /** Gives back of what was captured under the reference; one effect for each `refund`. */
  refund(
    request: AcquirerRequest & { readonly refund: string },
  ): Promise<
    { readonly outcome: "refunded" } | { readonly outcome: "refused"; readonly reason: string }
  >;
  /** Lets go of whatever is held under the reference, also of nothing. What was captured under it
   * stays so, and is told: an issuer whose file is older than that learns of it here. */
  reverse(
    request: Pick<AcquirerRequest, "reference" | "instrument">,
  ): Promise<Taken | { readonly outcome: "reversed" }>;
}

/** What the acquirer has taken under a reference, before anything is given back. */
export interface Taken {
  readonly outcome: "captured";
  readonly captured_minor: number;
}

/** Asks only when what it is asked for is on the issuer's disk: a crash then finds it there. */
export function askedAfterKept(acquirer: Acquirer, store: Pick<IssuerStore, "kept">): Acquirer {
  const after = <Request, Answer>(ask: (request: Request) => Promise<Answer>) => {
    return (request: Request) => store.kept()?.then(() => ask(request)) ?? ask(request);
  };
  return {
    authorise: after((request) => acquirer.authorise(request)),
    capture: after((request) => acquirer.capture(request)),
    refund: after((request) => acquirer.refund(request)),
    reverse: after((request) => acquirer.reverse(request)),
  };
}
