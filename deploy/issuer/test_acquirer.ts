/**
 * A reference acquirer. Its test instruments decide what happens, so that every outcome can be had
 * on purpose; what it did it remembers in a book of its own, as an acquirer would whose issuer was
 * restored from a backup.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/world.ts";
import type { Acquirer, AcquirerRequest, LetGo, Taken } from "./acquirer.ts";
import { type AcquirerBook, memoryBook } from "./store/acquirer_book.ts";

interface TestInstrument {
  readonly declines?: string;
  readonly refuses?: string;
  readonly keeps?: string;
  /** Nothing reaches it. */
  readonly unreachable?: true;
  /** It does what it is asked, and the first answer to each request is lost. */
  readonly loses?: true;
  /** How long each answer takes. */
  readonly delay_ms?: number;
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
  test_unreachable: { unreachable: true },
  test_answer_lost: { loses: true },
  test_slow: { delay_ms: 2_000 },
};

export interface TestAcquirerPorts {
  /** Kept in memory without one. */
  readonly book?: AcquirerBook;
  /** Nothing is slow without one. */
  readonly clock?: Clock;
}

/** Moves no money. What its book does not know it believes. */
export function testAcquirer({ book = memoryBook(), clock }: TestAcquirerPorts = {}): Acquirer {
  /** One deed of a reference, done once; `decide` says why it is not. */
  async function once(
    { reference, instrument }: Pick<AcquirerRequest, "reference" | "instrument">,
    deed: string,
    amount_minor: number,
    decide: (instrument: TestInstrument | undefined) => string | undefined,
  ) {
    const found = testInstruments[instrument];
    const { delay_ms = 0, loses, unreachable } = found ?? {};
    if (unreachable) throw noAnswer();
    if (delay_ms > 0) await new Promise<void>((resolve) => void clock?.after(delay_ms, resolve));
    const known = book.find(reference, deed);
    if (known) return known;
    const entry = { reason: decide(found) ?? null, amount_minor };
    book.note(reference, deed, entry);
    if (loses) throw noAnswer();
    return entry;
  }
  const taken = (captured_minor: number): Taken => ({ outcome: "captured", captured_minor });
  const capturedOf = (reference: string) => {
    const found = book.find(reference, "capture");
    return found?.reason === null ? found.amount_minor : undefined;
  };
  type Held = Pick<AcquirerRequest, "reference" | "instrument">;
  async function reverse(request: Held): Promise<LetGo> {
    const captured_minor = capturedOf(request.reference);
    if (captured_minor !== undefined) return taken(captured_minor);
    await once(request, "reverse", 0, () => undefined);
    return { outcome: "reversed" };
  }
  return {
    async authorise(request) {
      const { reason } = await once(
        request,
        "authorise",
        request.amount_minor,
        (found) => {
          if (book.find(request.reference, "reverse")) return "reversed";
          return found ? found.declines : "instrument_unknown";
        },
      );
      return reason === null ? { outcome: "authorised" } : { outcome: "declined", reason };
    },
    async capture(request) {
      const { reference } = request;
      const { reason, amount_minor } = await once(
        request,
        "capture",
        request.amount_minor,
        (found) => book.find(reference, "reverse") ? "authorisation_lost" : found?.refuses,
      );
      return reason === null ? taken(amount_minor) : { outcome: "refused", reason };
    },
    async refund({ refund, ...request }) {
      const { reference, amount_minor } = request;
      const captured_minor = capturedOf(reference) ?? Infinity;
      const { reason } = await once(request, `refund ${refund}`, amount_minor, (found) => {
        const after_minor = book.refunded_minor(reference) + amount_minor;
        return after_minor > captured_minor ? "more_than_captured" : found?.keeps;
      });
      return reason === null ? { outcome: "refunded" } : { outcome: "refused", reason };
    },
    reverse,
    reverseAll: (requests) => Promise.all(requests.map(reverse)),
  };
}

function noAnswer(): RuntimeError {
  return new RuntimeError("issuer_unreachable", "the acquirer did not answer");
}
