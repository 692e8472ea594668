/** An issuer and the phones of its shoppers, for machines alone: they answer when they are told. */
import assert from "node:assert/strict";
import type { Command } from "../messages.ts";
import type { Shop } from "./shop.ts";

type Durable = Exclude<Extract<Command, { payment: string }>, { type: "voice.hush" }>;

/** An issuer that answers the requests of one payment in their order, when it is told to. */
export class Issuer {
  readonly books = new Map<
    string,
    "asking" | "authorised" | "declined" | "captured" | "reversed"
  >();
  /** Payments about which a phone is asked. */
  readonly #questions: { payment: string; amount_minor: number }[] = [];
  readonly charged: { visit: string; token: string; payment: string }[] = [];
  readonly #waiting: Durable[] = [];
  captures = 0;
  readonly allowances = new Set<string>();

  hear(at: Shop): void {
    for (const command of at.asked()) {
      if ("payment" in command && command.type !== "voice.hush") this.#waiting.push(command);
    }
  }

  /** Answers one request; false when none waits. `refuse` says no where a no is possible. */
  answer(at: Shop, refuse: boolean): boolean {
    const command = this.#waiting.shift();
    if (command === undefined) return false;
    at.post(`payment/${command.payment}`, this.#settle(command, refuse));
    this.hear(at);
    return true;
  }

  /** A phone says yes, to all of it or a part, or no. */
  say(at: Shop, share: number): void {
    const question = this.#questions.shift();
    if (question === undefined || this.books.get(question.payment) !== "asking") return;
    const { payment } = question;
    const approval = `question-${payment}`;
    const amount_minor = Math.floor(question.amount_minor * share);
    if (amount_minor === 0) this.books.set(payment, "declined");
    at.post(
      `payment/${payment}`,
      amount_minor === 0
        ? { type: "issuer.approval_refused", approval, reason: "shopper_refused" }
        : { type: "issuer.approval_given", approval, amount_minor },
    );
    this.hear(at);
  }

  /** What was accepted while it was away. */
  #forward(command: Extract<Durable, { type: "issuer.forward" }>, refuse: boolean) {
    const { payment, visit, token, allowance } = command;
    const held = this.books.get(payment);
    const receipt = `receipt-${payment}`;
    assert.ok(!this.allowances.has(allowance), `${allowance} is used twice`);
    this.allowances.add(allowance);
    if (held === "captured") return { type: "issuer.captured", receipt };
    if (refuse || held === "reversed") {
      if (held !== undefined && held !== "reversed") this.books.set(payment, "declined");
      return { type: "issuer.forward_refused", reason: "insufficient_funds" };
    }
    this.charged.push({ visit, token, payment });
    this.books.set(payment, "captured");
    this.captures += 1;
    return { type: "issuer.captured", receipt };
  }

  #settle(command: Durable, refuse: boolean): { type: string; [key: string]: unknown } {
    const { payment } = command, held = this.books.get(payment);
    switch (command.type) {
      case "issuer.authorise": {
        assert.equal(held, undefined, `${payment} is authorised twice`);
        const { visit, token } = command;
        assert.ok(this.charged.every((other) => other.token !== token), `${token} is used twice`);
        this.charged.push({ visit, token, payment });
        if (payment.endsWith("3")) {
          this.books.set(payment, "asking");
          this.#questions.push({ payment, amount_minor: command.amount_minor });
          const question = { approval: `question-${payment}`, reason: "limit", until_ms: 9e12 };
          return { type: "issuer.approval_needed", ...question };
        }
        this.books.set(payment, refuse ? "declined" : "authorised");
        return refuse
          ? { type: "issuer.declined", reason: "limit" }
          : { type: "issuer.authorised", authorisation: `auth-${payment}`, expires_ms: 9e12 };
      }
      case "issuer.conduct":
        assert.equal(held, "asking", `${payment} is conducted without the shopper's yes`);
        this.books.set(payment, refuse ? "declined" : "authorised");
        return refuse
          ? { type: "issuer.declined", reason: "limit" }
          : { type: "issuer.authorised", authorisation: `auth-${payment}`, expires_ms: 9e12 };
      case "issuer.attest":
        return refuse
          ? { type: "issuer.attestation_refused", attempt: command.attempt, reason: "unknown" }
          : { type: "issuer.attested", attempt: command.attempt, eligible: command.needs };
      case "challenge.check":
      case "turn.pose":
      case "voice.ask":
        return atTheLane(command);
      case "issuer.capture":
        assert.equal(held, "authorised", `${payment} is captured without an authorisation`);
        assert.equal(command.authorisation, `auth-${payment}`);
        if (refuse) return { type: "issuer.capture_refused", reason: "expired" };
        this.books.set(payment, "captured");
        this.captures += 1;
        return { type: "issuer.captured", receipt: `receipt-${payment}` };
      case "issuer.forward":
        return this.#forward(command, refuse);
      case "issuer.refund":
        throw new Error("nobody gives anything back in this shop");
      case "issuer.reverse":
        assert.notEqual(held, "captured", `${payment} is reversed after its capture`);
        this.books.set(payment, "reversed");
        return { type: "issuer.reversed" };
    }
  }
}

/** What whoever stands there does when they are asked: all that they should, the first of them. */
function atTheLane(
  command: Extract<Durable, { type: "challenge.check" | "turn.pose" | "voice.ask" }>,
): { type: string; [key: string]: unknown } {
  const { attempt } = command;
  if (command.type === "turn.pose") return { type: "turn.judged", attempt, outcome: "met" };
  const type = command.type === "voice.ask" ? "voice.heard" : "challenge.checked";
  return { type, attempt, outcome: "right", visit: command.visits[0] };
}
