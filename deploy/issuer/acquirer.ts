/**
 * The port to whoever moves the money, and a reference one whose test instruments decide what
 * happens, so that every outcome can be had on purpose.
 */
import { RuntimeError } from "../../runtime/errors.ts";
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
  /** Takes the amount of an authorisation, or less. */
  capture(
    request: AcquirerRequest,
  ): Promise<
    { readonly outcome: "captured" } | { readonly outcome: "refused"; readonly reason: string }
  >;
  /** Gives back of what was captured under the reference; one effect for each `refund`. */
  refund(
    request: AcquirerRequest & { readonly refund: string },
  ): Promise<
    { readonly outcome: "refunded" } | { readonly outcome: "refused"; readonly reason: string }
  >;
  /** Lets go of whatever is held under the reference, also of nothing. */
  reverse(request: Pick<AcquirerRequest, "reference" | "instrument">): Promise<void>;
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

interface TestInstrument {
  readonly declines?: string;
  readonly refuses?: string;
  readonly keeps?: string;
}

/** What each test instrument does; any other one is refused as unknown. */
export const testInstruments: Readonly<Record<string, TestInstrument>> = {
  test_ok: {},
  test_declined: { declines: "declined" },
  test_insufficient_funds: { declines: "insufficient_funds" },
  test_expired: { declines: "instrument_expired" },
  test_stolen: { declines: "instrument_blocked" },
  test_capture_refused: { refuses: "authorisation_lost" },
  test_refund_refused: { keeps: "account_closed" },
  test_unreachable: {},
};

/** Moves no money and keeps nothing: the instrument's name is the whole of its memory. */
export function testAcquirer(): Acquirer {
  const reached = ({ instrument }: { readonly instrument: string }) => {
    if (instrument !== "test_unreachable") return Promise.resolve(testInstruments[instrument]);
    const trouble = new RuntimeError("issuer_unreachable", "the acquirer did not answer");
    return Promise.reject(trouble);
  };
  return {
    async authorise(request) {
      const instrument = await reached(request);
      const reason = instrument ? instrument.declines : "instrument_unknown";
      return reason === undefined ? { outcome: "authorised" } : { outcome: "declined", reason };
    },
    async capture(request) {
      const reason = (await reached(request))?.refuses;
      return reason === undefined ? { outcome: "captured" } : { outcome: "refused", reason };
    },
    async refund(request) {
      const reason = (await reached(request))?.keeps;
      return reason === undefined ? { outcome: "refunded" } : { outcome: "refused", reason };
    },
    async reverse(request) {
      await reached(request);
    },
  };
}
