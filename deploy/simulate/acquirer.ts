/**
 * Whoever moves the money, with a memory: each reference is authorised, captured and let go of at
 * most once whatever is repeated, and at times the answer is lost after the deed.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/world.ts";
import type { Acquirer, AcquirerRequest, LetGo } from "../issuer/acquirer.ts";
import { testInstruments } from "../issuer/test_acquirer.ts";
import type { Plan } from "./plan.ts";
import type { Witness } from "./witness.ts";

type Authorised = Awaited<ReturnType<Acquirer["authorise"]>>;
type Captured = Awaited<ReturnType<Acquirer["capture"]>>;

/** What stands under a reference. */
interface Account {
  authorised?: Authorised;
  captured?: Captured;
  readonly refunds: Set<string>;
}

export class SimulatedAcquirer {
  readonly #accounts = new Map<string, Account>();

  constructor(
    private readonly chance: Chance,
    private readonly plan: () => Plan,
    private readonly witness: Witness,
  ) {}

  /** The acquirer as one issuer process reaches it. */
  reachedBy(clock: Clock): Acquirer {
    return {
      authorise: (request) => this.#reach(clock, () => this.#authorise(request)),
      capture: (request) => this.#reach(clock, () => this.#capture(request)),
      refund: (request) =>
        this.#reach(clock, () => {
          const account = this.#account(request.reference);
          if (!account.refunds.has(request.refund)) {
            const { refund } = request;
            account.refunds.add(refund);
            const act = { act: "refund", outcome: "refunded", refund } as const;
            this.witness.moved(request.reference, request.amount_minor, act);
          }
          return { outcome: "refunded" as const };
        }),
      reverse: ({ reference }) => this.#reach(clock, () => this.#reverse(reference)),
      reverseAll: (requests) =>
        this.#reach(clock, () => requests.map(({ reference }) => this.#reverseIfAny(reference))),
    };
  }

  forget(): void {
    this.#accounts.clear();
  }

  async #reach<T>(clock: Clock, act: () => T): Promise<T> {
    const { chance } = this;
    const way = () =>
      new Promise<void>((resolve) => void clock.after(chance.between(20, 300), resolve));
    await way();
    const silent = chance.happens(this.plan().acquirer_silent);
    if (silent && chance.happens(0.5)) throw noAnswer();
    const done = act();
    await way();
    if (silent) throw noAnswer();
    return done;
  }

  #authorise({ reference, instrument, amount_minor }: AcquirerRequest): Authorised {
    const account = this.#account(reference);
    if (!account.authorised) {
      const known = testInstruments[instrument];
      const reason = known ? known.declines : "instrument_unknown";
      account.authorised = reason === undefined
        ? { outcome: "authorised" }
        : { outcome: "declined", reason };
      const { outcome } = account.authorised;
      this.witness.moved(reference, amount_minor, { act: "authorise", outcome });
    }
    return account.authorised;
  }

  /** Nothing is to be seen of what was never asked for. */
  #reverseIfAny(reference: string): LetGo {
    return this.#accounts.has(reference) ? this.#reverse(reference) : { outcome: "reversed" };
  }

  #reverse(reference: string): LetGo {
    this.witness.moved(reference, 0, { act: "reverse", outcome: "reversed" });
    const { captured } = this.#account(reference);
    return captured?.outcome === "captured" ? captured : { outcome: "reversed" };
  }

  #capture({ reference, instrument, amount_minor }: AcquirerRequest): Captured {
    const account = this.#account(reference);
    if (!account.captured) {
      const reason = testInstruments[instrument]?.refuses;
      account.captured = reason === undefined
        ? { outcome: "captured", captured_minor: amount_minor }
        : { outcome: "refused", reason };
      const { outcome } = account.captured;
      this.witness.moved(reference, amount_minor, { act: "capture", outcome });
    }
    return account.captured;
  }

  #account(reference: string): Account {
    const known = this.#accounts.get(reference) ?? { refunds: new Set() };
    this.#accounts.set(reference, known);
    return known;
  }
}

function noAnswer(): RuntimeError {
  return new RuntimeError("issuer_unreachable", "the acquirer did not answer");
}
