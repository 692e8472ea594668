/**
 * Payments: one row a payment, authorised once, captured once, or reversed for good. What the
 * acquirer is asked is written down before, so that a crash between the two loses no money.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import { AskedAgain } from "./asked_again.ts";
import type { Approvals } from "./approvals.ts";
import { ruleOnCharge } from "./charge_rules.ts";
import { Captures } from "./captures.ts";
import { LettingGo } from "./letting_go.ts";
import type { CheckIns } from "./check_ins.ts";
import { forDue, Pages } from "./due.ts";
import type { Eligibility } from "./eligibility.ts";
import type { Idempotency, Keyed } from "./idempotency.ts";
import { newId } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import type { Merchants, Store } from "./merchants.ts";
import { type Payment, PaymentRows, requestOf } from "./payment_rows.ts";
import type { Tallies } from "./tallies.ts";
import { Velocity } from "./velocity.ts";

type AuthoriseOutcome = z.output<typeof schemas.authoriseOutcome>;
type CaptureOutcome = z.output<typeof schemas.captureOutcome>;
type AskAuthorise = z.output<typeof schemas.authorise>;
type AskConduct = z.output<typeof schemas.conduct>;
type ReverseOutcome = z.output<typeof schemas.reverseOutcome>;
type AskCapture = z.output<typeof schemas.capture>;

/** The rooms next to this one. */
export interface PaymentNeeds {
  readonly house: House;
  readonly accounts: Accounts;
  readonly merchants: Merchants;
  readonly checkIns: CheckIns;
  readonly idempotency: Idempotency;
  readonly ledger: Ledger;
  readonly approvals: Approvals;
  readonly eligibility: Eligibility;
  readonly tallies: Tallies;
}

export class Payments {
  readonly rows: PaymentRows;

  readonly #velocity: Velocity;
  readonly #captures: Captures;
  readonly #lettingGo: LettingGo;
  readonly #undone: AskedAgain<Payment>;
  readonly #held = new Pages<Payment>();
  readonly #asked = new Pages<Payment>();

  constructor(readonly rooms: PaymentNeeds) {
    this.rows = new PaymentRows(rooms.house);
    this.#velocity = new Velocity(rooms.house, rooms.tallies);
    this.#captures = new Captures(rooms, this.rows);
    this.#lettingGo = new LettingGo(rooms, this.#captures);
    this.#undone = new AskedAgain(rooms.house);
  }

  get house(): House {
    return this.rooms.house;
  }

  get idempotency(): Idempotency {
    return this.rooms.idempotency;
  }

  /** Asks the acquirer to hold the amount, once everything that the issuer can judge is judged. */
  authorise(gateway: string, keyed: Keyed, ask: AskAuthorise): Promise<AuthoriseOutcome> {
    const store = this.rooms.merchants.storeOf(gateway);
    return this.#hold(keyed, (resumed) => this.#beginAuthorise(gateway, store, ask, resumed));
  }

  /** Goes on with a payment to which the shopper agreed on the phone: this much, and once. */
  conduct(gateway: string, keyed: Keyed, ask: AskConduct): Promise<AuthoriseOutcome> {
    const store = this.rooms.merchants.storeOf(gateway);
    return this.#hold(keyed, (resumed) => this.#beginConduct(gateway, store, ask, resumed));
  }

  /** Takes what is held, or less of it, once. The receipt is written with it. */
  capture(gateway: string, keyed: Keyed, ask: AskCapture): Promise<CaptureOutcome> {
    return this.#captures.capture(gateway, keyed, ask);
  }

  /** Hears of what turns out to be captured when it is to be let go, in its transaction. */
  set onLearned(heard: (payment: Payment, receipt: string) => void) {
    this.#lettingGo.onLearned = heard;
  }

  /** Lets go of whatever is held for the payment, and leaves a stone on it: whatever comes for it
   * later is refused, also when nothing had come before. */
  reverse(gateway: string, keyed: Keyed, ask: z.output<typeof schemas.reverse>) {
    const store = this.rooms.merchants.storeOf(gateway);
    return this.idempotency.once<ReverseOutcome, Payment>(keyed, {
      begin: () => this.#beginReverse(gateway, store, ask),
      work: async (task) => {
        const receipt = await this.#lettingGo.letGo(task);
        return () => receipt === undefined ? { outcome: "reversed" } : captured(receipt);
      },
    });
  }

  /** Ends authorisations that were neither captured nor reversed in time. */
  sweep(): void {
    const { payment } = this.house.store.tables;
    const up_to = this.house.clock.now_ms();
    const late = [
      ...this.#held.next((page) => payment.all("held", [], { up_to, ...page })),
      ...this.#asked.next((page) =>
        payment.all("asked", [], { up_to: this.#forgotten_ms, ...page })
      ),
    ];
    const ofLanes = late.filter((found) => !this.rows.isOfTrip(found));
    forDue(this.house.store, ofLanes, (found) => {
      payment.change(found, { state: "expired", undo: found.undo + 1 });
    });
  }

  /** Asked of the acquirer so long ago that nobody waits for it any more: a crash cut it off, and
   * the gateway, which would ask again, has lost its memory of it. */
  get #forgotten_ms(): number {
    const { clock, settings } = this.house;
    return clock.now_ms() - settings.authorisation_ms;
  }

  /** Tells the acquirer what it must still let go of; when it gives no answer, later. */
  async settle(): Promise<void> {
    const { payment } = this.house.store.tables;
    const letsGo = this.#undone.all({
      due: (page) => payment.all("to_undo", [], page),
      nameOf: ({ position }) => String(position),
      ask: async ({ position }) => {
        const found = payment.get(position);
        if (found !== undefined && found.undo > 0) await this.#lettingGo.letGo(found);
      },
      failed: ({ payment }, error) => {
        const fields = { payment, reason: String(error) };
        this.house.log("warn", "the acquirer was not told to let go", fields);
      },
    });
    await Promise.all([this.#captures.takeUp(this.#forgotten_ms), letsGo]);
  }

  #hold(
    keyed: Keyed,
    begin: (resumed: boolean) => { answer: AuthoriseOutcome } | { task: Payment },
  ): Promise<AuthoriseOutcome> {
    return this.idempotency.once(keyed, {
      begin,
      work: async (task) => {
        const result = await this.house.acquirer.authorise(requestOf(this.rooms.accounts, task));
        return () => this.#finishAuthorise(task, result);
      },
    });
  }

  #beginAuthorise(gateway: string, store: Store, ask: AskAuthorise, resumed: boolean) {
    const found = this.rows.own(gateway, store, ask.payment);
    if (found?.state === "pending" && resumed) return { task: found };
    // What an earlier try held is let go under the number of that try.
    if (found?.state === "declined" && found.undo > 0) throw new Refusal("payment_busy");
    if (found && (found.state !== "declined" || found.tries >= limits.payment_tries)) {
      const state = found.state === "pending" ? "under_way" : found.state;
      return { answer: declined(`payment_${state === "declined" ? "tried_enough" : state}`) };
    }
    const rule = ruleOnCharge(this.house, this.rooms, store, ask);
    const pace = "reason" in rule ? {} : this.#velocity.rule(gateway, ask.operator);
    const ruling = pace.refused === undefined ? rule : { reason: pace.refused };
    const charged = "reason" in ruling ? undefined : ruling;
    const question = charged &&
      (this.rooms.approvals.reasonToAsk(charged.account, store, ask.amount_minor) ?? pace.asks);
    const asked = question === undefined ? "pending" : "awaiting_approval";
    this.rows.write(gateway, store, ask, {
      state: charged ? asked : "declined",
      account: charged?.account.account ?? null,
      token: charged?.token ?? null,
      reason: "reason" in ruling ? ruling.reason : null,
    });
    if (!charged) return { answer: declined("reason" in ruling ? ruling.reason : "declined") };
    const { token } = this.house.store.tables;
    const spent = token.get(charged.account.account, charged.token);
    if (spent) token.change(spent, { spent_for: ask.payment, jws: null });
    this.rooms.checkIns.noteChange(charged.check_in);
    const task = this.rows.found(store.store, ask.payment);
    if (question === undefined) return { task };
    const { account } = charged.account;
    const { approval, expires_ms } = this.rooms.approvals.ask(task, account, question);
    const outcome = "approval_needed" as const;
    return { answer: { outcome, approval, reason: question, until_ms: expires_ms } };
  }

  #beginConduct(gateway: string, store: Store, ask: AskConduct, resumed: boolean) {
    const found = this.rows.own(gateway, store, ask.payment);
    if (found?.state === "pending" && resumed) return { task: found };
    if (found?.state !== "awaiting_approval") {
      return { answer: declined(`payment_${found?.state ?? "unknown"}`) };
    }
    const reason = found.currency === ask.currency
      ? this.rooms.approvals.granted(found, ask.approval, ask.amount_minor)
      : "currency_wrong";
    if (reason !== undefined) return { answer: declined(reason) };
    const { amount_minor } = ask;
    this.house.store.tables.payment.change(found, { state: "pending", amount_minor });
    return { task: this.rows.found(store.store, ask.payment) };
  }

  #finishAuthorise(
    task: Payment,
    result: { outcome: "authorised" } | { outcome: "declined"; reason: string },
  ): AuthoriseOutcome {
    const { store, clock, random, settings } = this.house;
    const now = this.rows.found(task.store, task.payment);
    if (now.state !== "pending") {
      // A reversal came while the acquirer was asked: what it holds by now must go again.
      store.tables.payment.change(now, { undo: now.undo + 1 });
      return declined(`payment_${now.state}`);
    }
    if (result.outcome === "declined") {
      store.tables.payment.change(now, { state: "declined", reason: result.reason });
      return declined(result.reason);
    }
    const authorisation = newId(random, "authorisation");
    const expires_ms = clock.now_ms() + settings.authorisation_ms;
    store.tables.payment.change(now, {
      state: "authorised",
      authorisation,
      authorised_until_ms: expires_ms,
    });
    return { outcome: "authorised", authorisation, expires_ms };
  }

  #beginReverse(gateway: string, store: Store, ask: z.output<typeof schemas.reverse>) {
    const { clock } = this.house;
    const answer = { outcome: "reversed" as const };
    const found = this.rows.own(gateway, store, ask.payment);
    // One that never came, or that a restored backup does not know: the acquirer may.
    if (!found) return { task: this.rows.writeReversed(gateway, store, ask.payment, ask.reason) };
    if (found.state === "captured" && found.receipt !== null) {
      return { answer: captured(found.receipt) };
    }
    if (found.state === "capturing") throw new Refusal("payment_busy");
    if (found.state === "awaiting_approval") this.rooms.approvals.withdraw(found);
    const holds = found.state === "pending" || found.state === "authorised" || found.undo > 0;
    this.house.store.tables.payment.change(found, {
      state: "reversed",
      undo: found.undo + (holds ? 1 : 0),
      reason: ask.reason,
      at_ms: clock.now_ms(),
    });
    return holds ? { task: this.rows.found(store.store, ask.payment) } : { answer };
  }
}

function captured(receipt: string): ReverseOutcome {
  return { outcome: "captured", receipt };
}

function declined(reason: string): AuthoriseOutcome {
  return { outcome: "declined", reason };
}
