/** The port to whoever moves the money. */
import { RuntimeError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/world.ts";
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
   * stays so, and is told: an issuer whose file is older than that learns of it here. Otherwise
   * nothing is held or taken under it from then on: what was asked before may arrive later, and
   * nobody waits for its answer. */
  reverse(request: Pick<AcquirerRequest, "reference" | "instrument">): Promise<LetGo>;
  /** The same for each, with one answer in their order: nobody knows how often a payment that is
   * not known was tried, and asking for one try after the other would take that many times. */
  reverseAll(
    requests: readonly Pick<AcquirerRequest, "reference" | "instrument">[],
  ): Promise<readonly LetGo[]>;
}

export type LetGo = Taken | { readonly outcome: "reversed" };

/** What the acquirer has taken under a reference, before anything is given back. */
export interface Taken {
  readonly outcome: "captured";
  readonly captured_minor: number;
}

/** Asks only when what it is asked for is on the issuer's disk: a crash then finds it there. */
export function askedAfterKept(acquirer: Acquirer, store: Pick<IssuerStore, "kept">): Acquirer {
  return eachOf(
    acquirer,
    (ask) => (request) => store.kept()?.then(() => ask(request)) ?? ask(request),
  );
}

/** An acquirer that says nothing gave no answer after `within_ms`, or when nobody waits any more.
 * What it says later is lost: it is asked again, under the same reference. */
export function answeredInTime(
  acquirer: Acquirer,
  clock: Clock,
  within_ms: number,
  leaving: AbortSignal,
): Acquirer {
  return eachOf(acquirer, (ask) => (request) => {
    if (leaving.aborted) return Promise.reject(noAnswer("before the issuer stopped"));
    const silence = Promise.withResolvers<never>();
    const left = () => silence.reject(noAnswer("before the issuer stopped"));
    leaving.addEventListener("abort", left);
    const late = () => silence.reject(noAnswer(`within ${within_ms} ms`));
    const cancel = clock.after(within_ms, late);
    return Promise.race([silence.promise, ask(request)]).finally(() => {
      cancel();
      leaving.removeEventListener("abort", left);
    });
  });
}

const noAnswer = (when: string) =>
  new RuntimeError(
    "issuer_unreachable",
    `the acquirer gave no answer ${when}: it is asked again`,
  );

/** The same acquirer, asked in another way. */
function eachOf(
  acquirer: Acquirer,
  way: <Request, Answer>(
    ask: (request: Request) => Promise<Answer>,
  ) => (request: Request) => Promise<Answer>,
): Acquirer {
  return {
    authorise: way((request) => acquirer.authorise(request)),
    capture: way((request) => acquirer.capture(request)),
    refund: way((request) => acquirer.refund(request)),
    reverse: way((request) => acquirer.reverse(request)),
    reverseAll: way((requests) => acquirer.reverseAll(requests)),
  };
}
