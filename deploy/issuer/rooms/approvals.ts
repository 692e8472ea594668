/**
 * What a shopper lets pass unasked, and the questions about what is above it: one a try of a
 * payment, answered once, by whichever device is first, or by nobody until its time is over.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { Approval, SpendingLimits } from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { ApprovalRow, PaymentRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Account } from "./accounts.ts";
import { forDue } from "./due.ts";
import type { Feed } from "./feed.ts";
import { newId } from "./keys.ts";
import { riskOf } from "./risk.ts";
import type { Merchants, Store } from "./merchants.ts";

/** States in which money of a sale is gone or on its way. */
const counted: readonly PaymentRow["state"][] = ["pending", "authorised", "capturing", "captured"];
const day_ms = 86_400_000;

export class Approvals {
  constructor(
    readonly house: House,
    readonly merchants: Merchants,
    readonly feed: Feed,
  ) {}

  limitsOf(account: string): SpendingLimits {
    const own = this.house.store.tables.spending.get(account);
    const { account_limit_minor, account_day_minor } = this.house.settings;
    if (!own) {
      return { sale_minor: account_limit_minor, day_minor: account_day_minor, merchants: [] };
    }
    const { sale_minor, day_minor, offline_minor } = own;
    const offline = offline_minor === null ? {} : { offline_minor };
    return { sale_minor, day_minor, ...offline, merchants: JSON.parse(own.merchants) };
  }

  /** Most that stores together may accept of the account while the issuer is away. */
  offlineLimitOf(account: string): number {
    const { account_offline_minor } = this.house.settings;
    const own = this.house.store.tables.spending.get(account)?.offline_minor;
    return Math.min(own ?? account_offline_minor, account_offline_minor);
  }

  /** Most that one sale at this store may charge now without asking. */
  unaskedOf(account: string, store: Store): number {
    const own = this.limitsOf(account);
    const there = own.merchants.find(({ merchant }) => merchant === store.merchant);
    const day_minor = own.day_minor - this.#spentToday(account);
    return Math.min(there?.sale_minor ?? own.sale_minor, Math.max(0, day_minor));
  }

  #spentToday(account: string): number {
    const { store: { tables }, clock } = this.house;
    const lately = tables.payment.all("of_account", [account], { above: clock.now_ms() - day_ms });
    return lately.filter(({ state }) => counted.includes(state))
      .reduce((sum, row) => sum + row.amount_minor, 0);
  }

  /** Throws `Refusal` where the limit of a sale is above what anybody may spend. */
  refuseAbove(sale_minor: number): void {
    const { account_most_minor } = this.house.settings;
    if (sale_minor <= account_most_minor) return;
    throw new Refusal(
      "request_invalid",
      `No sale may be above ${account_most_minor} minor units`,
    );
  }

  /** As the shopper wishes; never above what the issuer lets anybody spend. */
  setLimits(account: string, ask: SpendingLimits): SpendingLimits {
    this.refuseAbove(Math.max(ask.sale_minor, ...ask.merchants.map((one) => one.sale_minor)));
    const { sale_minor, day_minor, offline_minor = null, merchants } = ask;
    this.house.store.tables.spending.put({
      account,
      sale_minor,
      day_minor,
      offline_minor,
      merchants: JSON.stringify(merchants),
    });
    return ask;
  }

  /** The limit that this charge is above; undefined when it may be conducted at once. What it
   * takes the place of is not counted twice. */
  reasonToAsk(
    { account }: Account,
    store: Store,
    amount_minor: number,
    replaced_minor = 0,
  ): string | undefined {
    const own = this.limitsOf(account);
    const there = own.merchants.find(({ merchant }) => merchant === store.merchant);
    if (there && amount_minor > there.sale_minor) return "over_merchant_limit";
    if (!there && amount_minor > own.sale_minor) return "over_sale_limit";
    const other_minor = this.#spentToday(account) - replaced_minor;
    if (other_minor + amount_minor > own.day_minor) return "over_day_limit";
    return riskOf(this.house, account, store);
  }

  /** Puts the question, in the transaction under way. */
  ask(
    payment: PaymentRow,
    account: string,
    reason: string,
    wait_ms = this.house.settings.approval_ms,
  ): ApprovalRow {
    const { store, random, clock } = this.house;
    const asked_at_ms = clock.now_ms();
    return store.tables.approval.insert({
      approval: newId(random, "approval"),
      account,
      store: payment.store,
      payment: payment.payment,
      gateway: payment.gateway,
      amount_minor: payment.amount_minor,
      reason,
      asked_at_ms,
      expires_ms: asked_at_ms + wait_ms,
      ended: null,
      answer_minor: 0,
      answered_by: null,
    });
  }

  /** What the account is asked now, oldest first. */
  open(account: string): { approvals: Approval[] } {
    const { store, clock } = this.house;
    const open = store.tables.approval.all("open_of", [account], { limit: limits.approvals_page })
      .filter(({ expires_ms }) => expires_ms > clock.now_ms());
    return { approvals: open.flatMap((row) => this.#shown(row)) };
  }

  /** How many questions wait for this account. */
  waiting(account: string): number {
    return this.house.store.tables.approval.count("open_of", account);
  }

  /** The first answer of any device counts; a later one is told what counted. */
  answer(
    account: string,
    device: string,
    approval: string,
    ask: z.output<typeof schemas.answerApproval>,
  ): { approval: string; amount_minor: number } {
    const { store, clock } = this.house;
    const found = store.tables.approval.get(approval);
    if (found?.account !== account) throw new Refusal("approval_unknown");
    if (found.ended === "answered") return { approval, amount_minor: found.answer_minor };
    if (found.ended !== null || found.expires_ms <= clock.now_ms()) {
      throw new Refusal("approval_over");
    }
    const amount_minor = ask.answer === "no" ? 0 : ask.amount_minor ?? found.amount_minor;
    if (amount_minor > found.amount_minor) {
      throw new Refusal("request_invalid", "amount_minor: no more can be agreed to than is asked");
    }
    store.tables.approval.change(found, {
      ended: "answered",
      answer_minor: amount_minor,
      answered_by: device,
    });
    this.#conclude(found, amount_minor, amount_minor === 0 ? "shopper_refused" : null);
    return { approval, amount_minor };
  }

  /** The yes that this charge may stand on; the reason why there is none. One that was given for an
   * earlier try of the payment, by whomever, says nothing of this one. */
  granted(payment: PaymentRow, approval: string, amount_minor: number): string | undefined {
    const found = this.house.store.tables.approval.get(approval);
    const own = found?.store === payment.store && found.payment === payment.payment &&
      found.account === payment.account && found.asked_at_ms >= payment.at_ms;
    if (!own || found.ended !== "answered" || found.answer_minor === 0) return "approval_missing";
    return amount_minor <= found.answer_minor ? undefined : "more_than_approved";
  }

  /** The lane gave the sale up: nobody need answer any more. */
  withdraw({ store, payment }: PaymentRow): void {
    const { approval } = this.house.store.tables;
    for (const found of approval.all("of_payment", [store, payment])) {
      if (found.ended === null) approval.change(found, { ended: "withdrawn" });
    }
  }

  /** Ends the questions that nobody answered in time. */
  sweep(): void {
    const { store, clock } = this.house;
    const over = { up_to: clock.now_ms(), limit: limits.sweep_rows };
    forDue(store, store.tables.approval.all("by_expiry", [], over), (found) => {
      store.tables.approval.change(found, { ended: "expired" });
      this.#conclude(found, 0, "approval_expired");
    });
  }

  /** Told of every answer and of every silence, in the transaction under way. */
  onConcluded: (found: ApprovalRow, amount_minor: number) => void = () => {};

  /** The gateway is told; where it is a no, the payment ends here. */
  #conclude(found: ApprovalRow, amount_minor: number, reason: string | null): void {
    const { store, clock } = this.house;
    const payment = store.tables.payment.first("by_name", found.store, found.payment);
    if (amount_minor === 0 && payment?.state === "awaiting_approval") {
      store.tables.payment.change(payment, { state: "declined", reason });
    }
    this.onConcluded(found, amount_minor);
    this.feed.add(
      found.gateway,
      {
        type: "approval.answered",
        payment: found.payment,
        approval: found.approval,
        amount_minor,
        reason,
      },
      clock.now_ms() + limits.answer_life_ms,
    );
  }

  #shown(row: ApprovalRow): Approval[] {
    const { approval, amount_minor, reason, asked_at_ms, expires_ms } = row;
    const payment = this.house.store.tables.payment.first("by_name", row.store, row.payment);
    const store = this.merchants.findStore(row.store);
    if (!payment?.items || !store) return [];
    return [{
      approval,
      merchant_name: store.merchant_name,
      store: row.store,
      amount_minor,
      currency: payment.currency,
      items: JSON.parse(payment.items),
      reason,
      asked_at_ms,
      expires_ms,
    }];
  }
}
